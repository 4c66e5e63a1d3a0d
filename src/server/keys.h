/*
 * keys.h -- who may ask.
 *
 * A file with one key a line: "KEY", or "NAME KEY" where several keys shall
 * be the same owner (a key that replaces another).  Blank lines and lines
 * with # don't count.  Only digests are kept; every one is compared, in
 * constant time.
 */
#ifndef SERVER_KEYS_H
#define SERVER_KEYS_H

#include "base/error.h"

struct keys;

/* A file without keys, or with short ones (< 16 bytes), is ERROR_SETUP. */
MUST_CHECK bool keys_open(struct keys **keys, const char *path,
                          struct error *err);
void keys_close(struct keys *keys);

/* authorization is the header, NULL = absent.  owner holds size bytes. */
bool keys_know(const struct keys *keys, const char *authorization, char *owner,
               size_t size);

#endif

/*
 * hash.h -- a keyed hash for tables of strings from outside.
 *
 * SipHash-2-4: with a random key, nobody can choose strings that collide.
 * Not for secrets or files (digest.h).
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/base.h"

struct hash_key {
    uint64_t a, b;
};

/* A random key; never fails (falls back to the clock). */
struct hash_key hash_key_random(void);

uint64_t hash_bytes(const struct hash_key *key, const void *data, size_t len);

#endif

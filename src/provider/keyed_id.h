/*
 * keyed_id.h -- a request's name that tells its batch, its text and its
 * record.
 *
 *     0198c2a1b3d47e0f9a6b3c5d7e8f9012-1f2e3d4c-4711
 *     batch_key without dashes         |        the record's key
 *                                      of the text's SHA-256
 *
 * For providers (PROVIDER_KEYED_IDS) whose batches carry no key of ours, or
 * whose request file can't be had back: what a batch holds is told by the
 * answers alone.  A record's key that isn't plain ([A-Za-z0-9-], up to 22)
 * is "_" and 22 digits of its SHA-256.  At most 64 of [A-Za-z0-9_-], all
 * that Anthropic takes (anthropics/anthropic-sdk-python#984).
 */
#ifndef PROVIDER_KEYED_ID_H
#define PROVIDER_KEYED_ID_H

#include "base/error.h"

#define KEYED_ID 65
#define KEYED_RECORD 24

struct keyed_id {
    char key[37];              /* the batch's, with its dashes */
    char text[9];              /* first digits of the text's hash */
    char record[KEYED_RECORD]; /* as keyed_record() makes it */
};

/* The part that tells the record. */
void keyed_record(const char *userid, char *out);
/* text_hash: at least 8 hex digits; out holds KEYED_ID bytes. */
void keyed_id_make(const char *batch_key, const char *text_hash,
                   const char *userid, char *out);
/* False: it is another name. */
bool keyed_id_read(const char *id, size_t len, struct keyed_id *out);

#endif

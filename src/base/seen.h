/*
 * seen.h -- which texts were there before: a set of hashes.
 *
 * Of each text 16 bytes of two keyed hashes are kept (hash.h): two different
 * ones are not taken for the same, whoever chooses them.
 */
#ifndef BASE_SEEN_H
#define BASE_SEEN_H

#include "base/error.h"
#include "base/hash.h"

struct seen {
    struct hash_key keys[2];
    uint64_t (*slots)[2]; /* owned: open addressing, 0 0 = free */
    size_t count, size;
};

void seen_init(struct seen *s);
void seen_release(struct seen *s);
/* *before: it was in the set; now it is in any case. */
MUST_CHECK bool seen_add(struct seen *s, const void *text, size_t len,
                         bool *before, struct error *err);

#endif

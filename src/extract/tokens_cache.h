/*
 * tokens_cache.h -- the counts of pieces seen before.
 *
 * Private to tokens*.c.  Keys are exact: the bytes themselves and their
 * number, in two tables by size.  A newer piece takes the place of an older
 * one; so input can make it useless, never wrong, and never slow beyond the
 * encoding that stands behind it.
 */
#ifndef EXTRACT_TOKENS_CACHE_H
#define EXTRACT_TOKENS_CACHE_H

#include <endian.h>

#include "extract/tokens_bpe.h"

#define SMALL_MOST 15u
#define SMALL_BITS 16u
#define MORE_BITS 18u
#define MORE_BITS_LITTLE 12u
#define LARGE_LEVELS 3u

/* Of pieces up to SMALL_MOST bytes.  The last byte of high is the count
 * (upper half) and the length. */
struct small_entry {
    uint64_t low, high;
};

struct token_counter {
    struct bpe bpe;
    struct small_entry *small; /* owned */
    struct small_entry *more;  /* owned: what small has no room for */
    size_t more_mask;          /* their number less one */
    /* Owned.  Of longer ones, entries of 32, 64 and 128 bytes: the piece and
     * last its count and its length. */
    uint8_t *large[LARGE_LEVELS];
};

/* The cached or computed count of any piece.  Reads nothing beyond len. */
size_t cache_count(struct token_counter *counter, const uint8_t *piece,
                   size_t len);

static inline uint64_t cache_load(const void *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return le64toh(word);
}

static inline struct small_entry small_key(const uint8_t *bytes, size_t len)
{
    static const uint64_t masks[SMALL_MOST + 1][2] = {
        { 0, 0 },
        { 0xff, 0 },
        { 0xffff, 0 },
        { 0xffffff, 0 },
        { 0xffffffff, 0 },
        { 0xffffffffff, 0 },
        { 0xffffffffffff, 0 },
        { 0xffffffffffffff, 0 },
        { UINT64_MAX, 0 },
        { UINT64_MAX, 0xff },
        { UINT64_MAX, 0xffff },
        { UINT64_MAX, 0xffffff },
        { UINT64_MAX, 0xffffffff },
        { UINT64_MAX, 0xffffffffff },
        { UINT64_MAX, 0xffffffffffff },
        { UINT64_MAX, 0xffffffffffffff },
    };
    struct small_entry key;

    key.low = cache_load(bytes) & masks[len][0];
    key.high = (cache_load(bytes + 8) & masks[len][1]) | (uint64_t)len << 56;
    return key;
}

static inline uint64_t small_hash(struct small_entry key)
{
    return key.low * 0x9e3779b97f4a7c15u + key.high * 0xc2b2ae3d27d4eb4fu;
}

static inline bool small_is(const struct small_entry *e, struct small_entry key)
{
    return !((e->low ^ key.low) | (e->high ^ key.high) << 4);
}

static inline struct small_entry *small_slot(const struct token_counter *c,
                                             struct small_entry key)
{
    return &c->small[small_hash(key) >> (64 - SMALL_BITS)];
}

/* The count of a small piece that isn't at its slot. */
size_t small_miss(struct token_counter *counter, struct small_entry *slot,
                  struct small_entry key);

static inline size_t small_count(struct token_counter *c,
                                 struct small_entry *slot,
                                 struct small_entry key)
{
    if (small_is(slot, key))
        return slot->high >> 60;
    return small_miss(c, slot, key);
}

#endif

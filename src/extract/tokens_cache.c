#include "extract/tokens_cache.h"

static const struct {
    unsigned size; /* of an entry; two bytes are count and length */
    unsigned bits; /* of the number of entries */
} levels[LARGE_LEVELS] = { { 32, 13 }, { 64, 11 }, { 128, 10 } };

static struct token_counter *make(const struct vocab *vocab, unsigned more)
{
    struct token_counter *c = calloc(1, sizeof(*c));
    bool ok;
    size_t i;

    if (!c)
        return NULL;
    ok = bpe_init(&c->bpe, vocab);
    c->small = calloc((size_t)1 << SMALL_BITS, sizeof(*c->small));
    c->more = calloc((size_t)1 << more, sizeof(*c->more));
    c->more_mask = ((size_t)1 << more) - 1;
    ok = ok && c->small && c->more;
    for (i = 0; i < LARGE_LEVELS; i++) {
        c->large[i] = calloc((size_t)1 << levels[i].bits, levels[i].size);
        ok = ok && c->large[i];
    }
    if (ok)
        return c;
    token_counter_free(c);
    return NULL;
}

struct token_counter *token_counter_new(const struct vocab *vocab)
{
    return make(vocab, MORE_BITS);
}

struct token_counter *token_counter_new_little(const struct vocab *vocab)
{
    return make(vocab, MORE_BITS_LITTLE);
}

void token_counter_free(struct token_counter *counter)
{
    size_t i;

    if (!counter)
        return;
    bpe_release(&counter->bpe);
    free(counter->small);
    free(counter->more);
    for (i = 0; i < LARGE_LEVELS; i++)
        free(counter->large[i]);
    free(counter);
}

static size_t encode(struct token_counter *c, const uint8_t *piece, size_t len)
{
    size_t count = bpe_count(&c->bpe, piece, len);

    return count ? count : len;
}

size_t small_miss(struct token_counter *c, struct small_entry *slot,
                  struct small_entry key)
{
    uint64_t hash = small_hash(key);
    struct small_entry *more = &c->more[(hash ^ hash >> 20) & c->more_mask];

    if (!small_is(more, key)) {
        const uint64_t words[2] = { htole64(key.low), htole64(key.high) };
        size_t len = key.high >> 56;
        size_t count = encode(c, (const uint8_t *)words, len);

        more->low = key.low;
        more->high = key.high | (uint64_t)count << 60;
    }
    *slot = *more;
    return slot->high >> 60;
}

static size_t count_small(struct token_counter *c, const uint8_t *piece,
                          size_t len)
{
    uint8_t padded[16] = { 0 };
    struct small_entry key;

    memcpy(padded, piece, len);
    key = small_key(padded, len);
    return small_count(c, small_slot(c, key), key);
}

/* The ends and the length tell most apart. */
static uint64_t large_hash(const uint8_t *piece, size_t len)
{
    static const uint64_t prime = 0x9e3779b97f4a7c15u;
    uint64_t hash = len;

    hash = (hash ^ cache_load(piece)) * prime;
    hash = (hash ^ hash >> 32 ^ cache_load(piece + 8)) * prime;
    hash = (hash ^ hash >> 32 ^ cache_load(piece + len - 16)) * prime;
    return (hash ^ hash >> 32 ^ cache_load(piece + len - 8)) * prime;
}

static size_t count_large(struct token_counter *c, const uint8_t *piece,
                          size_t len, unsigned level)
{
    unsigned size = levels[level].size;
    size_t slot = large_hash(piece, len) >> (64 - levels[level].bits);
    uint8_t *entry = c->large[level] + slot * size;
    size_t count;

    if (entry[size - 1] == len && !memcmp(entry, piece, len))
        return entry[size - 2];
    count = encode(c, piece, len);
    memcpy(entry, piece, len);
    entry[size - 2] = (uint8_t)count;
    entry[size - 1] = (uint8_t)len;
    return count;
}

size_t cache_count(struct token_counter *c, const uint8_t *piece, size_t len)
{
    unsigned level;

    if (len <= SMALL_MOST)
        return count_small(c, piece, len);
    for (level = 0; level < LARGE_LEVELS; level++)
        if (len <= levels[level].size - 2)
            return count_large(c, piece, len, level);
    return encode(c, piece, len);
}

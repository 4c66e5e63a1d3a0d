#include "extract/tokens_cache.h"

#define COUNT_MOST 15u

struct token_counter *token_counter_new(const struct vocab *vocab)
{
    struct token_counter *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->small = calloc((size_t)1 << SMALL_BITS, sizeof(*c->small));
    c->large = calloc((size_t)1 << LARGE_BITS, sizeof(*c->large));
    if (bpe_init(&c->bpe, vocab) && c->small && c->large)
        return c;
    token_counter_free(c);
    return NULL;
}

void token_counter_free(struct token_counter *counter)
{
    if (!counter)
        return;
    bpe_release(&counter->bpe);
    free(counter->small);
    free(counter->large);
    free(counter);
}

static size_t encode(struct token_counter *c, const uint8_t *piece, size_t len)
{
    size_t count = bpe_count(&c->bpe, piece, len);

    return count ? count : len;
}

static size_t count_small(struct token_counter *c, const uint8_t *piece,
                          size_t len)
{
    uint8_t padded[16] = { 0 };
    struct small_entry key, *e;
    size_t count;

    memcpy(padded, piece, len);
    key = small_key(padded, len);
    e = small_slot(c, key);
    if (!((e->low ^ key.low) | (e->high ^ key.high) << 4))
        return e->high >> 60;
    count = encode(c, piece, len);
    e->low = key.low;
    e->high = key.high | (uint64_t)count << 60;
    return count;
}

static size_t count_large(struct token_counter *c, const uint8_t *piece,
                          size_t len)
{
    uint8_t padded[32] = { 0 };
    uint64_t key[4], hash = 0, differ = 0;
    struct large_entry *e;
    size_t count;
    int i;

    memcpy(padded, piece, len);
    for (i = 0; i < 4; i++) {
        key[i] = cache_load(padded + 8 * i);
        hash = (hash ^ key[i]) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    key[3] |= (uint64_t)(len - SMALL_MOST - 1) << 56;
    hash = (hash ^ len) * 0x9e3779b97f4a7c15u;
    e = &c->large[hash >> (64 - LARGE_BITS)];
    for (i = 0; i < 3; i++)
        differ |= e->words[i] ^ key[i];
    differ |= (e->words[3] ^ key[3]) << 4;
    if (!differ && e->words[3] >> 60)
        return e->words[3] >> 60;
    count = encode(c, piece, len);
    if (count <= COUNT_MOST) {
        memcpy(e->words, key, sizeof(key));
        e->words[3] |= (uint64_t)count << 60;
    }
    return count;
}

size_t cache_count(struct token_counter *c, const uint8_t *piece, size_t len)
{
    if (len <= SMALL_MOST)
        return count_small(c, piece, len);
    if (len <= LARGE_MOST)
        return count_large(c, piece, len);
    return encode(c, piece, len);
}

size_t cache_miss(struct token_counter *c, const uint8_t *piece, size_t len)
{
    return cache_count(c, piece, len);
}

#include "extract/tokens_bpe.h"

#define FIRST_WORDS 64

bool bpe_init(struct bpe *bpe, const struct vocab *vocab)
{
    bpe->vocab = vocab;
    bpe->words = FIRST_WORDS;
    bpe->ends = malloc(FIRST_WORDS * sizeof(uint64_t));
    bpe->dead = malloc(FIRST_WORDS * sizeof(uint64_t));
    return bpe->ends && bpe->dead;
}

void bpe_release(struct bpe *bpe)
{
    free(bpe->ends);
    free(bpe->dead);
}

uint32_t bpe_token(const struct vocab *v, const uint8_t *bytes, size_t len)
{
    uint32_t token = len ? bpe_longest(v, bytes, bytes + len) : NO_TOKEN;

    return token != NO_TOKEN && v->shapes[token].length == len ? token
                                                               : NO_TOKEN;
}

/* What two tokens merge to, NO_TOKEN (the largest) if they don't. */
static inline uint32_t merged(const struct vocab *v, uint32_t left,
                              uint32_t right)
{
    uint64_t key = PAIR_KEY(left, right);
    size_t bit = PAIR_HASH(key, FILTER_BITS);
    unsigned bits = v->header->pair_bits;
    size_t slot = PAIR_HASH(key, bits);
    uint64_t pair;

    if (!(v->filter[bit / 64] >> (bit % 64) & 1))
        return NO_TOKEN;
    while ((pair = v->pairs[slot]) != PAIR_NONE) {
        if (pair >> PAIR_BITS == key)
            return (uint32_t)pair & (((uint32_t)1 << PAIR_BITS) - 1);
        slot = (slot + 1) & (((size_t)1 << bits) - 1);
    }
    return NO_TOKEN;
}

/*
 * Whether encoding the bytes of both gives both.  Undoes the merges of
 * either side, the latest first, and looks whether one across the border
 * would have come before it; of equal ones the left comes first.
 */
static bool may_follow(const struct vocab *v, uint32_t left, uint32_t right)
{
    uint32_t limit = NO_TOKEN;

    while (merged(v, left, right) >= limit) {
        if (left > right) {
            if (left < SINGLE_BYTES)
                return true;
            limit = left;
            left = v->merges[left].right;
        } else {
            if (right < SINGLE_BYTES)
                return true;
            limit = right + 1;
            right = v->merges[right].left;
        }
    }
    return false;
}

static bool reserve(struct bpe *bpe, size_t words)
{
    uint64_t *ends, *dead;

    if (words <= bpe->words)
        return true;
    ends = malloc(words * sizeof(*ends));
    dead = malloc(words * sizeof(*dead));
    if (!ends || !dead) {
        free(ends);
        free(dead);
        return false;
    }
    bpe_release(bpe);
    bpe->ends = ends;
    bpe->dead = dead;
    bpe->words = words;
    return true;
}

static inline bool get_bit(const uint64_t *bits, size_t at)
{
    return bits[at / 64] >> (at % 64) & 1;
}

static inline void flip_bit(uint64_t *bits, size_t at)
{
    bits[at / 64] ^= (uint64_t)1 << (at % 64);
}

/* The token that ends at at, 0 < at. */
static uint32_t token_before(const struct bpe *bpe, const uint8_t *piece,
                             size_t at)
{
    size_t begin = at;

    while (--begin && !get_bit(bpe->ends, begin))
        continue;
    return bpe_token(bpe->vocab, piece + begin, at - begin);
}

/* The longest of token and its prefixes that may stand at at after last;
 * NO_TOKEN when none may. */
static uint32_t choose(const struct bpe *bpe, size_t at, uint32_t last,
                       uint32_t token)
{
    const struct vocab *v = bpe->vocab;

    while (token != NO_TOKEN) {
        if (!get_bit(bpe->dead, at + v->shapes[token].length) &&
            (last == NO_TOKEN || may_follow(v, last, token)))
            break;
        token = v->shapes[token].prefix;
    }
    return token;
}

size_t bpe_count(struct bpe *bpe, const uint8_t *piece, size_t len)
{
    const struct vocab *v = bpe->vocab;
    uint32_t token = bpe_longest(v, piece, piece + len);
    uint32_t last = NO_TOKEN;
    size_t words = len / 64 + 1;
    size_t count = 0;
    size_t at = 0;

    if (!reserve(bpe, words))
        return 0;
    bpe->ends[0] = bpe->dead[0] = 0; /* all of most pieces */
    if (words > 1) {
        memset(bpe->ends, 0, words * sizeof(uint64_t));
        memset(bpe->dead, 0, words * sizeof(uint64_t));
    }
    for (;;) {
        token = choose(bpe, at, last, token);
        if (token != NO_TOKEN) {
            at += v->shapes[token].length;
            flip_bit(bpe->ends, at);
            count++;
            if (at == len)
                return count;
            last = token;
            token = bpe_longest(v, piece + at, piece + len);
        } else {
            flip_bit(bpe->dead, at);
            flip_bit(bpe->ends, at);
            count--;
            at -= v->shapes[last].length;
            token = v->shapes[last].prefix;
            last = at ? token_before(bpe, piece, at) : NO_TOKEN;
        }
    }
}

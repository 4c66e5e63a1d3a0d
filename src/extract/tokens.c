#include "extract/tokens_block.h"
#include "extract/tokens_cache.h"

/* Nothing that is done at once reaches further than this. */
#define AHEAD (BLOCK + 16)

struct count {
    const uint8_t *at; /* counted up to here */
    size_t tokens;
};

BLOCK_INLINE void count_piece(struct token_counter *c, struct count *count,
                              const uint8_t *end, enum vocab_pattern pattern)
{
    const uint8_t *next = scan_piece(c->bpe.vocab, count->at, end, pattern);
    size_t len = (size_t)(next - count->at);

    count->tokens += cache_count(c, count->at, len);
    count->at = next;
}

/* The whole pieces of the block at count->at, if there are any. */
BLOCK_INLINE bool count_block(struct token_counter *c, struct count *count,
                              enum vocab_pattern pattern, block_reader *read)
{
    const uint8_t *p = count->at;
    uint64_t ends = block_starts(p, pattern, read) & ~(uint64_t)1;
    unsigned begin = 0;

    if (!ends)
        return false;
    for (; ends; ends &= ends - 1) {
        unsigned end = (unsigned)__builtin_ctzll(ends);
        unsigned len = end - begin;

        if (len <= SMALL_MOST) {
            struct small_entry key = small_key(p + begin, len);

            count->tokens += small_count(c, small_slot(c, key), key);
        } else {
            count->tokens += cache_count(c, p + begin, len);
        }
        begin = end;
    }
    count->at = p + begin;
    return true;
}

BLOCK_INLINE size_t count_pattern(struct token_counter *c, const uint8_t *text,
                                  size_t len, size_t limit,
                                  enum vocab_pattern pattern,
                                  block_reader *read)
{
    const uint8_t *end = text + len;
    struct count count = { text, 0 };

    while (end - count.at >= AHEAD && count.tokens <= limit) {
        if (count_block(c, &count, pattern, read))
            continue;
        do
            count_piece(c, &count, end, pattern);
        while (end - count.at >= AHEAD && ((count.at[0] | count.at[1]) & 0x80));
    }
    while (count.at < end && count.tokens <= limit)
        count_piece(c, &count, end, pattern);
    return count.tokens;
}

static size_t count_any(struct token_counter *c, const uint8_t *p, size_t len,
                        size_t limit)
{
    return c->bpe.vocab->pattern == PATTERN_O200K
               ? count_pattern(c, p, len, limit, PATTERN_O200K, block_read_any)
               : count_pattern(c, p, len, limit, PATTERN_CL100K,
                               block_read_any);
}

#ifdef BLOCK_AVX2
BLOCK_AVX2 static size_t count_avx2(struct token_counter *c, const uint8_t *p,
                                    size_t len, size_t limit)
{
    return c->bpe.vocab->pattern == PATTERN_O200K
               ? count_pattern(c, p, len, limit, PATTERN_O200K, block_read_avx2)
               : count_pattern(c, p, len, limit, PATTERN_CL100K,
                               block_read_avx2);
}
#endif

/* Of a text that is counted to its end, or till there are more than
 * limit. */
static size_t count_up_to(struct token_counter *c, const char *text, size_t len,
                          size_t limit)
{
    const uint8_t *p = (const uint8_t *)text;

#ifdef BLOCK_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("bmi2"))
        return count_avx2(c, p, len, limit);
#endif
    return count_any(c, p, len, limit);
}

size_t tokens_count(struct token_counter *counter, const char *text, size_t len)
{
    return count_up_to(counter, text, len, SIZE_MAX);
}

bool tokens_exceed(struct token_counter *counter, const char *text, size_t len,
                   size_t limit)
{
    /* No token is shorter than a byte. */
    return len > limit && count_up_to(counter, text, len, limit) > limit;
}

/* The tokens of one piece to ids; how many. */
static size_t piece_ids(struct bpe *bpe, const uint8_t *piece, size_t len,
                        uint32_t *ids, size_t room)
{
    size_t count = bpe_count(bpe, piece, len);
    size_t at = 0;
    size_t i;

    for (i = 0; i < count && i < room; i++) {
        size_t end = bpe_next_end(bpe, at);

        ids[i] = bpe_token(bpe->vocab, piece + at, end - at);
        at = end;
    }
    return count ? count : len;
}

size_t tokens_ids(struct token_counter *counter, const char *text, size_t len,
                  uint32_t *ids, size_t room)
{
    const struct vocab *v = counter->bpe.vocab;
    const uint8_t *p = (const uint8_t *)text;
    const uint8_t *end = p + len;
    size_t count = 0;

    while (p < end) {
        const uint8_t *next = scan_piece(v, p, end, v->pattern);
        size_t used = count < room ? count : room;

        count += piece_ids(&counter->bpe, p, (size_t)(next - p), ids + used,
                           room - used);
        p = next;
    }
    return count;
}

#include "extract/tokens_cache.h"
#include "extract/tokens_scan.h"

/* Of a text that is counted to its end, or till there are more than
 * limit. */
static size_t count_up_to(struct token_counter *c, const uint8_t *p, size_t len,
                          size_t limit)
{
    const struct vocab *v = c->bpe.vocab;
    const uint8_t *end = p + len;
    size_t count = 0;

    while (p < end && count <= limit) {
        const uint8_t *next = scan_piece(v, p, end, v->pattern);

        count += end - p >= 16 ? cache_count_fast(c, p, (size_t)(next - p))
                               : cache_count(c, p, (size_t)(next - p));
        p = next;
    }
    return count;
}

size_t tokens_count(struct token_counter *counter, const char *text, size_t len)
{
    return count_up_to(counter, (const uint8_t *)text, len, SIZE_MAX);
}

bool tokens_exceed(struct token_counter *counter, const char *text, size_t len,
                   size_t limit)
{
    /* No token is shorter than a byte. */
    return len > limit &&
           count_up_to(counter, (const uint8_t *)text, len, limit) > limit;
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

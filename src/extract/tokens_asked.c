/*
 * tokens_asked.c -- where to cut when only an endpoint can count.
 *
 * A bisection that begins at the text's own rate of tokens a byte: a text of
 * one kind is within 2 % of the limit after two or three questions.
 */
#include "base/text.h"
#include "extract/tokens.h"

#define ASKS 6        /* for each end */
#define NEAR_ENOUGH 2 /* per cent of the limit */
#define BLANK_WITHIN 24

/* One end of the text: size bytes of it. */
struct end {
    const char *text; /* borrowed */
    size_t len;
    bool is_tail;
};

static const char *begin_of(const struct end *e, size_t size)
{
    return e->is_tail ? e->text + e->len - size : e->text;
}

/* As much or less, not within a character, at a blank when one is near. */
static size_t round_down(const struct end *e, size_t size)
{
    size_t at, i;

    if (e->is_tail) {
        at = e->len - size;
        while (at < e->len && ((unsigned char)e->text[at] & 0xc0) == 0x80)
            at++;
        for (i = 0; i < BLANK_WITHIN && at + i < e->len; i++)
            if (e->text[at + i] == ' ' || e->text[at + i] == '\n')
                return e->len - (at + i);
        return e->len - at;
    }
    at = utf8_cut(e->text, e->len, size, TEXT_BYTES);
    for (i = 0; i < BLANK_WITHIN && i < at; i++)
        if (e->text[at - i] == ' ' || e->text[at - i] == '\n')
            return at - i;
    return at;
}

/* The bytes of the end that have at most limit tokens; all has the rate. */
static bool find_size(const struct token_teller *teller, const struct end *e,
                      size_t all, size_t limit, size_t *size, size_t *tokens,
                      struct error *err)
{
    size_t low = 0, high = e->len, count, asked, try;

    *size = *tokens = 0;
    try = (size_t)((double)e->len * (double)limit / (double)all);
    for (asked = 0; asked < ASKS && high - low > 1; asked++) {
        if (try <= low || try >= high)
            try = low + (high - low) / 2;
        try = round_down(e, try);
        if (try <= low)
            break;
        if (!teller->count(teller->context, begin_of(e, try), try, &count, err))
            return false;
        if (count > limit) {
            high = try;
        } else {
            low = *size = try;
            *tokens = count;
            if ((limit - count) * 100 <= limit * NEAR_ENOUGH)
                break;
        }
        try = (size_t)((double)try * (double)limit / (double)(count + !count));
    }
    return true;
}

bool tokens_cut_asked(const struct token_teller *teller, const char *text,
                      size_t len, size_t head_limit, size_t tail_limit,
                      struct token_cut *cut, struct error *err)
{
    struct end head = { text, len, false }, tail;
    size_t size;

    memset(cut, 0, sizeof(*cut));
    cut->head = cut->tail = len;
    if (!teller->count(teller->context, text, len, &cut->tokens, err))
        return false;
    if (cut->tokens <= head_limit + tail_limit)
        return true;
    if (!find_size(teller, &head, cut->tokens, head_limit, &cut->head,
                   &cut->head_tokens, err))
        return false;
    tail = (struct end){ text + cut->head, len - cut->head, true };
    if (!find_size(teller, &tail, cut->tokens, tail_limit, &size,
                   &cut->tail_tokens, err))
        return false;
    cut->tail = len - size;
    return true;
}

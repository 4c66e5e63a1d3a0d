#include "extract/tokens_cache.h"
#include "extract/tokens_scan.h"

/* A walk by pieces. */
struct walk {
    struct token_counter *counter; /* borrowed */
    const uint8_t *text;           /* borrowed */
    size_t len;
    size_t at, next; /* the piece */
    size_t before;   /* tokens before it */
    size_t tokens;   /* in it */
};

/* The next piece; false at the end. */
static bool walk_on(struct walk *w)
{
    const struct vocab *v = w->counter->bpe.vocab;
    const uint8_t *end = w->text + w->len;

    w->at = w->next;
    w->before += w->tokens;
    w->tokens = 0;
    if (w->at == w->len)
        return false;
    w->next =
        (size_t)(scan_piece(v, w->text + w->at, end, v->pattern) - w->text);
    w->tokens = cache_count(w->counter, w->text + w->at, w->next - w->at);
    return true;
}

/* Where the walk's piece has count tokens behind it. */
static size_t place_after(const struct walk *w, size_t count)
{
    struct bpe *bpe = &w->counter->bpe;
    size_t end = 0;

    if (!count)
        return w->at;
    if (count >= w->tokens || !bpe_count(bpe, w->text + w->at, w->next - w->at))
        return w->next;
    while (count--)
        end = bpe_next_end(bpe, end);
    return w->at + end;
}

/* A token may end within a character. */
static size_t character_before(const struct walk *w, size_t at)
{
    while (at > w->at && at < w->len && scan_is_tail(w->text[at]))
        at--;
    return at;
}

static size_t character_after(const struct walk *w, size_t at)
{
    while (at < w->len && scan_is_tail(w->text[at]))
        at++;
    return at;
}

static size_t find_head(struct token_counter *counter, const char *text,
                        size_t len, size_t limit)
{
    struct walk w = { counter, (const uint8_t *)text, len, 0, 0, 0, 0 };

    while (walk_on(&w))
        if (w.before + w.tokens > limit)
            return character_before(&w, place_after(&w, limit - w.before));
    return len;
}

/*
 * A cut changes the tokens before it only where a piece depends on what
 * follows (cl100k's blanks at the end of a text) or the cut had to be moved
 * out of a token: hardly ever, by little.  Then it is tried again for less.
 */
static void cut_head(struct token_counter *counter, const char *text,
                     size_t len, size_t limit, struct token_cut *cut)
{
    size_t most = limit;
    size_t less = 1;

    for (;; less *= 2) {
        cut->head = find_head(counter, text, len, most);
        cut->head_tokens = tokens_count(counter, text, cut->head);
        if (cut->head_tokens <= limit)
            return;
        most = most > less ? most - less : 0;
    }
}

/* What begins with a piece has the tokens it had in the whole text; what
 * begins within one is counted. */
static void cut_tail(struct token_counter *counter, const char *text,
                     size_t len, size_t limit, struct token_cut *cut)
{
    struct walk w = { counter, (const uint8_t *)text, len, 0, 0, 0, 0 };
    size_t skip = cut->tokens - limit;
    size_t more;

    while (walk_on(&w) && w.before + w.tokens < skip)
        continue;
    for (more = 0; skip + more < w.before + w.tokens; more = 2 * more + 1) {
        cut->tail =
            character_after(&w, place_after(&w, skip + more - w.before));
        cut->tail_tokens =
            tokens_count(counter, text + cut->tail, len - cut->tail);
        if (cut->tail_tokens <= limit)
            return;
    }
    cut->tail = w.next;
    cut->tail_tokens = cut->tokens - w.before - w.tokens;
}

void tokens_cut(struct token_counter *counter, const char *text, size_t len,
                size_t head_limit, size_t tail_limit, struct token_cut *cut)
{
    cut->tokens = tokens_count(counter, text, len);
    cut->head = cut->tail = len;
    cut->head_tokens = cut->tokens;
    cut->tail_tokens = 0;
    if (cut->tokens <= head_limit || cut->tokens - head_limit <= tail_limit)
        return;
    cut_head(counter, text, len, head_limit, cut);
    cut_tail(counter, text, len, tail_limit, cut);
}

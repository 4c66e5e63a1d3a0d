#include "extract/ground_match.h"

#include "base/text.h"

static const struct token *value_token(const struct needle *n, size_t i)
{
    return &n->list->tokens[n->from + i];
}

static size_t value_tokens(const struct needle *n)
{
    return n->to - n->from;
}

static const uint32_t *value_chars(const struct needle *n, size_t *len)
{
    const struct token *first = value_token(n, 0);
    const struct token *last = value_token(n, value_tokens(n) - 1);

    *len = last->at + last->len - first->at;
    return n->list->chars + first->at;
}

/* Digits don't run together with their neighbours: a run of the text is a
 * run of the value.  *token is the value's token that begins at or after
 * at; it only moves on. */
static bool same_run(const struct needle *n, size_t at, size_t len,
                     size_t *token)
{
    const struct token *t;

    while (value_token(n, *token)->at < at)
        ++*token;
    t = value_token(n, *token);
    return t->at == at && t->len == len && t->kind == TOKEN_DIGITS;
}

/* The value at the text's token first: one past its last, or 0. */
static uint32_t whole_at(struct needle *n, uint32_t first)
{
    const struct token_list *list = &n->index->list;
    size_t len;
    const uint32_t *chars = value_chars(n, &len);
    size_t begin = value_token(n, 0)->at;
    size_t used = 0, token = 0;
    uint32_t i;

    for (i = first; i < list->used && n->work; i++, n->work--) {
        const struct token *t = &list->tokens[i];

        if (t->len > len - used || memcmp(list->chars + t->at, chars + used,
                                          t->len * sizeof(*chars)) != 0)
            return 0;
        if (t->kind == TOKEN_DIGITS &&
            !same_run(n, begin + used, t->len, &token))
            return 0;
        used += t->len;
        if (used == len)
            return i + 1;
    }
    return 0;
}

static bool is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
           (unsigned char)c >= 0x80;
}

static bool is_lower(const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (s[i] >= 'A' && s[i] <= 'Z')
            return false;
    return true;
}

/* A word stands right before the text's token i, past blanks only. */
static bool follows_word(const struct index *x, size_t i)
{
    const struct token *t = &x->list.tokens[i];
    uint32_t at;

    if (!i || i == x->list.used || t[-1].kind == TOKEN_DIGITS)
        return false;
    for (at = t[-1].end; at < t->start; at++)
        if (x->text[at] != ' ')
            return false;
    return true;
}

static bool is_two_letters(const uint32_t *chars, const char *const *words,
                           size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (chars[0] == (unsigned char)words[i][0] &&
            chars[1] == (unsigned char)words[i][1])
            return true;
    return false;
}

/* "OR", "IN", "Go" are a state, a state and a trade; "or", "in", "go"
 * inside of a sentence aren't. */
static bool is_common_word(const struct needle *n, uint32_t i)
{
    static const char *const words[] = { "am", "an", "as", "at", "be", "by",
                                         "de", "do", "go", "hi", "he", "if",
                                         "in", "is", "it", "la", "me", "my",
                                         "no", "of", "oh", "ok", "on", "or",
                                         "pa", "so", "to", "up", "us", "we" };
    const struct token *t = &n->index->list.tokens[i];
    const struct token *v = value_token(n, 0);

    if (value_tokens(n) != 1 || v->len != 2 ||
        is_lower(n->text + v->start, v->end - v->start) ||
        !is_lower(n->index->text + t->start, t->end - t->start) ||
        !is_two_letters(n->list->chars + v->at, words, ARRAY_LEN(words)))
        return false;
    return follows_word(n->index, i) || follows_word(n->index, i + 1);
}

/* A single character of a name ("王") must begin or end a run: inside of
 * one it is part of any other word. */
static bool is_inside_run(const struct needle *n, uint32_t i)
{
    const struct token_list *list = &n->index->list;
    const struct token *t = &list->tokens[i];

    return value_tokens(n) == 1 && t->kind == TOKEN_CHARACTER && i &&
           t[-1].kind == TOKEN_CHARACTER && t[-1].end == t->start &&
           i + 1 < list->used && t[1].kind == TOKEN_CHARACTER &&
           t[1].start == t->end;
}

bool sign_follows(const struct index *x, uint32_t end)
{
    const struct token *tokens = x->list.tokens;

    return end < x->list.used && tokens[end].kind == TOKEN_SIGN &&
           tokens[end].start == tokens[end - 1].end;
}

bool is_bracketed(const char *text, const struct token *t)
{
    const char *before = text + t->start;

    return (t->start && before[-1] == '(') ||
           (t->start >= 3 && !memcmp(before - 3, "\xef\xbc\x88", 3)) ||
           (t->end - t->start == 3 && !memcmp(before, "\xe3\x88", 2));
}

/* The form beside a place of the text: before its first token or after its
 * last. */
static int legal_form_beside(const struct needle *n, uint32_t first,
                             uint32_t end, bool before)
{
    const struct token_list *list = &n->index->list;
    const struct token *last = &list->tokens[end - 1];
    size_t after = (size_t)last->at + last->len;
    size_t taken;
    int form;

    if (before ? first == 0 : end == list->used)
        return 0;
    form = before ? legal_form_at(list->chars, list->tokens[first].at, true,
                                  &taken)
                  : legal_form_at(list->chars + after, list->chars_used - after,
                                  false, &taken);
    if (taken == 1 &&
        !is_bracketed(n->index->text, &list->tokens[before ? first - 1 : end]))
        return 0;
    return form;
}

/* The value's legal form was taken off, and the text has another. */
static bool other_legal_form(const struct needle *n, uint32_t first,
                             uint32_t end)
{
    return n->legal_form &&
           (is_other_legal_form(n->legal_form,
                                legal_form_beside(n, first, end, true)) ||
            is_other_legal_form(n->legal_form,
                                legal_form_beside(n, first, end, false)));
}

/*
 * E-mails and URLs.
 */

bool is_identifier(const char *s, size_t len)
{
    const char *dot = memchr(s, '.', len);
    size_t i;

    for (i = 0; i < len; i++)
        if ((unsigned char)s[i] <= ' ')
            return false;
    return memchr(s, '@', len) ||
           (dot && memchr(dot, '/', len - (size_t)(dot - s)));
}

/* Folded characters one by one, blanks left out. */
struct folding {
    const char *s;
    size_t len, at;
    uint32_t folded[4];
    size_t count, given;
};

static uint32_t next_folded(struct folding *f)
{
    while (f->given == f->count) {
        uint32_t c;
        size_t n;

        if (f->at == f->len)
            return 0;
        n = utf8_decode(f->s + f->at, f->len - f->at, &c);
        if (!n) {
            c = 0xfffd;
            n = utf8_bad_len(f->s + f->at, f->len - f->at);
        }
        f->at += n;
        f->given = 0;
        f->count = text_is_space(c) ? 0 : text_fold_codepoint(c, f->folded);
    }
    return f->folded[f->given++];
}

/* A sign that holds the parts of an address together. */
static bool holds_together(char c)
{
    return c == '.' || c == '-' || c == '_' || c == '+' || c == '@' || c == '%';
}

static bool is_part_of_more(const char *text, size_t len, size_t start,
                            size_t end)
{
    bool www = start >= 4 && !memcmp(text + start - 4, "www.", 4);

    if (start >= 2 && holds_together(text[start - 1]) &&
        is_word_byte(text[start - 2]) && !www)
        return true;
    return end + 2 <= len && holds_together(text[end]) &&
           is_word_byte(text[end + 1]);
}

/* The text between two tokens is the value's, but for blanks and case, and
 * no more of an address around it. */
static bool match_identifier(const struct needle *n, uint32_t first,
                             uint32_t end)
{
    const struct index *x = n->index;
    size_t start = x->list.tokens[first].start;
    size_t stop = x->list.tokens[end - 1].end;
    const struct token *a = value_token(n, 0);
    const struct token *b = value_token(n, value_tokens(n) - 1);
    struct folding text = { .s = x->text + start, .len = stop - start };
    struct folding value = { .s = n->text + a->start,
                             .len = b->end - a->start };
    uint32_t c;

    if (is_part_of_more(x->text, x->len, start, stop))
        return false;
    do {
        c = next_folded(&text);
        if (c != next_folded(&value))
            return false;
    } while (c);
    return true;
}

static bool is_acceptable(const struct needle *n, uint32_t first, uint32_t end)
{
    if (sign_follows(n->index, end) || is_inside_run(n, first) ||
        is_common_word(n, first) || other_legal_form(n, first, end))
        return false;
    return !n->identifier || match_identifier(n, first, end);
}

static bool same_bytes(const struct needle *n, uint32_t first, uint32_t end)
{
    const struct token *tokens = n->index->list.tokens;
    size_t start = tokens[first].start;
    size_t len = tokens[end - 1].end - start;
    const struct token *a = value_token(n, 0);
    const struct token *b = value_token(n, value_tokens(n) - 1);

    return len == b->end - a->start &&
           !memcmp(n->index->text + start, n->text + a->start, len);
}

/* Goes on with the candidates while what was found is not exact. */
static bool try_at(struct needle *n, uint32_t first, struct place *place)
{
    uint32_t end = whole_at(n, first);

    if (!end || !is_acceptable(n, first, end))
        return false;
    if (same_bytes(n, first, end))
        *place = (struct place){ first, end, true, 0 };
    else if (!place->end)
        *place = (struct place){ first, end, false, 0 };
    return place->exact;
}

static void match_grams(struct needle *n, const struct grams *grams, size_t len,
                        struct place *place)
{
    size_t all;
    const uint32_t *chars = value_chars(n, &all);
    uint32_t i = index_gram(n->index, grams, chars, len);

    for (; i != NO_PLACE && n->work; i = grams->next[i], n->work--)
        if (try_at(n, i, place))
            return;
}

/* Values too short for a gram. */
static void match_first_word(struct needle *n, struct place *place)
{
    const struct index *x = n->index;
    const struct token *t = value_token(n, 0);
    uint32_t word = index_word(x, n->list->chars + t->at, t->len);
    uint32_t i = word == NO_WORD ? NO_PLACE : x->words[word].first;

    for (; i != NO_PLACE && n->work; i = x->next_place[i], n->work--)
        if (i < x->list.used && try_at(n, i, place))
            return;
}

bool match_whole(struct needle *n, struct place *place)
{
    size_t len;

    if (!n->index->list.used)
        return false;
    value_chars(n, &len);
    if (len >= GRAM_LONG)
        match_grams(n, &n->index->by_long, GRAM_LONG, place);
    else if (len >= GRAM_SHORT)
        match_grams(n, &n->index->by_short, GRAM_SHORT, place);
    else
        match_first_word(n, place);
    return place->end != 0;
}

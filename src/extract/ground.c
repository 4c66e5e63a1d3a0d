#include "extract/ground.h"

#include "extract/ground_match.h"

const char *const ground_how_names[] = {
    [GROUND_MISSING] = "missing", [GROUND_NOT_LOOKED] = "not looked for",
    [GROUND_EXACT] = "exact",     [GROUND_NORMALISED] = "normalised",
    [GROUND_FUZZY] = "fuzzy",
};

struct ground {
    struct index index;
    struct token_list value;
};

struct ground *ground_new(void)
{
    struct ground *g = calloc(1, sizeof(*g));

    if (g && !index_build(&g->index, "", 0)) {
        ground_free(g);
        return NULL;
    }
    return g;
}

void ground_free(struct ground *g)
{
    if (!g)
        return;
    index_release(&g->index);
    tokens_release(&g->value);
    free(g);
}

bool ground_text(struct ground *g, const char *text, size_t len,
                 struct error *err)
{
    bool too_long = len > GROUND_TEXT_MOST;

    if (!too_long && index_build(&g->index, text, len))
        return true;
    /* Nothing of the text before may be found any more. */
    if (!index_build(&g->index, "", 0) || !too_long)
        return error_memory(err);
    return error_set(err, ERROR_REJECT,
                     "text of %zu bytes is too long for grounding", len);
}

/* Takes a legal form off one end of the value; at least two characters of
 * a name must be left. */
static bool strip_legal_form(struct needle *n, bool at_end)
{
    const struct token *tokens = n->list->tokens;
    const struct token *last = &tokens[n->to - 1];
    size_t begin = tokens[n->from].at;
    size_t len = last->at + last->len - begin;
    size_t taken;
    int form = legal_form_at(n->list->chars + begin, len, at_end, &taken);

    if (!form || len < taken + 2 ||
        (taken == 1 &&
         !is_bracketed(n->text, at_end ? last : &tokens[n->from])))
        return false;
    n->legal_form = form;
    if (at_end)
        while (tokens[n->to - 1].at >= begin + len - taken)
            n->to--;
    else
        while (tokens[n->from].at < begin + taken)
            n->from++;
    return true;
}

/* Without the company's legal form, which the text may not have. */
static bool match_bare(const struct needle *whole, struct place *place)
{
    struct needle n = *whole;

    if (!strip_legal_form(&n, true) && !strip_legal_form(&n, false))
        return false;
    if (!match_whole(&n, place))
        return false;
    place->exact = false;
    return true;
}

#define NAME_MOST 8 /* characters */

static bool touches(const struct index *x, size_t i)
{
    const struct token *t = &x->list.tokens[i];

    return i && i < x->list.used && t->kind == TOKEN_CHARACTER &&
           t[-1].kind == TOKEN_CHARACTER && t[-1].end == t->start;
}

/* The place is a name of its own that is parted before token part, on one
 * line. */
static bool is_parted_name(const struct index *x, const struct place *place,
                           size_t part)
{
    const struct token *t = &x->list.tokens[part];
    size_t gap = t->start - t[-1].end;

    return gap && !memchr(x->text + t[-1].end, '\n', gap) &&
           !touches(x, place->first) && !touches(x, place->end);
}

/* The value's tokens from split on, then those before it. */
static bool turn(struct ground *g, struct needle *n, size_t split)
{
    size_t count = n->to - n->from;
    uint32_t at = g->value.tokens[split].start;

    n->from = g->value.used;
    if (!tokens_add(&g->value, n->text + at, n->text_len - at) ||
        !tokens_add(&g->value, n->text, at))
        return false;
    n->to = g->value.used;
    return n->to - n->from == count;
}

/* A name of a script without blanks, given name first: "太郎 山田" for
 * "山田太郎". */
static bool match_turned(struct ground *g, const struct needle *whole,
                         struct place *place)
{
    size_t count = whole->to - whole->from;
    size_t i, split;

    if (count < 3 || count > NAME_MOST)
        return false;
    for (i = 0; i < count; i++)
        if (whole->list->tokens[i].kind != TOKEN_CHARACTER)
            return false;
    for (split = 1; split < count; split++) {
        struct needle n = *whole;

        if (!turn(g, &n, split) || !match_whole(&n, place))
            continue;
        place->exact = false;
        if (is_parted_name(&g->index, place, place->first + count - split))
            return true;
        *place = (struct place){ 0 };
    }
    return false;
}

static bool match(struct ground *g, struct needle *n, struct place *place)
{
    if (match_whole(n, place))
        return true;
    if (n->identifier)
        return false;
    if (is_phone(n))
        return match_phone(n, place);
    return match_bare(n, place) || match_words(n, place) ||
           match_turned(g, n, place);
}

/* What URLs are written with and without. */
static size_t skip_scheme(const char *s, size_t len)
{
    static const char *const starts[] = { "https://", "http://",
                                          "mailto:", "www." };
    size_t at = 0;
    size_t i;

    for (i = 0; i < ARRAY_LEN(starts); i++) {
        size_t n = strlen(starts[i]);
        size_t j = 0;

        while (j < n && at + j < len && (s[at + j] | 32) == (starts[i][j] | 32))
            j++;
        if (j == n)
            at += n;
    }
    return at;
}

/* Enough to look at each token of the text twice. */
static size_t work_allowed(const struct index *x)
{
    return 2 * x->list.used + 100000;
}

bool ground_find(struct ground *g, const char *value, size_t len,
                 struct ground_hit *hit)
{
    struct needle n = { .index = &g->index, .list = &g->value };
    struct place place = { 0 };
    const struct token *tokens = g->index.list.tokens;
    size_t skipped, start;

    *hit = (struct ground_hit){ .how = GROUND_NOT_LOOKED };
    if (len > GROUND_VALUE_MOST)
        return false;
    n.identifier = is_identifier(value, len);
    skipped = n.identifier ? skip_scheme(value, len) : 0;
    n.text = value + skipped;
    n.text_len = len - skipped;
    g->value.used = g->value.chars_used = 0;
    if (!tokens_add(&g->value, n.text, n.text_len) || !g->value.used)
        return false;
    n.to = g->value.used;
    n.work = work_allowed(&g->index);
    hit->how = GROUND_MISSING;
    if (!match(g, &n, &place))
        return false;
    start = tokens[place.first].start;
    /* The scheme may be there or not; byte for byte it has to be. */
    if (skipped > start ||
        memcmp(g->index.text + start - skipped, value, skipped) != 0)
        place.exact = false;
    hit->how = place.exact   ? GROUND_EXACT
               : place.fuzzy ? GROUND_FUZZY
                             : GROUND_NORMALISED;
    hit->offset = start;
    hit->len = tokens[place.end - 1].end - hit->offset;
    return true;
}

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

/* Without the company's legal form, which the text may not have. */
static bool match_bare(struct needle *n, struct place *place)
{
    const struct token *tokens = n->list->tokens;
    size_t begin = tokens[0].at;
    size_t end = tokens[n->to - 1].at + tokens[n->to - 1].len;
    size_t from = begin, to = end;

    while (strip_legal_form(n->list->chars, &from, &to))
        continue;
    if (from == begin && to == end)
        return false;
    while (tokens[n->from].at < from)
        n->from++;
    while (tokens[n->to - 1].at >= to)
        n->to--;
    if (!match_whole(n, place))
        return false;
    place->exact = false;
    return true;
}

static bool match(struct needle *n, struct place *place)
{
    if (match_whole(n, place))
        return true;
    if (n->identifier)
        return false;
    if (is_phone(n))
        return match_phone(n, place);
    return match_bare(n, place) || match_words(n, place);
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
    if (!match(&n, &place))
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

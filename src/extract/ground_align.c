#include "extract/ground_likeness.h"
#include "extract/ground_match.h"

#define WORDS_MOST 32  /* longer values match as a whole or not */
#define SKIPPED_MOST 3 /* words of the text in excess, in a row */
#define REORDERED_MOST 4
#define PLACES_MOST 512 /* of one word, to begin at */

struct value_word {
    uint32_t word; /* of the index, NO_WORD = not in the text as it is */
    bool optional;
    struct shape shape;
};

struct alignment {
    struct needle *needle;
    const struct index *index;
    struct value_word words[WORDS_MOST];
    size_t count;
    size_t required;
    unsigned allowed; /* words that may be mistyped */
};

static const struct word *word_at(const struct index *x, uint32_t token)
{
    return &x->words[x->list.tokens[token].word];
}

#define LIKENESS_PRICE 16 /* in comparisons */

/* Somebody may write a text of words that are all nearly alike: what is
 * spent on them counts. */
static void pay(struct needle *n, size_t price)
{
    n->work -= price < n->work ? price : n->work;
}

static bool is_alike(const struct alignment *a, const struct value_word *v,
                     uint32_t word)
{
    const struct index *x = a->index;
    const struct word *w = &x->words[word];

    if (!w->latin || !may_be_alike(&v->shape, w->len, w->letters) ||
        !a->needle->work)
        return false;
    pay(a->needle, LIKENESS_PRICE);
    return words_alike(&v->shape, x->list.chars + w->at, w->len);
}

/* Any word of the text that is v, mistyped. */
static bool has_alike(struct alignment *a, const struct value_word *v)
{
    const struct index *x = a->index;
    size_t most = v->shape.len + v->shape.allowed + 1;
    size_t len = v->shape.len - v->shape.allowed - 1;

    for (; len <= most && len < WORD_LENGTHS; len++) {
        uint32_t word = x->by_length[len];

        for (; word != NO_WORD && a->needle->work;
             word = x->words[word].shorter) {
            a->needle->work--;
            if (is_alike(a, v, word))
                return true;
        }
    }
    return false;
}

/* Small words and legal forms may be missing, unless there's nothing else. */
static void set_optional(struct alignment *a)
{
    size_t i;

    a->required = 0;
    for (i = 0; i < a->count; i++)
        a->required += !a->words[i].optional;
    if (a->required)
        return;
    for (i = 0; i < a->count; i++)
        a->words[i].optional = false;
    a->required = a->count;
}

static void list_words(struct alignment *a)
{
    const struct needle *n = a->needle;
    size_t i;

    for (i = n->from; i < n->to; i++) {
        const struct token *t = &n->list->tokens[i];
        const uint32_t *chars = n->list->chars + t->at;

        a->words[a->count++] = (struct value_word){
            .word = index_word(a->index, chars, t->len),
            .optional = word_role(chars, t->len) != WORD_PLAIN,
            .shape = shape_of(chars, t->len, t->latin),
        };
    }
    set_optional(a);
    a->allowed = a->required < 6 ? 1 : (unsigned)(a->required / 3);
}

/* Each word is in the text, or something like it: most inventions end
 * here. */
static bool all_there(struct alignment *a)
{
    unsigned mistyped = 0;
    size_t i;

    for (i = 0; i < a->count; i++) {
        const struct value_word *v = &a->words[i];

        if (v->optional || v->word != NO_WORD)
            continue;
        if (++mistyped > a->allowed || !v->shape.allowed || !has_alike(a, v))
            return false;
    }
    return true;
}

/* The word v at the text's token i: how many tokens it takes, or 0. */
static uint32_t span_at(struct alignment *a, const struct value_word *v,
                        uint32_t i, unsigned *fuzzy)
{
    const struct index *x = a->index;
    const struct token *t = &x->list.tokens[i];
    const struct join *join = &x->joins[t->join];

    if (t->word == v->word)
        return 1;
    if (t->join && join->word == v->word) {
        *fuzzy += join->guessed;
        return join->span;
    }
    if (is_alike(a, v, t->word)) {
        ++*fuzzy;
        return 1;
    }
    if (t->join && is_alike(a, v, join->word)) {
        ++*fuzzy;
        return join->span;
    }
    return 0;
}

/* A token of the text that the value may be without: a small word, a legal
 * form, an initial. */
static bool is_extra(const struct index *x, uint32_t i)
{
    const struct token *t = &x->list.tokens[i];

    return t->kind == TOKEN_LETTERS &&
           (t->len == 1 || word_at(x, i)->role != WORD_PLAIN);
}

/* The value has a legal form that the text has not there, but another. */
static bool is_other_company(const struct alignment *a, uint32_t end)
{
    const struct index *x = a->index;
    const struct token_list *list = a->needle->list;
    const struct word *w;
    size_t i;

    if (end >= x->list.used)
        return false;
    w = word_at(x, end);
    if (w->role != WORD_LEGAL)
        return false;
    for (i = 0; i < a->count; i++) {
        const struct token *t = &list->tokens[a->needle->from + i];

        if (word_role(list->chars + t->at, t->len) == WORD_LEGAL)
            return !same_legal_form(list->chars + t->at, t->len,
                                    x->list.chars + w->at, w->len);
    }
    return false;
}

/* The value's words in their order, the first of them at token first. */
static bool align_at(struct alignment *a, uint32_t first, struct place *place)
{
    uint32_t i = first, end = first, skipped = 0;
    unsigned fuzzy = 0;
    size_t v = 0;

    while (v < a->count && a->needle->work) {
        uint32_t span = 0;

        a->needle->work--;
        if (i < a->index->list.used)
            span = span_at(a, &a->words[v], i, &fuzzy);
        if (span) {
            i += span;
            end = i;
            skipped = 0;
            v++;
        } else if (a->words[v].optional) {
            v++;
        } else if (i > first && i < a->index->list.used &&
                   skipped < SKIPPED_MOST && is_extra(a->index, i)) {
            i++;
            skipped++;
        } else {
            return false;
        }
    }
    if (v < a->count || end == first || fuzzy > a->allowed ||
        sign_follows(a->index, end) || is_other_company(a, end))
        return false;
    *place = (struct place){ .first = first, .end = end, .fuzzy = fuzzy };
    return true;
}

/* Only blanks, a comma and one line end stand between a token and the one
 * before. */
static bool is_close(const struct index *x, uint32_t i)
{
    const struct token *t = &x->list.tokens[i];
    unsigned lines = 0;
    uint32_t at;

    for (at = t[-1].end; at < t->start; at++) {
        if (!strchr(" ,\t\r\n.", x->text[at]))
            return false;
        lines += x->text[at] == '\n';
    }
    return lines < 2;
}

/* One of the value's words that are left, at token i: what it spans, or
 * 0. */
static uint32_t any_left_at(struct alignment *a, uint32_t i, unsigned *left,
                            unsigned *fuzzy)
{
    size_t v;

    for (v = 0; v < a->count; v++) {
        uint32_t span = *left >> v & 1 ? span_at(a, &a->words[v], i, fuzzy) : 0;

        if (span) {
            *left &= ~(1u << v);
            return span;
        }
    }
    return 0;
}

static bool is_initial(const struct index *x, uint32_t i)
{
    const struct token *t = &x->list.tokens[i];

    return t->kind == TOKEN_LETTERS && t->len == 1;
}

/* The tokens from first on are the value's words, each once, in any order;
 * initials may stand between. */
static bool permuted_at(struct alignment *a, uint32_t first,
                        struct place *place)
{
    const struct index *x = a->index;
    unsigned left = (1u << a->count) - 1, fuzzy = 0;
    uint32_t i = first;

    while (left && i < x->list.used && a->needle->work) {
        uint32_t span;

        a->needle->work--;
        if (i > first && !is_close(x, i))
            return false;
        span = any_left_at(a, i, &left, &fuzzy);
        if (!span && (i == first || !is_initial(x, i)))
            return false;
        i += span ? span : 1;
    }
    if (left || fuzzy > a->allowed || sign_follows(x, i))
        return false;
    *place = (struct place){ .first = first, .end = i, .fuzzy = fuzzy };
    return true;
}

/* Names, which are written "Last, First" too. */
static bool may_be_permuted(const struct alignment *a)
{
    const struct token_list *list = a->needle->list;
    size_t i;

    if (a->count < 2 || a->count > REORDERED_MOST || a->required < a->count)
        return false;
    for (i = a->needle->from; i < a->needle->to; i++)
        if (list->tokens[i].kind != TOKEN_LETTERS)
            return false;
    return true;
}

/* Whether the value lies around this token, where one of its words is. */
static bool around(struct alignment *a, uint32_t token, struct place *place)
{
    uint32_t reach = (uint32_t)a->count + SKIPPED_MOST;
    uint32_t first = token > reach ? token - reach : 0;
    bool permuted = may_be_permuted(a);
    uint32_t i;

    for (i = first; i <= token; i++)
        if (align_at(a, i, place))
            return true;
    for (i = first; permuted && i <= token; i++)
        if (permuted_at(a, i, place))
            return true;
    return false;
}

static bool try_places(struct alignment *a, uint32_t word, struct place *place)
{
    const struct index *x = a->index;
    uint32_t i = x->words[word].first;
    unsigned tried = 0;

    for (; i != NO_PLACE && a->needle->work && tried < PLACES_MOST;
         i = x->next_place[i], tried++) {
        uint32_t token =
            i < x->list.used ? i : x->joins[i - x->list.used].token;

        if (around(a, token, place))
            return true;
    }
    return false;
}

/* The value's rarest word that has not been tried; a->count = none. */
static size_t rarest(const struct alignment *a, uint32_t tried)
{
    size_t best = a->count;
    size_t i;

    for (i = 0; i < a->count; i++) {
        const struct value_word *v = &a->words[i];

        if (v->optional || v->word == NO_WORD || (tried >> i & 1))
            continue;
        if (best == a->count || a->index->words[v->word].count <
                                    a->index->words[a->words[best].word].count)
            best = i;
    }
    return best;
}

/* No word of the value stands in the text as it is: each place of one like
 * it may be the one. */
static bool try_alike(struct alignment *a, struct place *place)
{
    const struct index *x = a->index;
    size_t v, len;

    for (v = 0; v < a->count; v++) {
        const struct shape *shape = &a->words[v].shape;

        if (a->words[v].optional || !shape->allowed)
            continue;
        for (len = shape->len - shape->allowed - 1;
             len <= shape->len + shape->allowed + 1 && len < WORD_LENGTHS;
             len++) {
            uint32_t word = x->by_length[len];

            for (; word != NO_WORD && a->needle->work;
                 word = x->words[word].shorter)
                if (is_alike(a, &a->words[v], word) &&
                    try_places(a, word, place))
                    return true;
        }
    }
    return false;
}

/* One word that is there was looked at as a whole (a join was not). */
static bool is_judged(const struct alignment *a)
{
    uint32_t word = a->words[0].word;

    return a->count == 1 && word != NO_WORD &&
           a->index->words[word].first < a->index->list.used;
}

bool match_words(struct needle *n, struct place *place)
{
    struct alignment a = { .needle = n, .index = n->index };
    uint32_t tried = 0;
    bool any = false;

    if (n->to - n->from > WORDS_MOST || !n->index->list.used)
        return false;
    list_words(&a);
    if (is_judged(&a) || !all_there(&a))
        return false;
    for (;;) {
        size_t i = rarest(&a, tried);

        if (i == a.count)
            break;
        any = true;
        tried |= (uint32_t)1 << i;
        if (try_places(&a, a.words[i].word, place))
            return true;
    }
    return !any && try_alike(&a, place);
}

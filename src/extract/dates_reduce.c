/*
 * dates_reduce.c -- phrases become single tokens, what says nothing goes.
 *
 * A row is a pattern over the class bytes and what to do with its match.
 */
#include "extract/dates_private.h"

#include <stdlib.h>

#define GONE '\x01'

/* Tokens from to to (not included) become one of this class; GONE: none. */
static void replace(struct dates *d, size_t from, size_t to, int class)
{
    size_t i;

    for (i = from; i < to; i++)
        d->classes[i] = GONE;
    d->classes[from] = (char)class;
}

static size_t group_at(const struct dates *d, unsigned group)
{
    size_t start;
    size_t end;

    return pattern_group(d->match, group, &start, &end) ? start : 0;
}

static void drop(struct dates *d, size_t from, size_t to)
{
    replace(d, from, to, GONE);
}

static void drop_duration(struct dates *d, size_t from, size_t to)
{
    replace(d, from, to, CLASS_OTHER);
}

/* "third quarter", "H2" in words. */
static void make_part(struct dates *d, size_t from, size_t to)
{
    size_t a = group_at(d, 1);
    size_t b = group_at(d, 2);
    bool number_first =
        d->classes[b] == CLASS_QUARTER || d->classes[b] == CLASS_HALF;
    size_t number = number_first ? a : b;
    size_t word = number_first ? b : a;
    int months = d->classes[word] == CLASS_QUARTER ? 3 : 6;
    int value = d->tokens[number].value;
    int first = (value - 1) * months + 1;

    if (value < 1 || value > 12 / months) {
        d->tokens[from].value = 13; /* "Q5": no month */
        replace(d, from, to, CLASS_MONTH);
        return;
    }
    d->tokens[from].value = first | (first + months - 1) << 8;
    replace(d, from, to, CLASS_PART);
}

/* A number that is a month by the word beside it. */
static void make_month(struct dates *d, size_t from, size_t to)
{
    d->tokens[from].value = d->tokens[group_at(d, 1)].value;
    replace(d, from, to, CLASS_MONTH);
}

static void make_year(struct dates *d, size_t from, int year)
{
    bool fine = year >= DATES_YEAR_FIRST && year <= DATES_YEAR_LAST;

    d->tokens[from].value = year;
    d->tokens[from].digits = 4;
    d->classes[from] = fine ? CLASS_YEAR : CLASS_FAR;
}

static void make_era_year(struct dates *d, size_t from, size_t to)
{
    int year = d->tokens[from].value + d->tokens[group_at(d, 1)].value;

    drop(d, from, to);
    make_year(d, from, year);
}

/* The end of a range is of the era that its start names. */
static void make_era_end(struct dates *d, size_t from, size_t to)
{
    size_t end = group_at(d, 1);

    (void)to;
    make_year(d, end, d->tokens[from].value + d->tokens[end].value);
}

static void keep_first(struct dates *d, size_t from, size_t to)
{
    replace(d, from, to, d->classes[from]);
}

static void make_short_year(struct dates *d, size_t from, size_t to)
{
    int value = d->tokens[from].value;

    drop(d, from, to);
    make_year(d, from, dates_expand_year(value));
}

static void make_label_year(struct dates *d, size_t from, size_t to)
{
    size_t number = group_at(d, 1);

    (void)from;
    (void)to;
    d->classes[number] = CLASS_SHORT;
}

static void make_day(struct dates *d, size_t from, size_t to)
{
    replace(d, from, to, CLASS_ORDINAL);
}

#define NUMBER "[z01-4]"

static const struct reduction {
    const char *when; /* one of these classes must be there */
    const char *pattern;
    void (*act)(struct dates *d, size_t from, size_t to);
} reductions[] = {
    /* 10:30, 00:00:00.000 */
    { ":", "-?" NUMBER ":" NUMBER "(?::" NUMBER ")?(?:\\.[z01-4CNYF])?", drop },
    /* third quarter, 3. Quartal, second half of; Kuartal I, quarter 2 */
    { "qh",
      "(?|([12ornI])(?:/"
      "1)?[-.]?f*([qh])|([qh])f*[-.]?([12ornI]))(?:s(?=[YF]))?",
      make_part },
    /* III.2014 */
    { "nI", "(n|I(?=[./]))[./]?(?=[YF])", make_month },
    /* thang 4 */
    { "v", "v\\.?([z01-4])", make_month },
    /* 4 with the character for month */
    { "g", "([z01-4])g", make_month },
    /* Heisei 24 year 4 month - 26 year 3 month */
    { "e", "e[1-4C]j[^e]{1,4}?([1-4])(?=jM)", make_era_end },
    /* Heisei 27 */
    { "e", "e([1-4C])j?", make_era_year },
    /* 2015 or 15 with the character for year; else it is a duration */
    { "j", "[YFP]j", keep_first },
    { "j", "[0234]j(?=M)", make_short_year },
    { "i", "[1-4]i", make_day },
    /* FY15, Batch 12-14 */
    { "L", "L[-,.]?([0234])(?![./-]?[YF]|[./-][z01-4][./-])", make_label_year },
    /* 2 years, 1.5 yrs, 10-12 weeks, 18 full months */
    { "Djv",
      "(?<![./])(?:(?<![MSQ])[z01-4CN](?:[.,]" NUMBER ")?[-_=tw])?"
      "[z01-4CNo](?:[.,/][z01-4CN])?-?[lf]?[Djv]",
      drop_duration },
};

void dates_reduce_close(struct dates *d)
{
    size_t i;

    if (!d->reductions)
        return;
    for (i = 0; i < ARRAY_LEN(reductions); i++)
        pattern_free(d->reductions[i]);
    free(d->reductions);
    d->reductions = NULL;
}

bool dates_reduce_open(struct dates *d, struct error *err)
{
    size_t i;

    d->reductions = calloc(ARRAY_LEN(reductions), sizeof(*d->reductions));
    if (!d->reductions)
        return error_memory(err);
    for (i = 0; i < ARRAY_LEN(reductions); i++) {
        d->reductions[i] = pattern_new(reductions[i].pattern, err);
        if (!d->reductions[i])
            return false;
    }
    return true;
}

/* Closes the gaps that GONE left. */
static void compact(struct dates *d)
{
    size_t to = 0;
    size_t i;

    for (i = 0; i < d->count; i++) {
        if (d->classes[i] == GONE)
            continue;
        if (to < i) {
            d->classes[to] = d->classes[i];
            d->tokens[to] = d->tokens[i];
        }
        to++;
    }
    d->count = to;
    d->classes[to] = '\0';
}

static bool any_seen(const struct dates *d, const char *classes)
{
    for (; *classes; classes++)
        if (dates_seen(d, *classes))
            return true;
    return false;
}

static void apply(struct dates *d, size_t row)
{
    bool changed = false;
    size_t at = 0;

    while (
        pattern_find(d->reductions[row], d->classes, d->count, at, d->match)) {
        size_t from = 0;

        pattern_group(d->match, 0, &from, &at);
        reductions[row].act(d, from, at);
        changed = true;
    }
    if (changed)
        compact(d);
}

/* What a class is worth once the phrases are known. */
static int left_over(int class)
{
    switch (class) {
    case CLASS_FILLER:
    case CLASS_UNIT:
    case CLASS_CJK_YEAR:
    case CLASS_CJK_MONTH:
    case CLASS_CJK_DAY:
    case CLASS_COLON:
    case CLASS_NTH:
    case CLASS_ROMAN:
    case CLASS_QUARTER:
    case CLASS_HALF:
    case CLASS_LABEL:
    case CLASS_SPAN_LABEL:
    case CLASS_QUALIFIER: return GONE;
    case CLASS_ROMAN_I: return CLASS_AND;
    case CLASS_ERA:
    case CLASS_MONTH_NUMBER: return CLASS_OTHER;
    default: return class;
    }
}

static bool is_open_mark(int class)
{
    return class == CLASS_HYPHEN || class == CLASS_SPACED ||
           class == CLASS_DASH || class == CLASS_TO;
}

/* "mid-2014", "early to mid 2014", "mid-to-late 2014" */
static void drop_behind_qualifier(struct dates *d, size_t at)
{
    size_t next = at;

    while (next < d->count && strchr("-_=/tw", d->classes[next]))
        next++;
    if (next == d->count || d->classes[next] != CLASS_QUALIFIER)
        next = at < d->count && d->classes[at] == CLASS_HYPHEN ? at + 1 : at;
    while (at < next)
        d->classes[at++] = GONE;
}

/* Drops what is left over; remembers where a dash had text behind it. */
static void clean(struct dates *d)
{
    size_t before = DATES_TOKENS_MOST; /* the last token that stays */
    size_t i;

    for (i = 0; i < d->count; i++) {
        int class = d->classes[i];
        int left = left_over(class);

        d->classes[i] = (char)left;
        if (class == CLASS_QUALIFIER)
            drop_behind_qualifier(d, i + 1);
        if (left == CLASS_OTHER && before < i &&
            d->classes[before] == CLASS_OTHER)
            d->classes[i] = GONE; /* one of them is enough */
        else if (left != GONE)
            before = i;
        else if ((class == CLASS_LABEL || class == CLASS_SPAN_LABEL) &&
                 before < i && is_open_mark(d->classes[before]))
            d->tokens[before].text_after = true;
    }
    compact(d);
}

void dates_reduce(struct dates *d)
{
    size_t row;

    for (row = 0; row < ARRAY_LEN(reductions); row++)
        if (any_seen(d, reductions[row].when))
            apply(d, row);
    d->span_label = dates_seen(d, CLASS_SPAN_LABEL);
    if (any_seen(d, "fDjgi:rnqhlLkIevx"))
        clean(d);
}

/*
 * dates_match.c -- the dates in a row of tokens.
 *
 * Each row is a pattern over the class bytes; the first that fits at a
 * place wins.  The letters of roles say what its groups are:
 *   Y year   T year of two digits   M month word   m month number
 *   d day    D a day that only tells that there is one
 *   a b      day and month in an order that isn't known yet
 * Two months or days make two dates that share the rest.
 */
#include "extract/dates_private.h"

#include "base/strbuf.h"

#include <stdlib.h>

#define GROUPS_MOST 6
#define NONE SIZE_MAX

struct found {
    size_t at[GROUPS_MOST]; /* token of each group, NONE = took no part */
    size_t end;             /* the token behind the match */
};

#define N "[z01-4]"
#define YEAR "[YFP]"
#define SHORT_YEAR "[0234y]"
#define LIGHT "[-_=/|.,]{0,2}"
#define DAY_BEFORE "(?:([z01-4oyCN])" LIGHT ")?"

/* A month number that is really the beginning of something else. */
#define NOT_A_DATE                                                             \
    "(?![MSQ]|-[MSQ]|[/.]" N "|-" N "(?=[-/.])|[-/.][YF](?![-/.]" N "))"
#define NOT_A_LOOSE_DATE "(?![-_=.,]?[MSQ]|[-_/.][z01-4YF])"

static void row_date(struct dates *d, const struct found *f, const char *roles);
static void row_numbers(struct dates *d, const struct found *f, const char *o);
static void row_year_number(struct dates *d, const struct found *f,
                            const char *how);
static void row_years(struct dates *d, const struct found *f, const char *how);
static void row_slashed(struct dates *d, const struct found *f,
                        const char *roles);
static void row_weak(struct dates *d, const struct found *f, const char *roles);
static void row_compact(struct dates *d, const struct found *f, const char *o);
static void row_unknown(struct dates *d, const struct found *f, const char *o);

static const struct row {
    const char *pattern;
    void (*act)(struct dates *d, const struct found *f, const char *argument);
    const char *argument;
} rows[] = {
    /* --- year first --- */
    { "([YF])(?|-(" N ")-(" N ")(?!-[YF](?![-/.]" N "))"
      "|[-_](" N ")[-_](" N ")(?![-_/.]?[YFMSQ])"
      "|/(" N ")/(" N ")(?!/[YF])|\\.(" N ")\\.(" N ")(?!\\.[YF]))",
      row_date, "Ymd" },
    { "([YF])[-/.,]?(M)[-/.,]?([1-4o])(?!,?[YFP]|[/.-][z01-4YF])", row_date,
      "YMd" },
    /* --- days or months that share what follows --- */
    { "(" N ")\\.?[-_=tw](" N ")\\.(" N ")\\.([YF])", row_date, "ddmY" },
    { "(" N ")[-_=tw](" N ")/(" N ")/([YF])", row_date, "ddmY" },
    { "(" N ")\\.(" N ")\\.?[-_=tw](" N ")\\.(" N ")\\.([YF])", row_date,
      "dmdmY" },
    { "(" N ")/(" N ")[-_=tw](" N ")/(" N ")/([YF])", row_numbers, "2" },
    { "(" N ")\\.?[-_=tw](" N ")[/.]([YF])", row_date, "mmY" },
    { "([12])[_=tw]([12])-([YF])", row_date, "mmY" },
    { "([z01-4o])\\.?[-_=tw/]([z01-4o])[.,-]?(M)" LIGHT
      "(?|([YFP])|(" SHORT_YEAR ")(?![/.-]?[z01-4MYF]))",
      row_date, "ddMY" },
    { "(M)[.,]?([z01-4o])[-_=tw]([z01-4o])[.,]?(" YEAR ")(?![-/.]" N ")",
      row_date, "MddY" },
    /* --- day, month and year in numbers --- */
    { "(" N ")(?|-(" N ")-([YFP0234y])|[-_](" N ")[-_](" YEAR ")"
      "|/(" N ")/([YFP0234y])|\\|(" N ")\\|(" YEAR "))",
      row_numbers, "1" },
    { "(" N ")\\.(" N ")\\.([YFP0234y])", row_date, "dmY" },
    { "X[-/.](" N ")[-/.](" YEAR ")", row_date, "mY" },
    { "(" N ")[-/.]X[-/.](" YEAR ")", row_date, "mY" },
    { "X[-/.](?:X[-/.])?(" YEAR ")", row_date, "Y" },
    /* --- month names --- */
    { DAY_BEFORE "(M)(?|[-.,/]?([1zo])" LIGHT "|-([0234])[-,]|/([0234])/"
                 "|[.,]?([0234])[.,/]?)(" YEAR ")",
      row_date, "DMDY" },
    { DAY_BEFORE "([MSQ])(?:" LIGHT "|x)([YFPC])", row_date, "DMY" },
    { "(M)(?|[-.,/]?([z01-4o])[-,/]?(y)|[.,]?([z01-4o]),([0234])"
      "|[.,]?([1zo])([0234]))(?![.,]?[MSQ]|[/.]?[z01-4YF])",
      row_date, "MDT" },
    { "(" YEAR ")(?|([MSQ])(?!,?[YFPCy](?![-/.,]?[MSQ]))"
      "|[-/.,]([MSQ])(?![-/.,]?[YFPCy](?![-/.,]?[MSQ])))",
      row_date, "YM" },
    { DAY_BEFORE "(?|([MSQ])" LIGHT "(y)"
                 "|(M)[-/.]?([0234])(?![/.,]?[YFP]|[/.]" N "|-" N "(?=[/.-]))"
                 "|(M)[_=,]([0234])(?![-_=/.,]?[MSQ]|[-/.][z01-4YF])"
                 "|([SQ])[-_=/.,]?([0234]))",
      row_date, "DMT" },
    { DAY_BEFORE "([MSQ])"
                 "(?:[-.,]?([1zo])(?![/.-][z01-4YF]))?",
      row_date, "DMD" },
    /* --- month and year in numbers --- */
    { "(4)[-_=](Y)", row_years, "" },
    { "(3)[_=](Y)", row_years, "m" },
    { "(" N ")[-_=/|.](" YEAR ")", row_date, "mY" },
    { "(2)(Y)", row_date, "mY" },
    { "(y)\\.(2)(?![./-]?[z01-4YF])", row_date, "Tm" },
    { "(Y)[-_=tw/](y)", row_years, "" },
    { "(Y)[/.](" N ")[-_=](" N ")(?![-/.]?[z01-4YF]|[-/.,]?[MSQ])", row_date,
      "Ymm" },
    { "([YF])[-/|](" N ")" NOT_A_DATE, row_year_number, "-" },
    { "([YF])\\.(" N ")" NOT_A_DATE, row_year_number, "." },
    { "([YF])(?|[_=](" N ")|[tw]([0234]))" NOT_A_LOOSE_DATE, row_year_number,
      "_" },
    /* --- two digits are all there is --- */
    { "(?<![/.])([12])/([0234y])(?![/.][z01-4YFCN])", row_slashed, "mT" },
    { "(?<![/.])(?|([0234])[-_=tw/](y)|(y)[-_=tw/]([0234y])"
      "|([034])[-_=tw/]([0234])|(2)[_=]([0234]))(?![-/.]?[z01-4YFCNMx])",
      row_years, "w" },
    { "(?<![/.])(?|([12])-([0234])|(2)\\.([0234]))(?![-/.][YFCN]|[/.]" N ")",
      row_weak, "mT" },
    { "(?<![/.])([34])\\.(2)(?![/.-][z01-4YF])", row_weak, "Tm" },
    { "([0234])(?=[-_=t]+R)", row_weak, "T" },
    /* --- alone --- */
    { "([YF])", row_date, "Y" },
    { "(y)", row_date, "T" },
    { "(E)", row_compact, "" },
    { "[PCX](?:[-/.][Xz01-4])*", row_unknown, "" },
};

/* The end of a range behind a date with a name: "Winter 2012/13". */
static const char continuation[] =
    "\\G[-/|_=tw]([0234y])(?![-/.]?[z01-4YFCN]|[-_=/.,]?[MSQ])";

/* --- years ------------------------------------------------------------ */

/* The next year after year that ends in nn; 0 when that is too late. */
static int roll_year(int year, int nn)
{
    int next = year - year % 100 + nn;

    if (next <= year)
        next += 100;
    return next <= DATES_YEAR_LAST ? next : 0;
}

/* Four digits near enough to a year to be a wrong one. */
static bool is_far_year(int value)
{
    return value == 0 || value == 9999 || (value >= 1700 && value < 2300);
}

static bool is_month(int value)
{
    return value >= 1 && value <= 12;
}

/* --- items ------------------------------------------------------------ */

static struct dates_item *add_item(struct dates *d)
{
    struct dates_item *item;

    if (d->item_count == DATES_ITEMS_MOST)
        return NULL;
    item = &d->items[d->item_count++];
    memset(item, 0, sizeof(*item));
    d->gaps[d->item_count] = 0;
    return item;
}

static void add_kind(struct dates *d, enum dates_kind kind)
{
    struct dates_item *item = add_item(d);

    if (item)
        item->kind = kind;
}

static void set_year(struct dates *d, struct dates_item *item, size_t token)
{
    int class = d->classes[token];
    int value = d->tokens[token].value;

    if (class == CLASS_YEAR)
        item->year = value;
    else if (class == CLASS_FAR)
        item->kind = KIND_INVALID;
    else if (class == CLASS_NO_YEAR || class == CLASS_CUT)
        item->kind = KIND_UNKNOWN;
    else
        item->year = dates_expand_year(value);
}

static void set_month(struct dates *d, struct dates_item *item, size_t token)
{
    int value = d->tokens[token].value;

    item->month = value;
    item->month_last = value;
    if (d->classes[token] == CLASS_PART) {
        item->month = value & 255;
        item->month_last = value >> 8;
    } else if (value < 1 || value > 12) {
        item->kind = KIND_INVALID;
    }
    item->winter = d->classes[token] == CLASS_SEASON && value == 12;
}

static void set_day(struct dates *d, struct dates_item *item, size_t token,
                    bool numeric)
{
    int value = d->tokens[token].value;

    item->day = true;
    if (numeric && (value < 1 || value > 31))
        item->kind = KIND_INVALID;
}

/* A dot with a blank behind it, as after the number of a list item. */
static bool is_list_dot(const struct dates *d, size_t token)
{
    return d->classes[token] == CLASS_DOT &&
           d->text[d->tokens[token].end] == ' ';
}

/* What the groups are, sorted by role. */
struct parts {
    size_t year;
    size_t months[2];
    size_t days[2];
    size_t month_count;
    size_t day_count;
    bool bare_year; /* two digits, no apostrophe */
    bool numeric;   /* no month name */
    bool flag_day;
};

static void sort_parts(struct dates *d, const struct found *f,
                       const char *roles, struct parts *p)
{
    size_t i;

    memset(p, 0, sizeof(*p));
    p->year = NONE;
    for (i = 0; roles[i]; i++) {
        size_t token = f->at[i];

        if (token == NONE)
            continue;
        switch (roles[i]) {
        case 'Y':
        case 'T':
            p->year = token;
            p->bare_year = roles[i] == 'T' && d->classes[token] != CLASS_SHORT;
            break;
        case 'M':
        case 'm':
            p->months[p->month_count++ & 1] = token;
            p->numeric = roles[i] == 'm';
            break;
        case 'd': p->days[p->day_count++ & 1] = token; break;
        default: p->flag_day = true; break;
        }
    }
}

static void add_date(struct dates *d, const struct parts *p, size_t which)
{
    struct dates_item *item = add_item(d);

    if (!item)
        return;
    if (p->month_count)
        set_month(d, item, p->months[which < p->month_count ? which : 0]);
    if (p->day_count)
        set_day(d, item, p->days[which < p->day_count ? which : 0], p->numeric);
    item->day |= p->flag_day;
    if (p->year != NONE && item->kind != KIND_INVALID)
        set_year(d, item, p->year);
    item->bare_year = p->bare_year && p->month_count && !p->numeric;
}

/* "19.08.2017" tells that days come first. */
static void set_evidence(struct dates *d, const struct found *f)
{
    struct dates_item *item = &d->items[d->item_count - 1];

    item->numbers[0] = d->tokens[f->at[0]].value;
    item->numbers[1] = d->tokens[f->at[1]].value;
    if (item->kind == KIND_DATE && item->numbers[0] > 12)
        item->order = ORDER_DAY_FIRST;
}

static void row_date(struct dates *d, const struct found *f, const char *roles)
{
    struct parts p;

    sort_parts(d, f, roles, &p);
    add_date(d, &p, 0);
    if (p.month_count == 2 || p.day_count == 2) {
        add_date(d, &p, 1);
        d->gaps[d->item_count - 1] |= GAP_DASH;
    }
    if (!strcmp(roles, "dmY"))
        set_evidence(d, f);
    if (!strcmp(roles, "mY") && is_list_dot(d, f->at[0] + 1))
        d->items[d->item_count - 1].list_before =
            d->tokens[f->at[0]].digits == 1;
    if (!strcmp(roles, "Y") && d->classes[f->at[0]] == CLASS_FAR &&
        !(is_far_year(d->tokens[f->at[0]].value) && d->tokens[f->at[0]].value))
        d->item_count--;
}

static bool is_padded(const struct dates *d, size_t token)
{
    return d->text[d->tokens[token].begin] == '0';
}

/* "8/10" alone is a mark out of ten. */
static void row_slashed(struct dates *d, const struct found *f,
                        const char *roles)
{
    struct dates_item *item;

    row_date(d, f, roles);
    item = &d->items[d->item_count - 1];
    item->slashed = true;
    item->numbers[0] = d->tokens[f->at[0]].value;
    item->numbers[1] = d->tokens[f->at[1]].value;
    item->needy = item->numbers[1] == 10 && !is_padded(d, f->at[0]);
}

static void row_weak(struct dates *d, const struct found *f, const char *roles)
{
    row_date(d, f, roles);
    d->items[d->item_count - 1].weak = true;
    d->items[d->item_count - 1].needy = !is_padded(d, f->at[0]);
}

/* Day and month in numbers; which is which is decided when both sides of
 * a range are known. */
static void add_numbers(struct dates *d, int a, int b, size_t year)
{
    struct dates_item *item = add_item(d);

    if (!item)
        return;
    item->day = true;
    item->numbers[0] = a;
    item->numbers[1] = b;
    if (a < 1 || b < 1 || a > 31 || b > 31 || (a > 12 && b > 12)) {
        item->kind = KIND_INVALID;
        return;
    }
    item->order = dates_order_of(a, b);
    set_year(d, item, year);
}

static void row_numbers(struct dates *d, const struct found *f, const char *o)
{
    const struct dates_token *t = d->tokens;

    if (*o == '2') {
        add_numbers(d, t[f->at[0]].value, t[f->at[1]].value, f->at[4]);
        add_numbers(d, t[f->at[2]].value, t[f->at[3]].value, f->at[4]);
        d->gaps[d->item_count - 1] |= GAP_DASH;
        return;
    }
    add_numbers(d, t[f->at[0]].value, t[f->at[1]].value, f->at[2]);
}

static void add_year(struct dates *d, int year, bool pair)
{
    struct dates_item *item = add_item(d);

    if (!item)
        return;
    item->year = year;
    item->pair = pair;
}

static void add_year_range(struct dates *d, int first, int last, bool pair)
{
    add_year(d, first, pair);
    add_year(d, last, false);
    d->gaps[d->item_count - 1] |= GAP_DASH;
}

static void add_year_month(struct dates *d, int year, int month)
{
    struct dates_item *item = add_item(d);

    if (!item)
        return;
    item->year = year;
    item->month = item->month_last = month;
    if (!is_month(month))
        item->kind = KIND_INVALID;
}

static void add_dotted_month(struct dates *d, int year, int month,
                             bool list_dot)
{
    if (list_dot && !is_month(month)) {
        add_year(d, year, false);
        return;
    }
    add_year_month(d, year, month);
    d->items[d->item_count - 1].list_behind = list_dot;
}

/* A year and a number: its month, or the end of a range? */
static void row_year_number(struct dates *d, const struct found *f,
                            const char *how)
{
    const struct dates_token *number = &d->tokens[f->at[1]];
    int year = d->tokens[f->at[0]].value;
    int value = number->value;
    bool two = number->digits == 2 && *how != '.';
    int last = two ? roll_year(year, value) : 0;
    size_t mark = f->at[0] + 1;

    if (d->classes[f->at[0]] == CLASS_FAR) {
        if (is_far_year(year))
            add_kind(d, KIND_INVALID);
    } else if (*how == '.') {
        add_dotted_month(d, year, value, is_list_dot(d, mark));
    } else if (last && (*how == '_' || d->span_label || !is_month(value))) {
        add_year_range(d, year, last,
                       *how == '-' || d->classes[mark] == CLASS_DASH);
    } else {
        add_year_month(d, year, value);
        d->items[d->item_count - 1].compact =
            two && *how == '-' && value == (year + 1) % 100;
    }
}

/* Two years, the first of two digits or the second. */
static void row_years(struct dates *d, const struct found *f, const char *how)
{
    int years[2];
    bool shorts = false;
    size_t i;

    for (i = 0; i < 2; i++) {
        int class = d->classes[f->at[i]];
        int value = d->tokens[f->at[i]].value;

        years[i] = class == CLASS_YEAR ? value : dates_expand_year(value);
        shorts |= class == CLASS_SHORT;
    }
    if (*how == 'm' && years[0] > years[1]) {
        add_kind(d, KIND_INVALID); /* a month that is none */
        return;
    }
    if (*how == 'w' && !shorts && years[0] >= years[1])
        return; /* "50/50" */
    add_year_range(d, years[0], years[1], false);
    if (*how == 'w' && !shorts)
        d->items[d->item_count - 2].weak = d->items[d->item_count - 1].weak =
            true;
}

static void row_compact(struct dates *d, const struct found *f, const char *o)
{
    int value = d->tokens[f->at[0]].value;

    (void)o;
    add_year_month(d, value / 100, value % 100);
}

static void row_unknown(struct dates *d, const struct found *f, const char *o)
{
    (void)f;
    (void)o;
    add_kind(d, KIND_UNKNOWN);
}

/* --- the walk --------------------------------------------------------- */

static bool add_pattern(struct strbuf *source)
{
    size_t i;

    strbuf_adds(source, "\\G(?|");
    for (i = 0; i < ARRAY_LEN(rows); i++)
        strbuf_addf(source, "%s%s(*MARK:%zu)", i ? "|" : "", rows[i].pattern,
                    i);
    strbuf_adds(source, ")");
    return strbuf_ok(source);
}

bool dates_match_open(struct dates *d, struct error *err)
{
    struct strbuf source;

    strbuf_init(&source, 64 * KIB);
    if (add_pattern(&source))
        d->rows = pattern_new(source.data, err);
    else
        error_memory(err);
    strbuf_release(&source);
    if (d->rows)
        d->continuation = pattern_new(continuation, err);
    return d->rows && d->continuation;
}

void dates_match_close(struct dates *d)
{
    pattern_free(d->rows);
    pattern_free(d->continuation);
}

static size_t row_of_mark(const char *mark)
{
    size_t row = 0;

    for (; mark && *mark; mark++)
        row = row * 10 + (size_t)(*mark - '0');
    return row < ARRAY_LEN(rows) ? row : 0;
}

/* A date at token at: the token behind it, or at when there is none. */
static size_t match_date(struct dates *d, size_t at)
{
    struct found f;
    const struct row *row;
    unsigned i;
    size_t end;

    if (!pattern_find(d->rows, d->classes, d->count, at, d->match))
        return at;
    row = &rows[row_of_mark(pattern_mark(d->match))];
    for (i = 0; i < GROUPS_MOST; i++)
        if (!pattern_group(d->match, i + 1, &f.at[i], &end))
            f.at[i] = NONE;
    if (!pattern_group(d->match, 0, &end, &f.end) || f.end == at)
        return at;
    row->act(d, &f, row->argument);
    return f.end;
}

/* The second year of "Sep 2012-13". */
static size_t match_continuation(struct dates *d, size_t at)
{
    const struct dates_item *last = &d->items[d->item_count - 1];
    const struct dates_token *token;
    size_t start;
    size_t end;
    int year;

    if (last->kind != KIND_DATE || !last->year || !last->month ||
        last->order != ORDER_NONE || last->compact ||
        !pattern_find(d->continuation, d->classes, d->count, at, d->match) ||
        !pattern_group(d->match, 1, &start, &end))
        return at;
    token = &d->tokens[start];
    year = d->classes[start] == CLASS_SHORT
               ? dates_expand_year(token->value)
               : roll_year(last->year, token->value);
    if (!year)
        return at;
    add_year(d, year, false);
    if (d->item_count > 1)
        d->gaps[d->item_count - 1] |= GAP_DASH;
    return end;
}

static unsigned gap_of(int class)
{
    switch (class) {
    case CLASS_HYPHEN:
    case CLASS_SPACED:
    case CLASS_DASH: return GAP_DASH;
    case CLASS_TO: return GAP_TO;
    case CLASS_SINCE: return GAP_SINCE;
    case CLASS_UNTIL_AFTER: return GAP_UNTIL_AFTER;
    case CLASS_ONWARDS: return GAP_ONWARDS;
    case CLASS_SLASH:
    case CLASS_WIDE_SLASH: return GAP_SLASH;
    case CLASS_COMMA:
    case CLASS_AND:
    case CLASS_BREAK: return GAP_LIST;
    case CLASS_OTHER: return GAP_TEXT;
    default: return 0;
    }
}

/* A token that is no date. */
static void add_gap(struct dates *d, size_t at)
{
    unsigned bit = gap_of(d->classes[at]);
    unsigned *gap = &d->gaps[d->item_count];

    /* The last word before a date is the one that counts; text counts
     * where it stands behind the dash. */
    if (bit == GAP_TO || bit == GAP_SINCE)
        *gap &= ~(unsigned)(GAP_TO | GAP_SINCE);
    if (bit == GAP_TO || bit == GAP_DASH)
        *gap &= ~(unsigned)GAP_TEXT;
    if (bit == GAP_TEXT && !d->item_count)
        *gap &= ~(unsigned)GAP_TO;
    if (d->tokens[at].text_after || (!bit && d->item_count))
        bit |= GAP_TEXT;
    *gap |= bit;
}

/* What the endings of a date's words say: "2013 juniusaig". */
static void add_endings(struct dates *d, size_t at, size_t end)
{
    for (; at < end; at++)
        d->gaps[d->item_count] |= d->tokens[at].ending;
}

static bool may_begin_date(int class)
{
    return class && strchr("z01234yYFPCXEoMSQN", class);
}

void dates_match(struct dates *d)
{
    size_t at = 0;

    d->item_count = 0;
    d->gaps[0] = 0;
    while (at < d->count && d->item_count < DATES_ITEMS_MOST) {
        int class = d->classes[at];
        size_t end = at;
        size_t before = d->item_count;

        if (class == CLASS_PRESENT || class == CLASS_UNKNOWN) {
            add_kind(d, class == CLASS_PRESENT ? KIND_PRESENT : KIND_UNKNOWN);
            at++;
            continue;
        }
        if (may_begin_date(class))
            end = match_date(d, at);
        if (end > at && d->item_count > before) {
            end = match_continuation(d, end);
            add_endings(d, at, end);
        }
        if (end == at)
            add_gap(d, end++);
        else if (d->item_count && d->item_count == before)
            d->gaps[before] |= GAP_TEXT; /* a number that is no year */
        at = end;
    }
}

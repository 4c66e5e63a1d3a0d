#include "extract/redact.h"

#include "base/pattern.h"
#include "base/text.h"
#include "extract/redact_rows.h"

#define SPANS_MOST 1000000 /* of one text */

static const char *const kind_names[REDACT_KINDS] = {
    [REDACT_EMAIL] = "EMAIL",
    [REDACT_PHONE] = "PHONE",
    [REDACT_ADDRESS] = "ADDRESS",
    [REDACT_URL] = "URL",
};

struct span {
    size_t begin, end;
    unsigned number;
    enum redact_kind kind;
};

struct redaction {
    const char *text; /* borrowed */
    size_t len;
    struct span *spans; /* owned */
    size_t count, size;
    struct pattern_match *match; /* owned */
};

struct redaction *redaction_new(struct error *err)
{
    struct redaction *r;

    if (!redact_rows_ready(err))
        return NULL;
    r = calloc(1, sizeof(*r));
    if (r)
        r->match = pattern_match_new();
    if (!r || !r->match) {
        redaction_free(r);
        error_memory(err);
        return NULL;
    }
    return r;
}

void redaction_free(struct redaction *r)
{
    if (!r)
        return;
    pattern_match_free(r->match);
    free(r->spans);
    free(r);
}

static bool add_span(struct redaction *r, enum redact_kind kind, size_t begin,
                     size_t end)
{
    size_t larger = r->size ? 2 * r->size : 32;
    struct span *grown;

    if (r->count == r->size) {
        grown = realloc(r->spans, larger * sizeof(*grown));
        if (!grown)
            return false;
        r->spans = grown;
        r->size = larger;
    }
    r->spans[r->count++] =
        (struct span){ .begin = begin, .end = end, .kind = kind };
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What one group of digits may be in a date. */
enum group { GROUP_YEAR, GROUP_PART, GROUP_OTHER };

static enum group judge_group(const char *s, size_t len)
{
    unsigned value = 0;
    size_t i;

    for (i = 0; i < len && i < 4; i++)
        value = value * 10 + (unsigned)(s[i] - '0');
    if (len == 4 || len == 8) /* YYYY, YYYYMMDD */
        return value >= 1900 && value <= 2040 ? GROUP_YEAR : GROUP_OTHER;
    return len <= 2 && value <= 31 ? GROUP_PART : GROUP_OTHER;
}

/* Digits in groups: "2014 - 2018", "01/02/1990", "20140901".  All groups are
 * years or at most 31, and one is a year. */
static bool is_date(const char *s, size_t len)
{
    size_t at = 0, years = 0;

    if (s[0] == '+' || s[0] == '(')
        return false;
    while (at < len) {
        size_t from = at;
        enum group group;

        while (at < len && is_digit(s[at]))
            at++;
        group = judge_group(s + from, at - from);
        if (group == GROUP_OTHER)
            return false;
        years += group == GROUP_YEAR;
        while (at < len && !is_digit(s[at]))
            at++;
    }
    return years > 0;
}

static bool is_wanted(const struct redaction *r, size_t row, size_t begin,
                      size_t end)
{
    const char *s = r->text + begin;

    if (end == begin)
        return false;
    return redact_rows[row].kind != REDACT_PHONE || !is_date(s, end - begin);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           c == '_' || (unsigned char)c >= 0x80;
}

static bool grows_over(enum grow grow, char c)
{
    if (grow == GROW_WORD)
        return is_word(c) || c == '-' || c == '.';
    return (unsigned char)c > ' ' && !strchr("@<>\"(),:;|[]", c);
}

#define GROW_MOST 64

/* Between the words before the sign: "jane dot doe at". */
static const char *const joiners[] = { " dot ",    " (dot) ", "(dot)",
                                       " [dot] ",  "[dot]",   " underscore ",
                                       " hyphen ", " dash " };

/* The length of the joiner that ends at `at`; 0 = none. */
static size_t joiner_before(const struct redaction *r, size_t least, size_t at)
{
    size_t i, n;

    for (i = 0; i < ARRAY_LEN(joiners); i++) {
        n = strlen(joiners[i]);
        if (at - least > n && !strncasecmp(r->text + at - n, joiners[i], n))
            return n;
    }
    return 0;
}

/* Where the match really begins; at itself when there is nothing before. */
static size_t grow_left(const struct redaction *r, enum grow grow, size_t from,
                        size_t at)
{
    size_t least = at - from > GROW_MOST ? at - GROW_MOST : from;
    size_t joined = 0;

    if (grow == GROW_NOT)
        return at;
    if (grow == GROW_MAIL && at > least && r->text[at - 1] == ' ')
        at--;
    do {
        at -= joined;
        while (at > least && grows_over(grow, r->text[at - 1]))
            at--;
        joined = grow == GROW_MAIL ? joiner_before(r, least, at) : 0;
    } while (joined);
    while (at > from && ((unsigned char)r->text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* "weg 5" alone is no address, "@x.org" alone no e-mail. */
static bool needs_more(size_t row)
{
    return redact_rows[row].grow != GROW_NOT &&
           redact_rows[row].kind != REDACT_URL;
}

/* All matches of a row within [at, end). */
static bool find_row(struct redaction *r, size_t row, size_t at, size_t end)
{
    size_t from = at, begin, a, b;

    while (at < end && r->count < SPANS_MOST &&
           pattern_find(redact_pattern(row), r->text, end, at, r->match) &&
           pattern_group(r->match, 0, &a, &b)) {
        begin = grow_left(r, redact_rows[row].grow, from, a);
        if ((begin < a || !needs_more(row)) && is_wanted(r, row, begin, b) &&
            !add_span(r, redact_rows[row].kind, begin, b))
            return false;
        at = b > at ? b : at + 1;
        while (at < end && ((unsigned char)r->text[at] & 0xc0) == 0x80)
            at++;
    }
    return true;
}

static int compare_spans(const void *left, const void *right)
{
    const struct span *a = left, *b = right;

    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    return a->end > b->end ? -1 : a->end < b->end;
}

/* In order; what overlaps becomes one, of the first one's kind. */
static void merge_spans(struct redaction *r)
{
    size_t i, kept = 0;

    if (r->count)
        qsort(r->spans, r->count, sizeof(*r->spans), compare_spans);
    for (i = 0; i < r->count; i++) {
        struct span *last = kept ? &r->spans[kept - 1] : NULL;

        if (!last || r->spans[i].begin >= last->end)
            r->spans[kept++] = r->spans[i];
        else if (r->spans[i].end > last->end)
            last->end = r->spans[i].end;
    }
    r->count = kept;
}

static size_t line_end(const struct redaction *r, size_t at)
{
    const char *end = memchr(r->text + at, '\n', r->len - at);

    return end ? (size_t)(end - r->text) : r->len;
}

/* Bare hosts and the like, in lines where something was found: a heading
 * with an address beside the phone. */
static bool find_in_contact_lines(struct redaction *r)
{
    size_t count = r->count, i, row;
    size_t end = 0;

    for (i = 0; i < count; i++) {
        size_t begin = r->spans[i].begin;

        if (begin < end)
            continue; /* the same line */
        while (begin && r->text[begin - 1] != '\n')
            begin--;
        end = line_end(r, r->spans[i].end);
        for (row = 0; row < redact_row_count; row++)
            if (redact_rows[row].within == IN_CONTACT_LINES &&
                !find_row(r, row, begin, end))
                return false;
    }
    return true;
}

/* The same text has the same number; the numbers of a kind count along. */
static void number_spans(struct redaction *r)
{
    unsigned last[REDACT_KINDS] = { 0 };
    size_t i, j;

    for (i = 0; i < r->count; i++) {
        struct span *s = &r->spans[i];

        for (j = i > 200 ? i - 200 : 0; j < i; j++)
            if (r->spans[j].kind == s->kind &&
                r->spans[j].end - r->spans[j].begin == s->end - s->begin &&
                !memcmp(r->text + r->spans[j].begin, r->text + s->begin,
                        s->end - s->begin))
                break;
        s->number = j < i ? r->spans[j].number : ++last[s->kind];
    }
}

static bool find_within(struct redaction *r, enum within within, size_t begin,
                        size_t end)
{
    uint64_t worth = redact_rows_worth(r->text + begin, end - begin);
    size_t row;

    for (row = 0; row < redact_row_count; row++)
        if ((worth >> row & 1) && redact_rows[row].within == within &&
            !find_row(r, row, begin, end))
            return false;
    return true;
}

/* An address that begins on this line and goes on on the next. */
static bool find_over_lines(struct redaction *r, size_t begin, size_t end)
{
    size_t next;

    if (end == r->len)
        return true;
    next = line_end(r, end + 1);
    return !memchr(r->text + begin, '@', next - begin) ||
           find_within(r, OVER_LINES, begin, next);
}

bool redaction_find(struct redaction *r, const char *text, size_t len,
                    struct error *err)
{
    bool good = true;
    size_t at, end;

    r->text = text;
    r->len = len;
    r->count = 0;
    for (at = 0; good && at < len; at = end + 1) {
        end = line_end(r, at);
        good = find_within(r, IN_LINES, at, end) && find_over_lines(r, at, end);
    }
    merge_spans(r);
    good = good && find_in_contact_lines(r);
    merge_spans(r);
    number_spans(r);
    if (r->count >= SPANS_MOST)
        return error_set(err, ERROR_REJECT, "too much contact data to hide");
    return good || error_memory(err);
}

size_t redaction_count(const struct redaction *r)
{
    return r->count;
}

void redaction_hide(const struct redaction *r, struct strbuf *out)
{
    size_t i, at = 0;

    for (i = 0; i < r->count; i++) {
        const struct span *s = &r->spans[i];

        strbuf_add(out, r->text + at, s->begin - at);
        strbuf_addf(out, "[%s-%u]", kind_names[s->kind], s->number);
        at = s->end;
    }
    strbuf_add(out, r->text + at, r->len - at);
}

/* "EMAIL-12" at s: its length, kind and number; 0 = no placeholder. */
static size_t read_placeholder(const char *s, size_t len,
                               enum redact_kind *kind, unsigned *number)
{
    size_t i, n, at;

    for (i = 0; i < REDACT_KINDS; i++) {
        n = strlen(kind_names[i]);
        if (len > n + 1 && !strncasecmp(s, kind_names[i], n) && s[n] == '-')
            break;
    }
    if (i == REDACT_KINDS)
        return 0;
    *kind = (enum redact_kind)i;
    *number = 0;
    for (at = n + 1; at < len && at < n + 7 && s[at] >= '0' && s[at] <= '9';
         at++)
        *number = *number * 10 + (unsigned)(s[at] - '0');
    return at > n + 1 && (at == len || !is_word(s[at])) ? at : 0;
}

static const struct span *find_number(const struct redaction *r,
                                      enum redact_kind kind, unsigned number)
{
    size_t i;

    for (i = 0; i < r->count; i++)
        if (r->spans[i].kind == kind && r->spans[i].number == number)
            return &r->spans[i];
    return NULL;
}

bool redaction_restore(const struct redaction *r, const char *s, size_t len,
                       struct strbuf *out)
{
    size_t at = 0, done = 0;
    bool found = false;

    while (at < len) {
        size_t bracket = s[at] == '[';
        const struct span *span;
        enum redact_kind kind;
        unsigned number;
        size_t n;

        n = read_placeholder(s + at + bracket, len - at - bracket, &kind,
                             &number);
        span = n ? find_number(r, kind, number) : NULL;
        if (!span || (at && !bracket && is_word(s[at - 1]))) {
            at++;
            continue;
        }
        strbuf_add(out, s + done, at - done);
        strbuf_add(out, r->text + span->begin, span->end - span->begin);
        at += bracket + n;
        if (bracket && at < len && s[at] == ']')
            at++;
        done = at;
        found = true;
    }
    strbuf_add(out, s + done, len - done);
    return found;
}

bool redaction_may_hold(const char *s, size_t len)
{
    const char *end = s + len;

    while ((s = memchr(s, '-', (size_t)(end - s)))) {
        s++;
        if (s < end && *s >= '0' && *s <= '9')
            return true;
    }
    return false;
}

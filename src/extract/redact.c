#include "extract/redact.h"

#include <pthread.h>

#include "base/pattern.h"
#include "base/text.h"

#define SPANS_MOST 20000 /* of one text */

enum redact_kind { REDACT_EMAIL, REDACT_PHONE, REDACT_ADDRESS, REDACT_URL };

static const char *const kind_names[] = { "EMAIL", "PHONE", "ADDRESS", "URL" };

#define HOSTS                                                                  \
    "(?:linkedin\\.com|linkedin\\.cn|github\\.com|gitlab\\.com|bitbucket\\."   \
    "org|twitter\\.com|x\\.com|facebook\\.com|fb\\.com|instagram\\.com|"       \
    "medium\\.com|stackoverflow\\.com|behance\\.net|dribbble\\.com|kaggle\\."  \
    "com|orcid\\.org|xing\\.com|t\\.me|wa\\.me|youtube\\.com|researchgate\\."  \
    "net|leetcode\\.com|hackerrank\\.com|angel\\.co|about\\.me|[\\w-]+\\."     \
    "github\\.io|[\\w-]+\\.netlify\\.app|[\\w-]+\\.vercel\\.app)"

static const struct {
    enum redact_kind kind;
    const char *pattern;
    bool contact_line; /* only in lines that hold other contact data */
} rows[] = {
    { REDACT_EMAIL,
      "[^\\s@<>\"(),:;|\\[\\]]{1,64} ?@ ?[\\p{L}\\p{N}][\\p{L}\\p{N}.-]{0,100}"
      "\\.[\\p{L}]{2,20}",
      false },
    { REDACT_EMAIL,
      "(?i)[\\w.+-]{1,64} ?[\\[({<] ?at ?[\\])}>] ?[\\w-]{1,60}(?: ?[\\[({<] "
      "?dot ?[\\])}>] ?|\\.)[\\w.-]{2,60}",
      false },
    { REDACT_EMAIL,
      "(?i)\\b[\\w.+-]{1,64} at [\\w-]{1,60}(?: dot |\\.)(?:com|org|net|edu|io|"
      "dev|me|co|info|[a-z]{2})\\b",
      true },
    { REDACT_URL, "(?i)\\b(?:https?://|www\\.)[^\\s<>\"|)\\]]{3,300}", false },
    { REDACT_URL,
      "(?i)\\b(?:[\\w-]+\\.)?" HOSTS "(?:/[^\\s<>\"|)\\]]{0,200}|\\b)", false },
    { REDACT_URL,
      "(?i)\\b(?:skype|telegram|whatsapp|wechat|twitter|github|linkedin) ?: ?"
      "@?[\\w.:/-]{3,80}",
      false },
    { REDACT_URL,
      "(?i)(?<![@\\w.])[\\w-]{2,60}(?:\\.[\\w-]{2,60})?\\.(?:com|net|org|me|"
      "dev|io|co|info|tech|page|site|online|blog|xyz|in|de|fr|uk|eu|ai|app)\\b"
      "(?:/[^\\s<>\"|)\\]]{0,200})?",
      true },
    { REDACT_ADDRESS,
      "\\b\\d{1,6}[A-Za-z]?(?:-\\d{1,4})?,?(?: (?:\\p{Lu}|\\d)[\\p{L}\\p{N}.'-]"
      "{0,30}){1,5}? (?i:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|"
      "drive|dr|court|ct|place|pl|square|sq|terrace|ter|way|parkway|pkwy|"
      "highway|hwy|circle|cir|trail|trl|close|crescent|gardens|grove|mews)"
      "\\b\\.?(?i:,? ?(?:apt|apartment|suite|ste|unit|flat|floor|#)\\.? ?#?"
      "[\\w-]{1,8})?",
      false },
    { REDACT_ADDRESS,
      "(?i)\\b\\d{1,6} [\\p{L}.'-]{2,20} (?:street|avenue|road|boulevard|lane)"
      "\\b",
      false },
    { REDACT_ADDRESS, "(?i)\\bp\\.? ?o\\.? ?box ?\\d{1,8}", false },
    { REDACT_ADDRESS,
      "(?i)\\b[\\p{L}.-]{2,40}(?:stra(?:\xc3\x9f|ss)e|str\\.|weg|platz|allee|"
      "gasse|damm|ufer|straat|laan|plein|gracht|kade|gatan|v\xc3\xa4gen|vej|"
      "gade|veien|katu|tie) ?\\d{1,4} ?[a-z]?\\b",
      false },
    { REDACT_ADDRESS,
      "(?i)\\b\\d{1,4}(?: ?(?:bis|ter|quater))?,? (?:rue|avenue|boulevard|"
      "place|chemin|all\xc3\xa9"
      "e|impasse|quai|cours|route) [^\\n,|]{2,40}",
      false },
    { REDACT_ADDRESS,
      "(?i)\\b(?:calle|c/|avenida|avda\\.?|av\\.|plaza|paseo|via|viale|piazza|"
      "corso|rua|travessa|pra\xc3\xa7"
      "a|ulica|ul\\.) "
      "[^\\n,|\\d]{2,40},? ?(?:n[\xc2\xba\xc2\xb0o]?\\.? ?)?\\d{1,5}",
      false },
    { REDACT_ADDRESS,
      "(?:\xd1\x83\xd0\xbb\\.|\xd1\x83\xd0\xbb\xd0\xb8\xd1\x86\xd0\xb0|\xd0\xbf"
      "\xd1\x80\xd0\xbe\xd1\x81\xd0\xbf\xd0\xb5\xd0\xba\xd1\x82) "
      "[^\\n,|\\d]{2,40},? ?(?:\xd0\xb4\\.? ?)?\\d{1,4}",
      false },
    { REDACT_ADDRESS,
      "[\\p{Han}]{1,8}[\xe8\xb7\xaf\xe8\xa1\x97\xe9\x81\x93\xe5\xb7\xb7] "
      "?\\d{1,"
      "5} ?[\xe5\x8f\xb7\xe8\x99\x9f]|[\\p{Han}]{1,10}\\d{1,3}"
      "(?:\xe4\xb8\x81\xe7\x9b\xae|-\\d{1,3}-\\d{1,3}|\xe7\x95\xaa\xe5\x9c\xb0)"
      "[\\d\\p{Han}-]{0,20}",
      false },
    { REDACT_ADDRESS,
      "(?i)\\b(?:street |home |mailing |postal )?(?:address|adresse|"
      "direcci\xc3\xb3n|indirizzo|endere\xc3\xa7o|adres) ?: ?\\K[^\\n,|]{0,60}"
      "\\d[^\\n,|]{0,60}",
      false },
    { REDACT_PHONE,
      "(?i)(?<![\\w.$\xe2\x82\xac\xc2\xa3])(?:\\+|00)?[(]?\\d(?:[ \\t\xc2\xa0./"
      "\xe2\x80\x93\xe2\x80\x91()-]{0,3}\\d){6,16}(?: ?(?:x|ext\\.?|extension)"
      " ?\\d{1,6})?(?!\\w)",
      false },
};

/* Compiled once, for all threads, kept for the program's life. */
static struct {
    struct pattern *patterns[ARRAY_LEN(rows)];
    struct error err;
    bool ready;
} compiled;

static void prepare(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(rows); i++)
        if (!(compiled.patterns[i] =
                  pattern_new(rows[i].pattern, &compiled.err)))
            return;
    compiled.ready = true;
}

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
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct redaction *r;

    pthread_once(&once, prepare);
    if (!compiled.ready) {
        *err = compiled.err;
        return NULL;
    }
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

static size_t count_digits(const char *s, size_t len)
{
    size_t i, n = 0;

    for (i = 0; i < len; i++)
        n += is_digit(s[i]);
    return n;
}

static bool is_wanted(const struct redaction *r, size_t row, size_t begin,
                      size_t end)
{
    const char *s = r->text + begin;

    if (end == begin)
        return false;
    if (rows[row].kind != REDACT_PHONE)
        return true;
    return count_digits(s, end - begin) >= 7 && !is_date(s, end - begin);
}

/* All matches of a row within [at, end). */
static bool find_row(struct redaction *r, size_t row, size_t at, size_t end)
{
    size_t a, b;

    while (at < end && r->count < SPANS_MOST &&
           pattern_find(compiled.patterns[row], r->text, end, at, r->match) &&
           pattern_group(r->match, 0, &a, &b)) {
        if (is_wanted(r, row, a, b) && !add_span(r, rows[row].kind, a, b))
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
        end = r->spans[i].end;
        while (end < r->len && r->text[end] != '\n')
            end++;
        for (row = 0; row < ARRAY_LEN(rows); row++)
            if (rows[row].contact_line && !find_row(r, row, begin, end))
                return false;
    }
    return true;
}

/* The same text has the same number; the numbers of a kind count along. */
static void number_spans(struct redaction *r)
{
    unsigned last[ARRAY_LEN(kind_names)] = { 0 };
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

bool redaction_find(struct redaction *r, const char *text, size_t len,
                    struct error *err)
{
    bool good = true;
    size_t row;

    r->text = text;
    r->len = len;
    r->count = 0;
    for (row = 0; good && row < ARRAY_LEN(rows); row++)
        good = rows[row].contact_line || find_row(r, row, 0, len);
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

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

/* "EMAIL-12" at s: its length, kind and number; 0 = no placeholder. */
static size_t read_placeholder(const char *s, size_t len,
                               enum redact_kind *kind, unsigned *number)
{
    size_t i, n, at;

    for (i = 0; i < ARRAY_LEN(kind_names); i++) {
        n = strlen(kind_names[i]);
        if (len > n + 1 && !strncasecmp(s, kind_names[i], n) && s[n] == '-')
            break;
    }
    if (i == ARRAY_LEN(kind_names))
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

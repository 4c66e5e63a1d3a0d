#include "extract/redact.h"

#include <pthread.h>

#include "base/pattern.h"
#include "base/text.h"

#define SPANS_MOST 1000000 /* of one text */

enum redact_kind { REDACT_EMAIL, REDACT_PHONE, REDACT_ADDRESS, REDACT_URL };

static const char *const kind_names[] = { "EMAIL", "PHONE", "ADDRESS", "URL" };

#define HOSTS                                                                  \
    "linkedin\\.com|linkedin\\.cn|github\\.com|gitlab\\.com|bitbucket\\.org|"  \
    "twitter\\.com|x\\.com|facebook\\.com|fb\\.com|instagram\\.com|medium\\."  \
    "com|stackoverflow\\.com|behance\\.net|dribbble\\.com|kaggle\\.com|"       \
    "orcid\\.org|xing\\.com|t\\.me|wa\\.me|youtube\\.com|researchgate\\.net|"  \
    "leetcode\\.com|hackerrank\\.com|angel\\.co|about\\.me|github\\.io|"       \
    "gitlab\\.io|netlify\\.app|vercel\\.app"

/* What a match takes in before it.  A pattern that began with "some letters"
 * would be tried at every letter; one that begins with what is rare is
 * quick, and grows to the left here. */
enum grow { GROW_NOT, GROW_WORD, GROW_MAIL };

/* What a line must hold for a row to be tried on it: most lines hold
 * nothing of the kind. */
enum need {
    NEED_DIGIT = 1,
    NEED_AT = 2,
    NEED_DOT = 4, /* within a word */
    NEED_COLON = 8,
    NEED_BRACKET = 16,
    NEED_CJK = 32,
    NEED_CYRILLIC = 64,
};

static const struct {
    enum redact_kind kind;
    enum grow grow;
    unsigned needs;    /* bits of enum need */
    bool contact_line; /* only in lines that hold other contact data */
    const char *pattern;
} rows[] = {
    { REDACT_EMAIL, GROW_MAIL, NEED_AT, false,
      "@ ?[\\p{L}\\p{N}][\\p{L}\\p{N}.-]{0,100}\\.[\\p{L}]{2,20}" },
    { REDACT_EMAIL, GROW_MAIL, NEED_BRACKET, false,
      "(?i)[\\[({<] ?at ?[\\])}>] ?[\\w-]{1,60}(?: ?[\\[({<] ?dot ?[\\])}>] ?"
      "|\\.)[\\w.-]{2,60}" },
    { REDACT_EMAIL, GROW_MAIL, 0, true,
      "(?i) at [\\w-]{1,60}(?: dot |\\.)(?:com|org|net|edu|io|dev|me|co|info|"
      "[a-z]{2})\\b" },
    { REDACT_EMAIL, GROW_MAIL, 0, false,
      "(?i) at [\\w-]{1,60}(?: dot [\\w-]{1,60})? dot [a-z]{2,10}\\b" },
    { REDACT_EMAIL, GROW_MAIL, NEED_DOT, false,
      "(?i)(?:%40|&#(?:64|x40);|&commat;|_at_)[\\w.-]{1,100}\\.[a-z]{2,20}"
      "\\b" },
    { REDACT_EMAIL, GROW_NOT, NEED_AT, false,
      "\"[^\"@\\n]{1,60}\"@[\\p{L}\\p{N}.-]{3,100}" },
    { REDACT_EMAIL, GROW_MAIL, NEED_AT, false,
      "(?i)@[\\p{L}\\p{N}-]{1,60},(?:com|org|net|edu|co|de|fr|uk|in)\\b" },
    { REDACT_URL, GROW_NOT, 0, false,
      "(?i)\\b(?:linkedin|github|gitlab|facebook) ?[\\[({]? ?(?:\\.|dot) ?"
      "[\\])}]? ?com ?/ ?(?:(?:in|pub) ?/ ?)?[\\w./-]{2,80}" },
    { REDACT_URL, GROW_NOT, 0, true, "(?i)(?<![\\w/.-])in/[\\w-]{3,60}" },
    { REDACT_URL, GROW_NOT, NEED_DOT, false,
      "(?i)\\b(?:https?://|www\\.)[^\\s<>\"|)\\]]{3,300}" },
    { REDACT_URL, GROW_WORD, NEED_DOT, false,
      "(?i)\\b(?:" HOSTS ")\\b(?:/[^\\s<>\"|)\\]]{0,200})?" },
    { REDACT_URL, GROW_NOT, NEED_COLON, false,
      "(?i)\\b(?:skype|telegram|whatsapp|wechat|twitter|github|linkedin) ?: ?"
      "@?[\\w.:/-]{3,80}" },
    { REDACT_URL, GROW_NOT, NEED_DOT, true,
      "(?i)(?<![@\\w.])[\\w-]{2,60}(?:\\.[\\w-]{2,60})?\\.(?:com|net|org|me|"
      "dev|io|co|info|tech|page|site|online|blog|xyz|in|de|fr|uk|eu|ai|app)\\b"
      "(?:/[^\\s<>\"|)\\]]{0,200})?" },
    { REDACT_ADDRESS, GROW_NOT, NEED_DIGIT, false,
      "\\b[0-9]{1,6}[A-Za-z]?(?:-[0-9]{1,4})?,?(?: "
      "(?:\\p{Lu}|[0-9])[\\p{L}\\p{N}.'-]"
      "{0,30}){1,5}? (?i:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|"
      "drive|dr|court|ct|place|pl|square|sq|terrace|ter|way|parkway|pkwy|"
      "highway|hwy|circle|cir|trail|trl|close|crescent|gardens|grove|mews)"
      "\\b\\.?(?i:,? ?(?:apt|apartment|suite|ste|unit|flat|floor|#)\\.? ?#?"
      "[\\w-]{1,8})?" },
    { REDACT_ADDRESS, GROW_NOT, NEED_DIGIT, false,
      "(?i)\\b[0-9]{1,6} [\\p{L}.'-]{2,20} "
      "(?:street|avenue|road|boulevard|lane)"
      "\\b" },
    { REDACT_ADDRESS, GROW_NOT, NEED_DIGIT, false,
      "(?i)\\bp\\.? ?o\\.? ?box ?[0-9]{1,8}" },
    { REDACT_ADDRESS, GROW_WORD, NEED_DIGIT, false,
      "(?i)(?:stra(?:ß|ss)e|str\\.|weg|platz|allee|gasse|damm|ufer|straat|"
      "laan|plein|gracht|kade|gatan|vägen|vej|gade|veien|katu|tie) ?[0-9]{1,4}"
      " ?[a-z]?\\b" },
    { REDACT_ADDRESS, GROW_NOT, NEED_DIGIT, false,
      "(?i)\\b[0-9]{1,4}(?: ?(?:bis|ter|quater))?,? (?:rue|avenue|boulevard|"
      "place|chemin|allée|impasse|quai|cours|route) [^\\n,|]{2,40}" },
    { REDACT_ADDRESS, GROW_NOT, NEED_DIGIT, false,
      "(?i)\\b(?:calle|c/|avenida|avda\\.?|av\\.|plaza|paseo|via|viale|piazza|"
      "corso|rua|travessa|praça|ulica|ul\\.) [^\\n,|0-9]{2,40},? ?(?:n["
      "º°o]?\\.? ?)?[0-9]{1,5}" },
    { REDACT_ADDRESS, GROW_NOT, NEED_CYRILLIC | NEED_DIGIT, false,
      "(?:ул\\.|улица|проспект) [^\\n,|0-9]{2,40},? ?(?:д\\.? ?)?[0-9]{1,4}" },
    { REDACT_ADDRESS, GROW_NOT, NEED_CJK | NEED_DIGIT, false,
      "[\\p{Han}]{1,8}[路街道巷] ?[0-9]{1,5} "
      "?[号號]|[\\p{Han}]{1,10}[0-9]{1,3}(?:"
      "丁目|-[0-9]{1,3}-[0-9]{1,3}|番地)[0-9\\p{Han}-]{0,20}" },
    { REDACT_ADDRESS, GROW_NOT, NEED_CJK | NEED_DIGIT, false,
      "\\p{Han}{1,10}[区區市町村]\\p{Han}{0,8}[0-9]{1,4}(?:-[0-9]{1,4}){1,3}" },
    { REDACT_ADDRESS, GROW_NOT, NEED_CJK | NEED_DIGIT, false,
      "\\p{Hangul}{1,12}[로길] "
      "?[0-9]{1,4}(?:-[0-9]{1,4})?(?![0-9\\p{Hangul}])" },
    { REDACT_ADDRESS, GROW_NOT, NEED_DIGIT, false,
      "(?i)\\b(?:plot|flat|house|door) ?(?:no\\b\\.?|number|#) ?:? ?"
      "[a-z/-]{0,4}[0-9][\\w/-]{0,10}(?:, ?sector[ -]?[0-9]{1,3})?" },
    { REDACT_ADDRESS, GROW_NOT, NEED_DIGIT | NEED_COLON, false,
      "(?i)\\b(?:street |home |mailing |postal )?(?:address|adresse|"
      "dirección|indirizzo|endereço|adres) ?: ?\\K[^\\n,|]{0,60}[0-9][^\\n,|]"
      "{0,60}" },
    { REDACT_PHONE, GROW_NOT, NEED_DIGIT, false,
      "(?i)(?<![\\w.$€£])(?:\\+|00)?[(]?[0-9](?:[ \\t\xc2\xa0"
      "./·–—‒−‑()-]{0,3}[0-9]){6,16}(?: ?(?:"
      "x|ext\\.?|extension) ?[0-9]{1,6})?(?!\\w)" },
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

/* Where the match really begins; at itself when there is nothing before. */
static size_t grow_left(const struct redaction *r, enum grow grow, size_t from,
                        size_t at)
{
    size_t least = at - from > GROW_MOST ? at - GROW_MOST : from;

    if (grow == GROW_NOT)
        return at;
    if (grow == GROW_MAIL && at > least && r->text[at - 1] == ' ')
        at--;
    while (at > least && grows_over(grow, r->text[at - 1]))
        at--;
    while (at > from && ((unsigned char)r->text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* "weg 5" alone is no address, "@x.org" alone no e-mail. */
static bool needs_more(size_t row)
{
    return rows[row].grow != GROW_NOT && rows[row].kind != REDACT_URL;
}

/* All matches of a row within [at, end). */
static bool find_row(struct redaction *r, size_t row, size_t at, size_t end)
{
    size_t from = at, begin, a, b;

    while (at < end && r->count < SPANS_MOST &&
           pattern_find(compiled.patterns[row], r->text, end, at, r->match) &&
           pattern_group(r->match, 0, &a, &b)) {
        begin = grow_left(r, rows[row].grow, from, a);
        if ((begin < a || !needs_more(row)) && is_wanted(r, row, begin, b) &&
            !add_span(r, rows[row].kind, begin, b))
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

/* What a line holds, by its bytes. */
static unsigned look_at_line(const char *s, size_t len)
{
    unsigned seen = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];

        if (is_digit(s[i]))
            seen |= NEED_DIGIT;
        else if (c >= 0x80)
            seen |= c >= 0xe3 ? NEED_CJK : c >= 0xd0 ? NEED_CYRILLIC : 0u;
        else if (c == '@')
            seen |= NEED_AT;
        else if (c == ':')
            seen |= NEED_COLON;
        else if (c == '.' && i + 1 < len && is_word(s[i + 1]))
            seen |= NEED_DOT;
        else if (strchr("[({<", c))
            seen |= NEED_BRACKET;
    }
    return seen;
}

static bool find_in_line(struct redaction *r, size_t begin, size_t end)
{
    unsigned seen = look_at_line(r->text + begin, end - begin);
    size_t row;

    for (row = 0; row < ARRAY_LEN(rows); row++)
        if (!rows[row].contact_line && !(rows[row].needs & ~seen) &&
            !find_row(r, row, begin, end))
            return false;
    return true;
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
        good = find_in_line(r, at, end);
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

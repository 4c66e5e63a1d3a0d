/*
 * dates_private.h -- what the files of the date normaliser share.
 *
 * A string becomes tokens.  Each token has one class byte; the class bytes
 * of all tokens are the subject of the PCRE2 patterns.
 */
#ifndef EXTRACT_DATES_PRIVATE_H
#define EXTRACT_DATES_PRIVATE_H

#include "base/base.h"
#include "base/pattern.h"
#include "extract/dates.h"

#define DATES_YEAR_FIRST 1900
#define DATES_YEAR_LAST 2035

/* Folding may lengthen; what doesn't fit is left out. */
#define DATES_TEXT_MOST ((size_t)1024)
#define DATES_TOKENS_MOST 160
#define DATES_ITEMS_MOST 8

enum dates_class {
    /* numbers */
    CLASS_ZERO = 'z',      /* 0, one digit */
    CLASS_ZERO_ZERO = '0', /* 00 */
    CLASS_DIGIT = '1',     /* 1 to 9, one digit */
    CLASS_MONTHLY = '2',   /* 01 to 12, two digits */
    CLASS_DAILY = '3',     /* 13 to 31 */
    CLASS_HIGH = '4',      /* 32 to 99 */
    CLASS_SHORT = 'y',     /* a year of two digits: '07 */
    CLASS_YEAR = 'Y',      /* 1900 to 2035 */
    CLASS_FAR = 'F',       /* four digits that are no such year */
    CLASS_CUT = 'C',       /* three digits */
    CLASS_COMPACT = 'E',   /* 20110305 */
    CLASS_NUMBER = 'N',    /* more digits */
    CLASS_ORDINAL = 'o',   /* 1st */
    /* marks */
    CLASS_HYPHEN = '-',
    CLASS_SPACED = '_', /* a hyphen with space beside it */
    CLASS_DASH = '=',   /* en dash and its kin */
    CLASS_SLASH = '/',
    CLASS_WIDE_SLASH = '|', /* blanks on both sides */
    CLASS_DOT = '.',
    CLASS_COMMA = ',',
    CLASS_COLON = ':', /* between digits */
    CLASS_BREAK = ';', /* bar, bullet */
    /* words */
    CLASS_MONTH = 'M',
    CLASS_SEASON = 'S',
    CLASS_PART = 'Q', /* a certain quarter or half: first and last month */
    CLASS_PRESENT = 'R',
    CLASS_UNKNOWN = 'U',     /* N/A, ? */
    CLASS_NO_YEAR = 'P',     /* 20XX, YYYY */
    CLASS_NO_DAY = 'X',      /* XX, MM, DD */
    CLASS_SINCE = 's',       /* before the date or after it */
    CLASS_TO = 't',          /* till, to: before the end, or between */
    CLASS_UNTIL_AFTER = 'p', /* after the end: kadar */
    CLASS_AND = 'w',         /* between dates; means nothing elsewhere */
    CLASS_ONWARDS = 'O',
    CLASS_LABEL = 'l',
    CLASS_SPAN_LABEL = 'L', /* makes YYYY-YY a range: Session */
    CLASS_QUALIFIER = 'k',  /* early, late */
    CLASS_UNIT = 'D',       /* years, months; also "year" beside a year */
    CLASS_FILLER = 'f',     /* of, the */
    CLASS_QUARTER = 'q',
    CLASS_HALF = 'h',
    CLASS_NTH = 'r',     /* first, II: value */
    CLASS_ROMAN_I = 'I', /* first, or "and" */
    CLASS_ROMAN = 'n',   /* II to XII: a quarter or a month */
    CLASS_ERA = 'e',     /* value: the year before its first */
    CLASS_CJK_YEAR = 'j',
    CLASS_CJK_MONTH = 'g',
    CLASS_CJK_DAY = 'i',
    CLASS_MONTH_NUMBER = 'v', /* thang: a number follows */
    CLASS_OTHER = 'x',
};

struct dates_token {
    int value;
    uint16_t begin; /* in the folded text */
    uint16_t end;
    uint8_t digits;
    uint8_t ending;  /* GAP_SINCE, GAP_UNTIL_AFTER: what its ending says */
    bool text_after; /* a label stood behind it and was dropped */
};

/* --- words ------------------------------------------------------------ */

/* One language is one row.  Words are separated by blanks, the words of a
 * phrase joined by '_'; they are folded when the table is built. */
struct dates_language {
    const char *code;
    const char *months[12];
    const char *seasons[4]; /* spring, summer, autumn, winter */
    const char *since;
    const char *to;
    const char *until_after;
    const char *both; /* and */
    const char *present;
    const char *onwards;
    const char *unknown;
    const char *labels;
    const char *span_labels;
    const char *qualifiers;
    const char *units;
    const char *fillers;
    const char *month_number; /* a number follows: thang 4 */
    const char *quarter;
    const char *half;
    const char *nth[4];
    const char *halves[2]; /* one word for a certain half */
    /* Endings of months and years: plain, and those that mean since or
     * until. */
    const char *endings;
    const char *endings_since;
    const char *endings_until;
};
extern const struct dates_language dates_latin[]; /* ends with code NULL */
extern const struct dates_language dates_other[]; /* the same */

struct dates_word {
    uint32_t text; /* offset of the folded word */
    uint16_t len;
    uint16_t value;
    uint8_t class; /* 0 = only the beginning of a phrase */
    bool more;     /* a phrase begins with this */
};

struct dates_table;

MUST_CHECK struct dates_table *dates_table_new(struct error *err);
void dates_table_free(struct dates_table *t);
/* NULL when it isn't there. */
const struct dates_word *dates_table_find(const struct dates_table *t,
                                          const char *s, size_t len);
/* What an ending means: CLASS_SINCE, CLASS_UNTIL_AFTER, CLASS_FILLER, or 0
 * when it is none. */
int dates_table_ending(const struct dates_table *t, const char *s, size_t len);
/* The longest word of a script without blanks at s; NULL when none. */
const struct dates_word *dates_table_longest(const struct dates_table *t,
                                             const char *s, size_t len);
/* A month or Present that a slip of the hand made of it: its class and
 * *value; 0 when it is too far from all. */
int dates_table_typo(const struct dates_table *t, const char *s, size_t len,
                     int *value);

/* --- stages ----------------------------------------------------------- */

enum dates_kind {
    KIND_DATE,
    KIND_PRESENT,
    KIND_UNKNOWN,
    KIND_INVALID,
};

enum dates_order { ORDER_NONE, ORDER_OPEN, ORDER_US, ORDER_DAY_FIRST };

struct dates_item {
    enum dates_kind kind;
    int year;       /* 0 = none */
    int month;      /* 0 = none */
    int month_last; /* of a quarter or half; else month */
    enum dates_order order;
    int numbers[2]; /* as written, where the order matters */
    bool day;       /* a day stands beside it */
    bool bare_year; /* the year is two digits that may be a day */
    bool winter;
    bool compact;     /* 2011-12 */
    bool pair;        /* 2015-16: this one and the next belong together */
    bool weak;        /* 08-11: a date only in good company */
    bool needy;       /* and not when it stands alone */
    bool slashed;     /* 06/14 */
    bool list_before; /* "3. 2006": the month may be a list number */
    bool list_behind; /* "2006. 3": the same */
};

/* What stands before an item (and behind the last). */
enum dates_gap {
    GAP_DASH = 1,
    GAP_TO = 2,
    GAP_SINCE = 4,
    GAP_UNTIL_AFTER = 8,
    GAP_ONWARDS = 16,
    GAP_TEXT = 32, /* other words */
    GAP_SLASH = 64,
    GAP_LIST = 128, /* comma, and */
};

struct dates {
    struct dates_table *table;       /* owned */
    struct pattern **reductions;     /* owned */
    struct pattern *rows;            /* owned: all date patterns in one */
    struct pattern *continuation;    /* owned */
    struct pattern_match *match;     /* owned */
    char text[DATES_TEXT_MOST + 16]; /* folded, NUL behind it */
    size_t len;
    char classes[DATES_TOKENS_MOST + 1];
    struct dates_token tokens[DATES_TOKENS_MOST + 1];
    size_t count;
    uint64_t seen[2]; /* which classes there are */
    bool span_label;
    struct dates_item items[DATES_ITEMS_MOST];
    unsigned gaps[DATES_ITEMS_MOST + 1];
    size_t item_count;
};

static inline bool dates_seen(const struct dates *d, int class)
{
    return d->seen[class >> 6] >> (class & 63) & 1;
}

static inline int dates_expand_year(int value)
{
    return value < 30 ? 2000 + value : 1900 + value;
}

static inline enum dates_order dates_order_of(int a, int b)
{
    return a > 12 ? ORDER_DAY_FIRST : b > 12 ? ORDER_US : ORDER_OPEN;
}

void dates_fold(struct dates *d, const char *s, size_t len);
/* Words of the table are folded by the same rules; NUL-terminated. */
size_t dates_fold_text(const char *s, size_t len, char *out, size_t size);
void dates_scan(struct dates *d);
MUST_CHECK bool dates_reduce_open(struct dates *d, struct error *err);
void dates_reduce_close(struct dates *d);
void dates_reduce(struct dates *d);
MUST_CHECK bool dates_match_open(struct dates *d, struct error *err);
void dates_match_close(struct dates *d);
void dates_match(struct dates *d);
void dates_join(struct dates *d, struct date_range *range);

#endif

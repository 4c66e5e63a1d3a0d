#include "extract/ground_match.h"

#define PHONE_LEAST 7
#define PHONE_MOST 20
#define COUNTRY_MOST 3 /* digits of a country's number */
#define GAP_MOST 8     /* bytes between two groups of a number */

struct digits {
    char digit[PHONE_MOST];
    size_t len;
};

/* "x 12", "ext. 12": what follows is the extension. */
static bool is_extension(const struct needle *n, const struct token *t)
{
    const uint32_t *c = n->list->chars + t->at;

    return (t->len == 1 && c[0] == 'x') ||
           (t->len == 3 && c[0] == 'e' && c[1] == 'x' && c[2] == 't');
}

/* False when it isn't a number of a telephone's length. */
static bool value_digits(const struct needle *n, struct digits *d)
{
    size_t i, j;

    d->len = 0;
    for (i = n->from; i < n->to; i++) {
        const struct token *t = &n->list->tokens[i];

        if (is_extension(n, t))
            break;
        if (t->kind != TOKEN_DIGITS || t->len > PHONE_MOST - d->len)
            return false;
        for (j = 0; j < t->len; j++)
            d->digit[d->len++] = (char)n->list->chars[t->at + j];
    }
    return d->len >= PHONE_LEAST;
}

bool is_phone(const struct needle *n)
{
    struct digits d;

    return value_digits(n, &d);
}

static char text_digit(const struct index *x, const struct token *t, size_t i)
{
    return (char)x->list.chars[t->at + i];
}

/* The token after t goes on with the same number. */
static bool goes_on(const struct index *x, uint32_t token)
{
    const struct token *t = &x->list.tokens[token];

    return token + 1 < x->list.used && t[1].kind == TOKEN_DIGITS &&
           t[1].start - t->end <= GAP_MOST;
}

/* The digits from the inner-th of token first on: one past the last token,
 * or 0.  A single "0" between, as in "+49 (0)30", may be left out. */
static uint32_t digits_at(const struct index *x, uint32_t first, size_t inner,
                          const char *digit, size_t len)
{
    size_t used = 0;
    uint32_t i = first;

    for (;; i++, inner = 0) {
        const struct token *t = &x->list.tokens[i];
        bool trunk = i > first && t->len == 1 && text_digit(x, t, 0) == '0' &&
                     digit[used] != '0';

        for (; inner < t->len && !trunk; inner++) {
            if (used == len || text_digit(x, t, inner) != digit[used])
                return 0;
            used++;
        }
        if (used == len)
            return i + 1;
        if (!goes_on(x, i))
            return 0;
    }
}

/* What is known of the digits that are looked for. */
enum part {
    PART_ALL,      /* the value as it is: a country may come before */
    PART_NO_TRUNK, /* without its trunk zero: a country must */
    PART_NATIONAL, /* without its country: none may */
};

/* "+" announces a country, and so does "00" where it begins a token. */
static bool announces_country(const struct index *x, uint32_t token)
{
    const struct token *t = &x->list.tokens[token];

    return (t->start && x->text[t->start - 1] == '+') ||
           (t->len > 1 && text_digit(x, t, 0) == '0' &&
            text_digit(x, t, 1) == '0');
}

static bool is_zero(const struct index *x, const struct token *t, size_t len)
{
    return len == 1 && text_digit(x, t, 0) == '0';
}

/* The country, if any, is the token before the first or its first inner
 * digits. */
static bool has_country(const struct index *x, uint32_t first, size_t inner)
{
    if (inner)
        return announces_country(x, first);
    return first && x->list.tokens[first - 1].kind == TOKEN_DIGITS &&
           goes_on(x, first - 1) && announces_country(x, first - 1);
}

/* Only a trunk zero comes before, or nothing. */
static bool stands_alone(const struct index *x, uint32_t first, size_t inner)
{
    const struct token *t = &x->list.tokens[first];

    if (inner)
        return is_zero(x, t, inner);
    return !first || t[-1].kind != TOKEN_DIGITS || !goes_on(x, first - 1) ||
           is_zero(x, t - 1, t[-1].len);
}

static bool may_begin(const struct index *x, uint32_t first, size_t inner,
                      enum part part, size_t len)
{
    const struct token *t = &x->list.tokens[first];

    if (part == PART_NO_TRUNK)
        return has_country(x, first, inner);
    if (part == PART_NATIONAL)
        return stands_alone(x, first, inner);
    /* America's 1 stands before ten digits. */
    return !inner || is_zero(x, t, inner) || has_country(x, first, inner) ||
           (inner == 1 && len == 10 && text_digit(x, t, 0) == '1');
}

static bool find_digits(struct needle *n, const char *digit, size_t len,
                        enum part part, struct place *place)
{
    const struct index *x = n->index;
    size_t i, inner;

    for (i = 0; i < x->digits_used && n->work; i++, n->work--) {
        uint32_t first = x->digits[i];
        size_t most = x->list.tokens[first].len;

        for (inner = 0; inner <= COUNTRY_MOST && inner < most; inner++) {
            uint32_t end = digits_at(x, first, inner, digit, len);

            if (!end || !may_begin(x, first, inner, part, len))
                continue;
            *place = (struct place){ .first = first, .end = end };
            return true;
        }
    }
    return false;
}

/* "00" and "+" announce a country, and so does a 1 before ten digits. */
static bool is_international(const struct needle *n, const struct digits *d,
                             size_t zeros)
{
    return zeros == 2 || memchr(n->text, '+', n->text_len) ||
           (d->len == 11 && d->digit[0] == '1');
}

static bool find_national(struct needle *n, const struct digits *d, size_t from,
                          struct place *place)
{
    size_t country;

    for (country = 1; country <= COUNTRY_MOST; country++) {
        size_t left = from + country;

        if (d->len >= left + PHONE_LEAST &&
            find_digits(n, d->digit + left, d->len - left, PART_NATIONAL,
                        place))
            return true;
    }
    return false;
}

bool match_phone(struct needle *n, struct place *place)
{
    struct digits d;
    size_t zeros = 0;

    if (!value_digits(n, &d))
        return false;
    while (zeros < 2 && d.len - zeros > PHONE_LEAST && d.digit[zeros] == '0')
        zeros++;
    if (find_digits(n, d.digit, d.len, PART_ALL, place) ||
        (zeros && find_digits(n, d.digit + zeros, d.len - zeros,
                              zeros == 2 ? PART_ALL : PART_NO_TRUNK, place)))
        return true;
    return is_international(n, &d, zeros) && find_national(n, &d, zeros, place);
}

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

/* What a token may begin with before the number: a trunk zero, America's 1,
 * or a country after "+". */
static bool may_precede(const struct index *x, uint32_t first, size_t inner)
{
    const struct token *t = &x->list.tokens[first];
    char digit = text_digit(x, t, 0);

    return !inner || (inner == 1 && (digit == '0' || digit == '1')) ||
           (t->start && x->text[t->start - 1] == '+');
}

/* Nothing, or only a trunk zero, comes before: another country's number
 * would make it another number. */
static bool stands_alone(const struct index *x, uint32_t first, size_t inner)
{
    const struct token *t = &x->list.tokens[first];
    size_t i;

    for (i = 0; i < inner; i++)
        if (text_digit(x, t, i) != '0')
            return false;
    return !first || t[-1].kind != TOKEN_DIGITS || !goes_on(x, first - 1) ||
           (t[-1].len == 1 && text_digit(x, t - 1, 0) == '0');
}

/* alone: the digits are without the value's country, so the text must be
 * without one. */
static bool find_digits(struct needle *n, const char *digit, size_t len,
                        bool alone, struct place *place)
{
    const struct index *x = n->index;
    size_t i, inner;

    for (i = 0; i < x->digits_used && n->work; i++, n->work--) {
        uint32_t first = x->digits[i];
        const struct token *t = &x->list.tokens[first];

        for (inner = 0; inner <= COUNTRY_MOST && inner < t->len; inner++) {
            uint32_t end = digits_at(x, first, inner, digit, len);

            if (!end || !may_precede(x, first, inner) ||
                (alone && !stands_alone(x, first, inner)))
                continue;
            *place = (struct place){ .first = first, .end = end };
            return true;
        }
    }
    return false;
}

bool match_phone(struct needle *n, struct place *place)
{
    struct digits d;
    size_t zeros = 0;
    size_t country;
    bool international;

    if (!value_digits(n, &d))
        return false;
    while (zeros < 2 && d.len - zeros > PHONE_LEAST && d.digit[zeros] == '0')
        zeros++;
    if (find_digits(n, d.digit, d.len, false, place) ||
        (zeros && find_digits(n, d.digit + zeros, d.len - zeros, false, place)))
        return true;
    /* "00" and "+" announce a country, and so does a length of 11. */
    international = zeros == 2 || memchr(n->text, '+', n->text_len) ||
                    (d.len == 11 && d.digit[0] == '1');
    if (!international)
        return false;
    for (country = 1; country <= COUNTRY_MOST; country++) {
        size_t left = zeros + country;

        if (d.len >= left + PHONE_LEAST &&
            find_digits(n, d.digit + left, d.len - left, true, place))
            return true;
    }
    return false;
}

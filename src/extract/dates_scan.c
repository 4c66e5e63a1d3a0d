/*
 * dates_scan.c -- folded text becomes tokens: marks, and the loop.
 */
#include "extract/dates_scan.h"

void dates_set_class(struct dates *d, size_t i, int class)
{
    d->classes[i] = (char)class;
    d->seen[class >> 6] |= (uint64_t)1 << (class & 63);
}

void dates_add_token(struct dates *d, int class, int value, size_t begin,
                     size_t end)
{
    struct dates_token *token = &d->tokens[d->count];

    if (d->count >= DATES_TOKENS_MOST)
        return;
    memset(token, 0, sizeof(*token));
    token->value = value;
    token->begin = (uint16_t)begin;
    token->end = (uint16_t)end;
    dates_set_class(d, d->count++, class);
}

static bool is_dash_class(int class)
{
    return class == CLASS_HYPHEN || class == CLASS_SPACED ||
           class == CLASS_DASH;
}

/* A run of dashes and arrows. */
static size_t scan_dash(struct dates *d, size_t at)
{
    size_t end = at;
    bool arrow = false;
    bool dash = false;
    bool wave = false;
    int class = CLASS_HYPHEN;

    for (; d->text[end] && strchr("-=~>", d->text[end]); end++) {
        arrow |= d->text[end] == '>';
        dash |= d->text[end] == '=';
        wave |= d->text[end] == '~';
    }
    if ((at && d->text[at - 1] == ' ') || d->text[end] == ' ')
        class = CLASS_SPACED;
    if (dash || wave)
        class = CLASS_DASH;
    if (arrow || (wave && !d->count))
        class = CLASS_TO;
    if (!d->count && class != CLASS_TO)
        return end; /* a bullet */
    if (is_dash_class(last_class(d)))
        dates_set_class(d, d->count - 1,
                        class == CLASS_HYPHEN ? CLASS_SPACED : class);
    else
        dates_add_token(d, class, 0, at, end);
    return end;
}

/* '07 is a year; an ending behind a month may follow; else a quote. */
static size_t scan_apostrophe(struct dates *d, size_t at)
{
    const struct dates_token *last = last_token(d);
    size_t p = at + 1;
    size_t end;

    if (last->end == at && is_letter(d->text[p]) &&
        last_class(d) == CLASS_MONTH) {
        end = dates_scan_ending(d, at);
        return end == at ? p : end;
    }
    while (d->text[p] == '\'')
        p++;
    if (d->text[p] == ' ')
        p++;
    end = digits_end(d, p);
    if (end - p != 2)
        return at + 1;
    if ((d->text[end] == '/' || d->text[end] == '.') &&
        digits_end(d, end + 1) - end == 5)
        return at + 1; /* '10/2012' in quotes */
    dates_add_token(d, CLASS_SHORT, dates_number_value(d, p, end), at, end);
    return dates_scan_behind_number(d, end);
}

static bool keeps_dot(int class)
{
    return is_number_class(class) || class == CLASS_ROMAN ||
           class == CLASS_ROMAN_I;
}

static size_t scan_dot(struct dates *d, size_t at)
{
    const struct dates_token *last = last_token(d);
    size_t end = at;

    while (d->text[end] == '.')
        end++;
    if (end - at > 1) {
        while (d->text[end] == ' ')
            end++;
        if (d->text[end] && d->count)
            dates_add_token(d, CLASS_DASH, 0, at, end);
        return end;
    }
    if (!d->count || (last->end == at && !keeps_dot(last_class(d))))
        return end; /* of an abbreviation */
    dates_add_token(d, CLASS_DOT, 0, at, end);
    return end;
}

/* "1)" is the number of a list item. */
static void scan_closing(struct dates *d, size_t at, int *open)
{
    const struct dates_token *last = last_token(d);

    if (*open > 0)
        --*open;
    else if (d->count == 1 && last->end == at && last->digits &&
             last->digits <= 2)
        d->count--;
}

static size_t scan_slash(struct dates *d, size_t at)
{
    bool wide = at && d->text[at - 1] == ' ' && d->text[at + 1] == ' ';

    size_t end = at + 1;

    while (d->text[end] == '/')
        end++;
    dates_add_token(d, wide ? CLASS_WIDE_SLASH : CLASS_SLASH, 0, at, end);
    return end;
}

static size_t scan_underlines(struct dates *d, size_t at)
{
    size_t end = at;

    while (d->text[end] == '_')
        end++;
    if (end - at > 1)
        dates_add_token(d, CLASS_UNKNOWN, 0, at, end);
    return end;
}

static size_t scan_mark(struct dates *d, size_t at, int *open)
{
    char c = d->text[at];

    switch (c) {
    case '-':
    case '=':
    case '~':
    case '>': return scan_dash(d, at);
    case '\'': return scan_apostrophe(d, at);
    case '.': return scan_dot(d, at);
    case '_': return scan_underlines(d, at);
    case '/':
    case '\\': return scan_slash(d, at);
    case ',': dates_add_token(d, CLASS_COMMA, 0, at, at + 1); break;
    case ';': dates_add_token(d, CLASS_BREAK, 0, at, at + 1); break;
    case '&': dates_add_token(d, CLASS_AND, 0, at, at + 1); break;
    case '?': dates_add_token(d, CLASS_UNKNOWN, 0, at, at + 1); break;
    case '(': ++*open; break;
    case ')': scan_closing(d, at, open); break;
    case ':':
        if (at && is_digit(d->text[at - 1]) && is_digit(d->text[at + 1]))
            dates_add_token(d, CLASS_COLON, 0, at, at + 1);
        break;
    default: break;
    }
    return at + 1;
}

void dates_scan(struct dates *d)
{
    size_t at = 0;
    int open = 0;

    d->count = 0;
    memset(d->seen, 0, sizeof(d->seen));
    while (at < d->len && d->count < DATES_TOKENS_MOST) {
        char c = d->text[at];

        if (c == ' ')
            at++;
        else if (is_digit(c))
            at = dates_scan_number(d, at);
        else if (is_cjk(c))
            at = dates_scan_cjk(d, at);
        else if (is_letter(c))
            at = dates_scan_word(d, at);
        else
            at = scan_mark(d, at, &open);
    }
    d->classes[d->count] = '\0';
}

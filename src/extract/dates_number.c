/*
 * dates_number.c -- numbers and what is attached to them.
 */
#include "extract/dates_scan.h"

static bool is_year(int n)
{
    return n >= DATES_YEAR_FIRST && n <= DATES_YEAR_LAST;
}

static int number_class(int value, size_t digits)
{
    if (digits == 1)
        return value ? CLASS_DIGIT : CLASS_ZERO;
    if (digits == 2) {
        if (!value)
            return CLASS_ZERO_ZERO;
        if (value <= 12)
            return CLASS_MONTHLY;
        return value <= 31 ? CLASS_DAILY : CLASS_HIGH;
    }
    if (digits == 3)
        return CLASS_CUT;
    if (digits == 4)
        return is_year(value) ? CLASS_YEAR : CLASS_FAR;
    return CLASS_NUMBER;
}

void dates_add_number(struct dates *d, int value, size_t digits, size_t begin,
                      size_t end)
{
    dates_add_token(d, number_class(value, digits), value, begin, end);
    if (d->count)
        d->tokens[d->count - 1].digits = (uint8_t)digits;
}

/* "20082012" is two years, "20110305" a day. */
static void add_eight(struct dates *d, int value, size_t begin, size_t end)
{
    int first = value / 10000;
    int second = value % 10000;
    int month = second / 100;
    int day = second % 100;

    if (is_year(first) && is_year(second)) {
        dates_add_number(d, first, 4, begin, begin + 4);
        dates_add_token(d, CLASS_HYPHEN, 0, begin + 4, begin + 4);
        dates_add_number(d, second, 4, begin + 4, end);
    } else if (is_year(first) && month >= 1 && month <= 12 && day >= 1 &&
               day <= 31) {
        dates_add_token(d, CLASS_COMPACT, first * 100 + month, begin, end);
    } else {
        dates_add_number(d, value, 8, begin, end);
    }
}

int dates_ocr_year(const struct dates *d, size_t at)
{
    int value = 0;
    int digits = 0;
    size_t i;

    for (i = at; i < at + 4; i++) {
        char c = d->text[i];

        if (is_digit(c))
            digits++;
        else if (c == 'o')
            c = '0';
        else if (c == 'l' || c == 'i')
            c = '1';
        else
            return 0;
        value = value * 10 + (c - '0');
    }
    if (digits < 2 || is_digit(d->text[i]) || is_letter(d->text[i]))
        return 0;
    return is_year(value) ? value : 0;
}

size_t dates_ocr_month(const struct dates *d, size_t at, int *month)
{
    static const char letters[2][11] = { "ol-eas-tb-", "oi-eas-tb-" };
    char word[12];
    size_t end = at;
    size_t len;
    int form;

    while (is_digit(d->text[end]) ||
           (d->text[end] >= 'a' && d->text[end] <= 'z'))
        end++;
    while (end > at && is_digit(d->text[end - 1]) && end - at > 3)
        end--; /* the year behind it */
    len = end - at;
    if (len < 3 || len > sizeof(word))
        return 0;
    for (form = 0; form < 2; form++) {
        const struct dates_word *w;
        size_t i;

        for (i = 0; i < len; i++) {
            char c = d->text[at + i];

            word[i] = is_digit(c) ? letters[form][c - '0'] : c;
        }
        w = dates_table_find(d->table, word, len);
        if (w && w->class == CLASS_MONTH) {
            *month = w->value;
            return end;
        }
    }
    return 0;
}

/* "1.997": a year with a point for thousands. */
static int pointed_year(const struct dates *d, size_t at)
{
    const char *s = d->text + at;
    int value;

    if (s[1] != '.' || digits_end(d, at + 2) != at + 5)
        return 0;
    if ((s[5] == '.' || s[5] == ',') && is_digit(s[6]))
        return 0;
    if (at && (is_digit(s[-1]) || s[-1] == '.' || s[-1] == ','))
        return 0;
    value = (s[0] - '0') * 1000 + dates_number_value(d, at + 2, at + 5);
    return is_year(value) ? value : 0;
}

static bool is_one_of(const char *s, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (is_word(s, len, *words))
            return true;
    return false;
}

/* "20xx", "98x", "20??", "199_": where the placeholder ends, 0 = none. */
static size_t placeholder_end(const struct dates *d, size_t at, size_t end)
{
    char c = d->text[end];
    size_t behind = end;

    if (!c || !strchr("xy?_*#", c))
        return 0;
    while (d->text[behind] == c)
        behind++;
    if (is_letter(d->text[behind]) || is_digit(d->text[behind]))
        return 0;
    if (end - at > 3 || behind - at < 3 || behind - at > 4)
        return 0;
    return behind;
}

static const char *const ordinals[] = {
    "st", "nd", "rd", "th", "er", "re", "ere", "e",  "eme", "de", "ste", "te",
    "o",  "a",  "ro", "do", "to", "os", "as",  "ra", "da",  "ta", NULL,
};
bool dates_is_english_ordinal(const char *s, size_t len)
{
    return len == 2 && (!memcmp(s, "st", 2) || !memcmp(s, "nd", 2) ||
                        !memcmp(s, "rd", 2) || !memcmp(s, "th", 2));
}

void dates_make_ordinal(struct dates *d)
{
    if (d->count && d->tokens[d->count - 1].digits <= 2)
        dates_set_class(d, d->count - 1, CLASS_ORDINAL);
}

/* "1Q", "2H": the number becomes the part of the year. */
bool dates_make_part(struct dates *d, char letter)
{
    struct dates_token *token = last_token(d);
    int months = letter == 'q' ? 3 : 6;
    int first;

    if (token->digits != 1 || token->value < 1 || token->value > 12 / months)
        return false;
    first = (token->value - 1) * months + 1;
    token->value = first | (first + months - 1) << 8;
    dates_set_class(d, d->count - 1, CLASS_PART);
    return true;
}

void dates_apply_ending(struct dates *d, int class)
{
    if (class == CLASS_SINCE)
        last_token(d)->ending = GAP_SINCE;
    else if (class == CLASS_UNTIL_AFTER)
        last_token(d)->ending = GAP_UNTIL_AFTER;
    else if (is_number_class(last_class(d)))
        dates_make_ordinal(d);
}

/* A letter or a few that are part of the number: "1990s", "Z", "3Q". */
static bool take_letters(struct dates *d, const char *s, size_t len)
{
    const struct dates_token *token = last_token(d);

    if (is_word(s, len, "z") || (is_word(s, len, "t") && is_digit(s[len])))
        return true;
    if (token->digits <= 2 && is_one_of(s, len, ordinals)) {
        dates_make_ordinal(d);
        return true;
    }
    if (len != 1)
        return false;
    if ((*s == 'q' || *s == 'h') && dates_make_part(d, *s))
        return true;
    if (*s != 's' || (token->digits != 4 && token->digits != 2))
        return false;
    dates_set_class(d, d->count - 1, CLASS_NO_YEAR);
    return true;
}

/* "2y", "6m" */
static bool is_unit(const struct dates *d, const char *s, size_t len)
{
    return len == 1 && strchr("ymwdh", *s) &&
           d->tokens[d->count - 1].digits <= 3;
}

/* Letters right behind a number: how far they belong to it. */
static size_t scan_glued(struct dates *d, size_t at)
{
    const char *s = d->text + at;
    size_t end = letters_end(d, at);
    size_t len = end - at;
    int class;

    if (take_letters(d, s, len))
        return end;
    if (len > 4 && dates_is_english_ordinal(s, 2) &&
        dates_table_find(d->table, s + 2, len - 2)) {
        dates_make_ordinal(d);
        return at + 2;
    }
    if (is_unit(d, s, len)) {
        dates_add_token(d, CLASS_UNIT, 0, at, end);
        return end;
    }
    class = dates_table_ending(d->table, s, len);
    if (!class || dates_table_find(d->table, s, len))
        return at;
    dates_apply_ending(d, class);
    return end;
}

size_t dates_scan_ending(struct dates *d, size_t at)
{
    size_t begin = at + 1;
    size_t end = letters_end(d, begin);
    int class;

    if (end == begin)
        return at;
    if (d->text[at] == '\'' && is_word(d->text + begin, end - begin, "s")) {
        if (d->tokens[d->count - 1].digits == 4)
            dates_set_class(d, d->count - 1, CLASS_NO_YEAR);
        return end;
    }
    class = dates_table_ending(d->table, d->text + begin, end - begin);
    if (!class || (d->text[at] == '-' && class == CLASS_FILLER &&
                   last_token(d)->digits > 2 &&
                   dates_table_find(d->table, d->text + begin, end - begin)))
        return at;
    dates_apply_ending(d, class);
    return end;
}

/* "1.er", "2:a" */
static size_t scan_marked_ordinal(struct dates *d, size_t at)
{
    size_t end = letters_end(d, at + 1);

    if (last_token(d)->digits > 2 ||
        !is_one_of(d->text + at + 1, end - at - 1, ordinals))
        return at;
    dates_make_ordinal(d);
    return end;
}

size_t dates_scan_behind_number(struct dates *d, size_t end)
{
    char c = d->text[end];

    if (c == '?')
        return end + 1;
    if (is_letter(c) && !is_cjk(c))
        return scan_glued(d, end);
    if (c == '.' || c == ':')
        return scan_marked_ordinal(d, end);
    if ((c == '-' || c == '\'') && is_letter(d->text[end + 1]) &&
        !is_cjk(d->text[end + 1]))
        return dates_scan_ending(d, end);
    return end;
}

int dates_number_value(const struct dates *d, size_t at, size_t end)
{
    int value = 0;

    for (; at < end && value < 100000000; at++)
        value = value * 10 + (d->text[at] - '0');
    return value;
}

size_t dates_scan_number(struct dates *d, size_t at)
{
    size_t end = digits_end(d, at);
    int value = end - at < 4 ? dates_ocr_year(d, at) : 0;
    size_t stop;

    if (value) {
        dates_add_number(d, value, 4, at, at + 4);
        return at + 4;
    }
    if (end == at + 1 && (value = pointed_year(d, at)) != 0) {
        dates_add_number(d, value, 4, at, at + 5);
        return at + 5;
    }
    if (end == at + 1 && is_letter(d->text[end]) &&
        (stop = dates_ocr_month(d, at, &value)) != 0 &&
        !dates_table_find(d->table, d->text + end, letters_end(d, end) - end)) {
        dates_add_token(d, CLASS_MONTH, value, at, stop);
        return stop;
    }
    stop = placeholder_end(d, at, end);
    if (stop) {
        dates_add_token(d, CLASS_NO_YEAR, 0, at, stop);
        return stop;
    }
    value = dates_number_value(d, at, end);
    if (end - at == 8)
        add_eight(d, value, at, end);
    else
        dates_add_number(d, value, end - at, at, end);
    return dates_scan_behind_number(d, end);
}

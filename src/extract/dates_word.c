/*
 * dates_word.c -- words, phrases, endings; words without blanks.
 */
#include "extract/dates_scan.h"

#define PHRASE_WORDS 5
#define PHRASE_MOST 96

/* --- scripts without blanks ------------------------------------------- */

/* The value of a Han numeral at s, 10 for ten; -1 when it is none. */
static int han_digit(const char *s)
{
    static const char digits[][4] = { "〇", "一", "二", "三", "四", "五",
                                      "六", "七", "八", "九", "十", "零" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(digits); i++)
        if (!strncmp(s, digits[i], 3))
            return i == 11 ? 0 : (int)i;
    return -1;
}

/* "二〇一五" digit by digit, or "二十三". */
static size_t scan_han_number(struct dates *d, size_t at)
{
    size_t end = at;
    int value = 0;
    int digits = 0;
    bool ten = false;
    int one;

    while (digits < 4 && (one = han_digit(d->text + end)) >= 0) {
        const struct dates_word *w =
            dates_table_longest(d->table, d->text + end, d->len - end);

        if (w && w->len > 3)
            break;
        if (one == 10) {
            value = digits ? value * 10 : 10;
            ten = true;
        } else {
            value = ten ? value + one : value * 10 + one;
        }
        digits++;
        end += 3;
    }
    if (ten)
        digits = value > 9 ? 2 : 1;
    dates_add_number(d, value, (size_t)digits, at, end);
    return end;
}

size_t dates_scan_cjk(struct dates *d, size_t at)
{
    const struct dates_word *w =
        dates_table_longest(d->table, d->text + at, d->len - at);
    size_t end;

    if (w && (w->len > 3 || han_digit(d->text + at) < 0)) {
        dates_add_token(d, w->class, w->value, at, at + w->len);
        return at + w->len;
    }
    if (han_digit(d->text + at) >= 0)
        return scan_han_number(d, at);
    end = at + 1;
    while (((unsigned char)d->text[end] & 0xc0) == 0x80)
        end++;
    if (last_class(d) == CLASS_ERA && !strncmp(d->text + at, "元", 3))
        dates_add_number(d, 1, 1, at, end);
    else
        dates_add_token(d, CLASS_OTHER, 0, at, end);
    return end;
}

/* --- words ------------------------------------------------------------ */

/* Where the next word of a phrase may begin; p when nothing divides. */
static size_t next_word(const struct dates *d, size_t p)
{
    size_t from = p;

    if (d->text[p] == '/')
        return p + 1;
    while (from < p + 3 && d->text[from] && strchr(" -.'", d->text[from]))
        from++;
    return from;
}

/* The longest phrase that begins with w; *end moves behind it. */
static const struct dates_word *find_phrase(const struct dates *d, size_t at,
                                            size_t *end,
                                            const struct dates_word *w)
{
    const struct dates_word *best = w->class ? w : NULL;
    char key[PHRASE_MOST];
    size_t len = *end - at;
    size_t p = *end;
    int words;

    if (len >= sizeof(key))
        return best;
    memcpy(key, d->text + at, len);
    for (words = 1; words < PHRASE_WORDS && w && w->more; words++) {
        size_t from = next_word(d, p);
        size_t to = letters_end(d, from);

        if (from == p || to == from || len + 1 + (to - from) > sizeof(key))
            break;
        key[len++] = d->text[p] == '/' ? '/' : ' ';
        memcpy(key + len, d->text + from, to - from);
        len += to - from;
        w = dates_table_find(d->table, key, len);
        if (w && w->class) {
            best = w;
            *end = to;
        }
        p = to;
    }
    return best;
}

/* Two words that are one: "Sept ember". */
static bool join_last(struct dates *d, size_t at, size_t end)
{
    struct dates_token *last = last_token(d);
    const struct dates_word *w;
    char key[PHRASE_MOST];
    size_t len;

    if (last_class(d) != CLASS_MONTH && last_class(d) != CLASS_OTHER)
        return false;
    if ((size_t)last->end + 1 != at || d->text[last->end] != ' ')
        return false;
    len = (size_t)(last->end - last->begin);
    if (len + (end - at) > sizeof(key))
        return false;
    memcpy(key, d->text + last->begin, len);
    memcpy(key + len, d->text + at, end - at);
    w = dates_table_find(d->table, key, len + (end - at));
    if (!w || w->class != CLASS_MONTH)
        return false;
    last->value = w->value;
    last->end = (uint16_t)end;
    dates_set_class(d, d->count - 1, CLASS_MONTH);
    return true;
}

static bool is_calendar(const struct dates_word *w)
{
    return w && (w->class == CLASS_MONTH || w->class == CLASS_SEASON);
}

/* A month with an ending of its language: "juniusaig". */
static bool scan_inflected(struct dates *d, size_t at, size_t end)
{
    size_t cut;

    for (cut = end - 1; cut > at + 3 && end - cut <= 8; cut--) {
        const struct dates_word *w;
        int class;

        if (((unsigned char)d->text[cut] & 0xc0) == 0x80)
            continue;
        class = dates_table_ending(d->table, d->text + cut, end - cut);
        if (!class)
            continue;
        w = dates_table_find(d->table, d->text + at, cut - at);
        if (!is_calendar(w))
            continue;
        dates_add_token(d, w->class, w->value, at, cut);
        dates_apply_ending(d, class);
        return true;
    }
    return false;
}

static bool is_splittable(const struct dates_word *w)
{
    return w && w->class && strchr("MSRstwf", w->class);
}

/* Two Latin letters begin too many words. */
static bool is_too_short(const struct dates *d, size_t at, size_t cut,
                         const struct dates_word *w)
{
    if ((unsigned char)d->text[at] >= 0x80)
        return false;
    return w->class == CLASS_AND || w->class == CLASS_FILLER ||
           (cut - at < 3 && !is_word(d->text + at, cut - at, "to"));
}

/* Two words without a blank: "frommarch"; in Hebrew and Arabic a letter
 * for a preposition. */
static bool scan_pair(struct dates *d, size_t at, size_t end)
{
    size_t cut;

    if (end - at > 24)
        return false;
    for (cut = at + 2; cut + 2 < end; cut++) {
        const struct dates_word *a;
        const struct dates_word *b;

        if (((unsigned char)d->text[cut] & 0xc0) == 0x80)
            continue;
        a = dates_table_find(d->table, d->text + at, cut - at);
        if (!is_splittable(a) || is_too_short(d, at, cut, a))
            continue;
        b = dates_table_find(d->table, d->text + cut, end - cut);
        if (!is_splittable(b) ||
            !(is_calendar(a) || is_calendar(b) || b->class == CLASS_PRESENT))
            continue;
        dates_add_token(d, a->class, a->value, at, cut);
        dates_add_token(d, b->class, b->value, cut, end);
        return true;
    }
    return false;
}

/* A slip is believed where a number or a dash stands beside it. */
static bool has_company(const struct dates *d, size_t end)
{
    size_t at;

    for (at = end; at < end + 4 && d->text[at]; at++) {
        if (is_digit(d->text[at]) || strchr("-=~/&>", d->text[at]))
            return true;
        if (!strchr(" .,'_", d->text[at]))
            break;
    }
    return is_number_class(last_class(d)) ||
           (d->text[at] && dates_ocr_year(d, at) != 0);
}

static size_t scan_unknown(struct dates *d, size_t at, size_t end)
{
    int value = 0;
    int class;

    if (join_last(d, at, end) || scan_inflected(d, at, end) ||
        scan_pair(d, at, end))
        return end;
    class = dates_table_typo(d->table, d->text + at, end - at, &value);
    if (!class || (class != CLASS_PRESENT && !has_company(d, end)))
        class = CLASS_OTHER;
    dates_add_token(d, class, value, at, end);
    return end;
}

/* "xx" stands for a month or day, "xxxx" for a year. */
static bool scan_crosses(struct dates *d, size_t at, size_t end)
{
    size_t i;

    for (i = at; i < end; i++)
        if (d->text[i] != 'x')
            return false;
    if (end - at < 2)
        return false;
    dates_add_token(d, end - at > 2 ? CLASS_NO_YEAR : CLASS_NO_DAY, 0, at, end);
    return true;
}

/* "Q3", "H2"; "H27.4" is a year of Heisei.  Where it ends, 0 = none. */
static size_t scan_part(struct dates *d, size_t at)
{
    char letter = d->text[at];
    size_t end = digits_end(d, at + 1);
    int value = dates_number_value(d, at + 1, end);
    bool dotted = d->text[end] == '.' || !strncmp(d->text + end, "年", 3);

    if (end - at == 2) {
        dates_add_number(d, value, 1, at, end);
        if (dates_make_part(d, letter))
            return end;
        d->count--;
    }
    if (letter == 'h' && end - at <= 3 && value > 2 && value < 32 && dotted) {
        dates_add_number(d, 1988 + value, 4, at, end);
        return end;
    }
    return 0;
}

/* Words whose meaning hangs on what stands beside them. */
static bool scan_special(struct dates *d, const struct dates_word *w, size_t at,
                         size_t end)
{
    size_t next = end;

    if (w->class == CLASS_QUALIFIER && d->text[end] == ':') {
        dates_add_token(d, CLASS_TO, 0, at, end); /* "End: 08/2016" */
        return true;
    }
    if (w->class != CLASS_MONTH_NUMBER || end - at > 3)
        return false;
    while (d->text[next] == ' ' || d->text[next] == '.')
        next++;
    if (is_digit(d->text[next]))
        return false;
    dates_add_token(d, CLASS_OTHER, 0, at, end);
    return true;
}

/* "V.2014", "X/2014" */
static bool scan_roman(struct dates *d, size_t at)
{
    char c = d->text[at];
    char mark = d->text[at + 1];
    size_t next = at + 2 + (mark && d->text[at + 2] == ' ');

    if ((c != 'v' && c != 'x') || (mark != '.' && mark != '/') ||
        !is_digit(d->text[next]))
        return false;
    dates_add_token(d, CLASS_ROMAN, c == 'v' ? 5 : 10, at, at + 1);
    return true;
}

/* Letters that are no word; where they end, 0 = none of these. */
static size_t scan_no_word(struct dates *d, size_t at, size_t end)
{
    size_t len = end - at;
    const char *s = d->text + at;
    bool alone = !at || !is_digit(d->text[at - 1]);
    int year = alone && len < 4 ? dates_ocr_year(d, at) : 0;

    if (year) {
        dates_add_number(d, year, 4, at, at + 4);
        return at + 4;
    }
    if (scan_crosses(d, at, end) || (len == 1 && scan_roman(d, at)))
        return end;
    if (len == 1 && (*s == 'q' || *s == 'h') && is_digit(s[1]))
        return scan_part(d, at);
    if (!dates_is_english_ordinal(s, len) || !is_number_class(last_class(d)))
        return 0;
    dates_make_ordinal(d);
    return end;
}

/* "des" is December in the north and "since" in French, with an accent: it
 * is the latter right before a month. */
static void settle_des(struct dates *d, size_t at)
{
    const struct dates_token *last = last_token(d);

    if (last_class(d) == CLASS_MONTH && (size_t)last->end + 1 == at &&
        is_word(d->text + last->begin, (size_t)(last->end - last->begin),
                "des"))
        dates_set_class(d, d->count - 1, CLASS_SINCE);
}

/* "ju1y", "oct0ber", which begins with a month that is shorter: where it ends,
 * 0 = none. */
static size_t scan_ocr_month(struct dates *d, size_t at, size_t end)
{
    int value = 0;
    size_t stop = is_digit(d->text[end]) ? dates_ocr_month(d, at, &value) : 0;

    if (stop <= end)
        return 0;
    dates_add_token(d, CLASS_MONTH, value, at, stop);
    return stop;
}

size_t dates_scan_word(struct dates *d, size_t at)
{
    size_t end = letters_end(d, at);
    size_t len = end - at;
    const char *s = d->text + at;
    size_t stop = scan_no_word(d, at, end);
    const struct dates_word *w;

    if (!stop)
        stop = scan_ocr_month(d, at, end);
    if (stop)
        return stop;
    w = dates_table_find(d->table, s, len);
    w = w ? find_phrase(d, at, &end, w) : NULL;
    if (!w)
        return scan_unknown(d, at, end);
    if (w->class == CLASS_MONTH)
        settle_des(d, at);
    if (!scan_special(d, w, at, end))
        dates_add_token(d, w->class, w->value, at, end);
    return end;
}

/*
 * dates_fold.c -- bytes become folded text: lower case, no accents, one
 * kind of each mark, and what a wrong decoding made of it undone.
 *
 * In the folded text every byte above 0x7f belongs to a letter; '-' is a
 * hyphen, '=' a dash, '~' a wave dash, '>' an arrow, ';' a bar or bullet.
 */
#include "extract/dates_private.h"

#include "base/text.h"

struct out {
    char *text;
    size_t len;
    size_t size;
    uint32_t last; /* last letter that may compose */
    size_t last_at;
};

static void put(struct out *o, uint32_t c)
{
    if (o->len + 5 > o->size)
        return;
    if (c < 0x80)
        o->text[o->len++] = (char)c;
    else
        o->len += utf8_encode(c, o->text + o->len);
}

/* Marks and what stands for them; sorted. */
static const struct {
    uint32_t from, to;
    char mark; /* 0 = goes */
} marks[] = {
    { 0xa1, 0xa9, ' ' },      { 0xab, 0xac, ' ' },
    { 0xae, 0xaf, ' ' },      { 0xb1, 0xb1, ' ' },
    { 0xb4, 0xb4, '\'' },     { 0xb6, 0xb6, ' ' },
    { 0xb7, 0xb7, ';' },      { 0xbb, 0xbb, '>' },
    { 0xbf, 0xbf, ' ' },      { 0xd7, 0xd7, ' ' },
    { 0xf7, 0xf7, '=' },      { 0x2b9, 0x2bf, '\'' },
    { 0x2c8, 0x2cb, '\'' },   { 0x2dc, 0x2dc, '~' },
    { 0x55a, 0x55a, '\'' },   { 0x589, 0x589, '.' },
    { 0x58a, 0x58a, '-' },    { 0x5be, 0x5be, '-' },
    { 0x5f3, 0x5f3, '\'' },   { 0x5f4, 0x5f4, '"' },
    { 0x60c, 0x60c, ',' },    { 0x61b, 0x61b, ';' },
    { 0x61f, 0x61f, '?' },    { 0x640, 0x640, 0 },
    { 0x66b, 0x66b, '.' },    { 0x6d4, 0x6d4, '.' },
    { 0x964, 0x965, '.' },    { 0x970, 0x970, '.' },
    { 0x2010, 0x2011, '-' },  { 0x2012, 0x2015, '=' },
    { 0x2018, 0x201b, '\'' }, { 0x201c, 0x201f, '"' },
    { 0x2022, 0x2024, ';' },  { 0x2026, 0x2026, 0x1 },
    { 0x2027, 0x2027, ';' },  { 0x2032, 0x2032, '\'' },
    { 0x2033, 0x2034, '"' },  { 0x2035, 0x2035, '\'' },
    { 0x2039, 0x2039, ' ' },  { 0x203a, 0x203a, '>' },
    { 0x2043, 0x2043, '-' },  { 0x2044, 0x2044, '/' },
    { 0x2053, 0x2053, '~' },  { 0x2190, 0x2191, '=' },
    { 0x2192, 0x2192, '>' },  { 0x2193, 0x2194, '=' },
    { 0x21a6, 0x21a6, '>' },  { 0x21d2, 0x21d2, '>' },
    { 0x21e8, 0x21e8, '>' },  { 0x2212, 0x2212, '=' },
    { 0x2215, 0x2215, '/' },  { 0x2219, 0x2219, ';' },
    { 0x223c, 0x223c, '~' },  { 0x22c5, 0x22c5, ';' },
    { 0x2500, 0x2501, '=' },  { 0x2502, 0x2503, ';' },
    { 0x25a0, 0x25b5, ';' },  { 0x25b6, 0x25bb, '>' },
    { 0x25bc, 0x25ff, ';' },  { 0x2794, 0x27bf, '>' },
    { 0x2b95, 0x2b95, '>' },  { 0x2e3a, 0x2e3b, '=' },
    { 0x3001, 0x3001, ',' },  { 0x3002, 0x3002, '.' },
    { 0x3008, 0x3011, ' ' },  { 0x301c, 0x301c, '~' },
    { 0x3030, 0x3030, '~' },  { 0x30a0, 0x30a0, '-' },
    { 0x30fb, 0x30fb, ';' },  { 0xff0d, 0xff0d, '-' },
    { 0xff5e, 0xff5e, '~' },  { 0xff65, 0xff65, ';' },
    { 0xfffd, 0xfffd, '=' },
};

/* The mark for c; -1 when c is none. */
static int mark_find(uint32_t c)
{
    size_t low = 0;
    size_t high = ARRAY_LEN(marks);

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (c > marks[middle].to)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < ARRAY_LEN(marks) && c >= marks[low].from)
        return marks[low].mark;
    return -1;
}

/* The digit, whatever the script; -1 when c is none. */
static int native_digit(uint32_t c)
{
    static const uint16_t zeros[] = {
        0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6,  0xb66,  0xbe6,
        0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0x1040, 0x17e0,
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(zeros) && c >= zeros[i]; i++)
        if (c - zeros[i] < 10)
            return (int)(c - zeros[i]);
    return -1;
}

/* What is left of symbols after folding: nothing that a date needs. */
static bool is_symbol(uint32_t c)
{
    return (c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3005) ||
           (c >= 0x3008 && c < 0x3040) || (c >= 0xe000 && c < 0xf900) ||
           (c >= 0xfe10 && c < 0xfe70) || c >= 0x1f000;
}

/* The long mark of katakana is a dash where no kana stands before it. */
static bool follows_kana(const struct out *o)
{
    return o->len >= 3 && (unsigned char)o->text[o->len - 3] == 0xe3 &&
           (unsigned char)o->text[o->len - 2] >= 0x81 &&
           (unsigned char)o->text[o->len - 2] <= 0x83;
}

static bool follows_digit(const struct out *o)
{
    return o->len && o->text[o->len - 1] >= '0' && o->text[o->len - 1] <= '9';
}

static void put_letter(struct out *o, uint32_t c)
{
    uint32_t both = c >= 0x1161 && o->last ? text_compose(o->last, c) : 0;

    if (c == 0x30fc && !follows_kana(o)) {
        put(o, '=');
        return;
    }
    if (c == 0x2044 || is_symbol(c)) {
        put(o, c == 0x2044 ? '/' : ' ');
        return;
    }
    if (both) {
        o->len = o->last_at;
        c = both;
    }
    o->last = c;
    o->last_at = o->len;
    put(o, c);
}

static void put_mark(struct out *o, int mark)
{
    if (mark == 1) {
        put(o, '.');
        put(o, '.');
    } else if (mark) {
        put(o, (uint32_t)mark);
    }
}

/* Letters that base/text.h folds too far for us. */
static bool put_special(struct out *o, uint32_t c)
{
    if (c == 0xb0) {
        put(o, follows_digit(o) ? 'o' : ' ');
        return true;
    }
    if (c == 0x110 || c == 0x111) {
        put(o, 0x111); /* not d: "den" is another word */
        return true;
    }
    if (c == 0x30a && o->len && o->text[o->len - 1] == 'a')
        o->len--; /* a and its ring apart */
    else if (c != 0xc5 && c != 0xe5 && c != 0x212b)
        return false;
    put(o, 0xe5); /* not a: "na" is another word */
    return true;
}

static void put_folded(struct out *o, uint32_t c)
{
    uint32_t folded[4];
    int mark = mark_find(c);
    int digit = native_digit(c);
    size_t n, i;

    if (mark >= 0) {
        put_mark(o, mark);
    } else if (digit >= 0) {
        put(o, (uint32_t)('0' + digit));
    } else if (text_is_space(c)) {
        put(o, ' ');
    } else if (!put_special(o, c) && !text_is_zero_width(c)) {
        n = text_fold_codepoint(c, folded);
        for (i = 0; i < n; i++)
            put_letter(o, folded[i]);
    }
}

/* --- text that was decoded wrongly ------------------------------------ */

/* Windows-1252, 0x80 to 0x9f. */
static const uint16_t windows[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
    0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
    0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
};

/* The byte that Windows-1252 shows as c; 0 when it is no byte of a UTF-8
 * sequence. */
static unsigned char windows_byte(uint32_t c)
{
    size_t i;

    if (c >= 0x80 && c <= 0xff)
        return (unsigned char)c;
    for (i = 0; i < ARRAY_LEN(windows); i++)
        if (windows[i] == c)
            return (unsigned char)(0x80 + i);
    return 0;
}

/* A letter may stand before a dash or a quote in sound text too ("ETE-"
 * with accents): then it must be one of those that begin nearly all wrong
 * sequences. */
static bool is_mojibake(const char *bytes, size_t n)
{
    unsigned char last = (unsigned char)bytes[n - 1];

    return n > 2 || bytes[0] == '\xc2' || bytes[0] == '\xc3' || last < 0x91 ||
           last > 0x97;
}

/* UTF-8 that was read as Windows-1252 ("â€“" for a dash): the bytes
 * that it takes, 0 when it is none. */
static size_t undo_mojibake(const char *s, size_t len, uint32_t *c)
{
    char bytes[4];
    size_t n = 0;
    size_t at = 0;

    while (n < 4 && at < len) {
        uint32_t one = 0;
        size_t used = utf8_decode(s + at, len - at, &one);
        unsigned char byte = used ? windows_byte(one) : 0;

        if (!byte)
            break;
        bytes[n++] = (char)byte;
        at += used;
        if (n > 1 && utf8_decode(bytes, n, &one) == n &&
            is_mojibake(bytes, n)) {
            *c = one;
            return at;
        }
    }
    return 0;
}

/* The same where something on the way changed it once more. */
static const struct {
    const char *text;
    uint32_t c;
} leftovers[] = {
    { "\xc3\xa2\xe2\x82\xac\"", 0x2014 }, /* the quote made plain */
    { "\xc3\xa2\xe2\x82\xac'", 0x2019 },
    { "\xc3\xa2\xe2\x82\xac", 0x201d },
    { "\xc3\x82 ", ' ' }, /* the blank made plain */
    { "\xc3\x82", 0x200b },
    { "\xc3\x83 ", 0xe0 },
};

static size_t undo_leftover(const char *s, size_t len, uint32_t *c)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(leftovers); i++) {
        size_t n = strlen(leftovers[i].text);

        if (n <= len && !memcmp(s, leftovers[i].text, n)) {
            /* A single capital with circumflex may begin a word. */
            if (n == 2 && len > 2 && (s[2] | 32) >= 'a' && (s[2] | 32) <= 'z')
                return 0;
            *c = leftovers[i].c;
            return n;
        }
    }
    return 0;
}

/* One character at s that isn't ASCII; the bytes that it takes. */
static size_t decode(const char *s, size_t len, uint32_t *c)
{
    size_t n = utf8_decode(s, len, c);
    size_t undone;

    if (!n) { /* a byte of Windows-1252, or lost */
        unsigned char byte = (unsigned char)*s;

        *c = 0xfffd;
        if (byte >= 0x80 && byte < 0xa0)
            *c = windows[byte - 0x80];
        else if (byte == 0xa0)
            *c = ' ';
        return byte == 0xa0 || byte < 0xa0 ? 1 : utf8_bad_len(s, len);
    }
    if (*c >= 0xc2 && *c <= 0xf4) {
        undone = undo_mojibake(s, len, c);
        if (!undone)
            undone = undo_leftover(s, len, c);
        n = undone ? undone : n;
    }
    if (*c >= 0x80 && *c < 0xa0)
        *c = windows[*c - 0x80];
    return n;
}

static const struct {
    const char *name;
    uint32_t c;
} entities[] = {
    { "&nbsp;", ' ' },     { "&amp;", '&' },      { "&ndash;", 0x2013 },
    { "&mdash;", 0x2014 }, { "&#8211;", 0x2013 }, { "&#8212;", 0x2014 },
    { "&rsquo;", '\'' },   { "&lsquo;", '\'' },   { "&#8217;", '\'' },
    { "&#39;", '\'' },     { "&#160;", ' ' },     { "&rarr;", 0x2192 },
};

static size_t undo_entity(const char *s, size_t len, uint32_t *c)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(entities); i++) {
        size_t n = strlen(entities[i].name);

        if (n <= len && !memcmp(s, entities[i].name, n)) {
            *c = entities[i].c;
            return n;
        }
    }
    *c = '&';
    return 1;
}

/* ASCII: what becomes of each byte. */
static const char plain[129] =
    "                                "
    " !\"#$%&'()*+,-./0123456789:;<=>?@abcdefghijklmnopqrstuvwxyz[\\]^_'"
    "abcdefghijklmnopqrstuvwxyz{;}~ ";

/* "->", ">>"; a bracket is none. */
static bool is_arrow(const struct out *o, const char *s, size_t len)
{
    return (o->len && strchr("-=~>", o->text[o->len - 1])) ||
           (len > 1 && s[1] == '>');
}

size_t dates_fold_text(const char *s, size_t len, char *out, size_t size)
{
    struct out o = { .text = out, .size = size };
    size_t at = 0;

    while (at < len && o.len + 8 < size) {
        unsigned char byte = (unsigned char)s[at];
        uint32_t c;

        if (byte < 0x80 && byte != '&') {
            out[o.len++] = byte == '>' && !is_arrow(&o, s + at, len - at)
                               ? ' '
                               : plain[byte];
            o.last = 0;
            at++;
            continue;
        }
        at += byte == '&' ? undo_entity(s + at, len - at, &c)
                          : decode(s + at, len - at, &c);
        if (c < 0x80) {
            put(&o, (uint32_t)plain[c]);
            o.last = 0;
        } else {
            put_folded(&o, c);
        }
    }
    out[o.len] = '\0';
    return o.len;
}

void dates_fold(struct dates *d, const char *s, size_t len)
{
    if (len > DATES_INPUT_MOST)
        len = DATES_INPUT_MOST;
    d->len = dates_fold_text(s, len, d->text, DATES_TEXT_MOST);
}

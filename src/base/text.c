#include "base/text.h"

#include "base/text_table.h"

bool text_is_space(uint32_t c)
{
    return (c >= 0x09 && c <= 0x0d) || c == ' ' || c == 0x85 || c == 0xa0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool text_is_zero_width(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        { 0xad, 0xad },       { 0x34f, 0x34f },     { 0x61c, 0x61c },
        { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
        { 0x200b, 0x200f },   { 0x202a, 0x202e },   { 0x2060, 0x206f },
        { 0x3164, 0x3164 },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
        { 0xffa0, 0xffa0 },   { 0xfff9, 0xfffb },   { 0x1bca0, 0x1bca3 },
        { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(ranges) && c >= ranges[i][0]; i++)
        if (c <= ranges[i][1])
            return true;
    return false;
}

bool text_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

bool text_is_blank(const char *s, size_t len)
{
    size_t at = 0;

    while (at < len) {
        uint32_t c;
        size_t n = utf8_decode(s + at, len - at, &c);

        if (!n ||
            !(text_is_space(c) || text_is_zero_width(c) || text_is_control(c)))
            return false;
        at += n;
    }
    return true;
}

/* Of valid text, how many bytes need no repair: the quick way.  C2 leads to
 * C1 controls among others. */
static size_t clean_run(const char *s, size_t len)
{
    size_t at;

    for (at = 0; at < len; at++) {
        unsigned char c = (unsigned char)s[at];

        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || c == 0xc2)
            break;
    }
    return at;
}

/* One valid character that may want repair: the bytes consumed. */
static size_t repair_one(const char *s, size_t len, struct strbuf *out,
                         struct text_repair *what)
{
    uint32_t c;
    size_t n = utf8_decode(s, len, &c);

    if (c == '\r') {
        strbuf_addc(out, '\n');
        return len > 1 && s[1] == '\n' ? 2 : 1;
    }
    if (c == '\v' || c == '\f' || c == 0x85)
        strbuf_addc(out, '\n');
    else if (c == 0)
        what->nuls++;
    else if (text_is_control(c) && c != '\n' && c != '\t')
        what->controls++;
    else
        strbuf_add(out, s, n);
    return n;
}

static void repair_valid(const char *s, size_t len, struct strbuf *out,
                         struct text_repair *what)
{
    size_t at = 0;

    while (at < len) {
        size_t run = clean_run(s + at, len - at);

        strbuf_add(out, s + at, run);
        at += run;
        if (at < len)
            at += repair_one(s + at, len - at, out, what);
    }
}

void text_repair(const char *s, size_t len, struct strbuf *out,
                 struct text_repair *what)
{
    size_t at = 0;

    if (len >= 3 && !memcmp(s, "\xef\xbb\xbf", 3))
        at = 3;
    while (at < len) {
        size_t valid = utf8_valid_prefix(s + at, len - at);

        repair_valid(s + at, valid, out, what);
        at += valid;
        if (at == len)
            break;
        what->invalid++;
        strbuf_adds(out, "\xef\xbf\xbd");
        at += utf8_bad_len(s + at, len - at);
    }
}

size_t text_fold_codepoint(uint32_t c, uint32_t *out)
{
    uint16_t entry;
    size_t i;

    if (c < 0x80) {
        out[0] = c >= 'A' && c <= 'Z' ? c + 32 : c == '`' ? '\'' : c;
        return 1;
    }
    out[0] = c;
    if (c >= TEXT_FOLD_LIMIT)
        return c >= 0xe0000 && c <= 0xe0fff ? 0 : 1;
    entry =
        text_fold_entry[text_fold_page[c / TEXT_FOLD_PAGE]][c % TEXT_FOLD_PAGE];
    if (!entry)
        return 1;
    if (entry == TEXT_FOLD_DROP)
        return 0;
    out[0] = entry;
    if (entry < TEXT_FOLD_EXPAND || entry >= 0xf900)
        return 1;
    for (i = 0; i < 4; i++) {
        out[i] = text_fold_expansion[entry - TEXT_FOLD_EXPAND][i];
        if (!out[i])
            break;
    }
    return i;
}

#define SYLLABLES 0xac00 /* of Hangul: 19 leads, 21 vowels, 28 tails */

static uint32_t compose_hangul(uint32_t base, uint32_t mark)
{
    uint32_t lead = base - 0x1100, vowel = mark - 0x1161;
    uint32_t syllable = base - SYLLABLES, tail = mark - 0x11a7;

    if (lead < 19 && vowel < 21)
        return SYLLABLES + (lead * 21 + vowel) * 28;
    if (syllable < 19 * 21 * 28 && syllable % 28 == 0 && tail && tail < 28)
        return base + tail;
    return 0;
}

#define KATAKANA 0x60 /* from a hiragana to its katakana */

/* Hiragana that take a voiced mark: each step-th from first to last. */
static const struct {
    uint32_t first, last, step;
    bool half_voiced; /* takes the other mark too */
} voiced_kana[] = {
    { 0x304b, 0x3061, 2, false }, /* ka to chi */
    { 0x3064, 0x3068, 2, false }, /* tsu to to */
    { 0x306f, 0x307b, 3, true },  /* ha to ho */
};

static uint32_t compose_kana(uint32_t base, uint32_t mark)
{
    bool half = mark == 0x309a;
    uint32_t hiragana = base >= 0x30a1 ? base - KATAKANA : base;
    size_t i;

    if (hiragana == 0x3046 && !half)
        return 0x3094 + (base - hiragana);
    for (i = 0; i < ARRAY_LEN(voiced_kana); i++)
        if (hiragana >= voiced_kana[i].first &&
            hiragana <= voiced_kana[i].last &&
            (hiragana - voiced_kana[i].first) % voiced_kana[i].step == 0)
            return half && !voiced_kana[i].half_voiced ? 0 : base + 1 + half;
    return 0;
}

uint32_t text_compose(uint32_t base, uint32_t mark)
{
    if (mark == 0x3099 || mark == 0x309a)
        return compose_kana(base, mark);
    return compose_hangul(base, mark);
}

/* Runs of ASCII, which most texts are. */
static size_t fold_ascii(const char *s, size_t len, char *out)
{
    size_t at;

    for (at = 0; at < len && (unsigned char)s[at] < 0x80; at++) {
        char c = s[at];

        out[at] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c == '`' ? '\'' : c);
    }
    return at;
}

static void add_codepoint(struct strbuf *out, uint32_t c)
{
    char bytes[4];

    strbuf_add(out, bytes, utf8_encode(c, bytes));
}

/* Appends c, joined with *last where the two make one character. */
static void add_composed(struct strbuf *out, uint32_t c, uint32_t *last,
                         size_t *last_at)
{
    uint32_t both = c >= 0x1161 && *last ? text_compose(*last, c) : 0;

    if (both)
        strbuf_cut(out, *last_at);
    *last = both ? both : c;
    *last_at = out->len;
    add_codepoint(out, *last);
}

void text_fold(const char *s, size_t len, struct strbuf *out)
{
    uint32_t last = 0;
    size_t last_at = 0;
    size_t at = 0;

    while (at < len) {
        uint32_t folded[4];
        uint32_t c;
        size_t i, n;

        if ((unsigned char)s[at] < 0x80) {
            char *room;

            for (n = 1; at + n < len && (unsigned char)s[at + n] < 0x80; n++)
                continue;
            room = strbuf_room(out, n);
            if (!room)
                return;
            strbuf_grown(out, fold_ascii(s + at, n, room));
            last = 0;
            at += n;
            continue;
        }
        n = utf8_decode(s + at, len - at, &c);
        if (!n) {
            c = 0xfffd;
            n = utf8_bad_len(s + at, len - at);
        }
        at += n;
        n = text_fold_codepoint(c, folded);
        for (i = 0; i < n; i++)
            add_composed(out, folded[i], &last, &last_at);
    }
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool ascii_equal_nocase(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

void ascii_lower(const char *from, char *out, size_t size)
{
    snprintf(out, size, "%s", from);
    for (; *out; out++)
        *out = lower(*out);
}

#include "base/text.h"
#include "extract/ground_index.h"

enum char_class {
    CLASS_BREAK,
    CLASS_LETTER,
    CLASS_DIGIT,
    CLASS_CHARACTER,
};

/* Beyond ASCII, of folded characters; what is in no row is a letter. */
static const struct {
    uint32_t first, last;
    enum char_class class;
} classes[] = {
    { 0x80, 0xa9, CLASS_BREAK },
    { 0xab, 0xb4, CLASS_BREAK },
    { 0xb6, 0xb9, CLASS_BREAK },
    { 0xbb, 0xbf, CLASS_BREAK },
    { 0xd7, 0xd7, CLASS_BREAK },
    { 0xf7, 0xf7, CLASS_BREAK },
    { 0x2c2, 0x2df, CLASS_BREAK },
    { 0x37e, 0x37e, CLASS_BREAK },
    { 0x387, 0x387, CLASS_BREAK },
    { 0x55a, 0x55f, CLASS_BREAK },
    { 0x589, 0x58a, CLASS_BREAK },
    { 0x5be, 0x5be, CLASS_BREAK },
    { 0x5c0, 0x5c0, CLASS_BREAK },
    { 0x5c3, 0x5c3, CLASS_BREAK },
    { 0x5f3, 0x5f4, CLASS_BREAK },
    { 0x600, 0x60f, CLASS_BREAK },
    { 0x61b, 0x61f, CLASS_BREAK },
    { 0x660, 0x669, CLASS_DIGIT }, /* Arabic */
    { 0x66a, 0x66d, CLASS_BREAK },
    { 0x6d4, 0x6d4, CLASS_BREAK },
    { 0x6f0, 0x6f9, CLASS_DIGIT }, /* Persian */
    { 0x964, 0x965, CLASS_BREAK },
    { 0x966, 0x96f, CLASS_DIGIT },     /* Devanagari */
    { 0x9e6, 0x9ef, CLASS_DIGIT },     /* Bengali */
    { 0xe01, 0xe2e, CLASS_CHARACTER }, /* Thai */
    { 0xe2f, 0xe2f, CLASS_BREAK },
    { 0xe30, 0xe3a, CLASS_CHARACTER },
    { 0xe3f, 0xe3f, CLASS_BREAK },
    { 0xe40, 0xe4e, CLASS_CHARACTER },
    { 0xe4f, 0xe4f, CLASS_BREAK },
    { 0xe50, 0xe59, CLASS_DIGIT },
    { 0xe5a, 0xe5b, CLASS_BREAK },
    { 0xe81, 0xedf, CLASS_CHARACTER }, /* Lao */
    { 0xf0b, 0xf14, CLASS_BREAK },
    { 0x1000, 0x103f, CLASS_CHARACTER }, /* Burmese */
    { 0x1040, 0x1049, CLASS_DIGIT },
    { 0x104a, 0x104f, CLASS_BREAK },
    { 0x1050, 0x109f, CLASS_CHARACTER },
    { 0x1100, 0x11ff, CLASS_CHARACTER }, /* Hangul */
    { 0x1361, 0x1368, CLASS_BREAK },
    { 0x1780, 0x17d3, CLASS_CHARACTER }, /* Khmer */
    { 0x17d4, 0x17db, CLASS_BREAK },
    { 0x17e0, 0x17e9, CLASS_DIGIT },
    { 0x2000, 0x206f, CLASS_BREAK },
    { 0x20a0, 0x20cf, CLASS_BREAK },
    { 0x2100, 0x2bff, CLASS_BREAK }, /* signs, arrows, boxes */
    { 0x2e00, 0x2e7f, CLASS_BREAK },
    { 0x2e80, 0x2fdf, CLASS_CHARACTER },
    { 0x2fe0, 0x3004, CLASS_BREAK },
    { 0x3005, 0x3007, CLASS_CHARACTER },
    { 0x3008, 0x3020, CLASS_BREAK },
    { 0x3021, 0x3029, CLASS_CHARACTER },
    { 0x302a, 0x3030, CLASS_BREAK },
    { 0x3031, 0x3035, CLASS_CHARACTER },
    { 0x3036, 0x3037, CLASS_BREAK },
    { 0x3038, 0x303c, CLASS_CHARACTER },
    { 0x303d, 0x3040, CLASS_BREAK },
    { 0x3041, 0x3096, CLASS_CHARACTER }, /* hiragana */
    { 0x3097, 0x309c, CLASS_BREAK },
    { 0x309d, 0x309f, CLASS_CHARACTER },
    { 0x30a0, 0x30a0, CLASS_BREAK },
    { 0x30a1, 0x30fa, CLASS_CHARACTER }, /* katakana */
    { 0x30fb, 0x30fb, CLASS_BREAK },
    { 0x30fc, 0x318f, CLASS_CHARACTER },
    { 0x3190, 0x319f, CLASS_BREAK },
    { 0x31a0, 0x31ff, CLASS_CHARACTER },
    { 0x3200, 0x33ff, CLASS_BREAK },
    { 0x3400, 0x4dbf, CLASS_CHARACTER },
    { 0x4dc0, 0x4dff, CLASS_BREAK },
    { 0x4e00, 0x9fff, CLASS_CHARACTER }, /* Chinese characters */
    { 0xac00, 0xd7ff, CLASS_CHARACTER }, /* Hangul */
    { 0xe000, 0xf8ff, CLASS_BREAK },     /* private: bullets of symbol fonts */
    { 0xf900, 0xfaff, CLASS_CHARACTER },
    { 0xfd3e, 0xfd3f, CLASS_BREAK },
    { 0xfe10, 0xfe6f, CLASS_BREAK },
    { 0xff00, 0xff65, CLASS_BREAK },
    { 0xffe0, 0xffff, CLASS_BREAK },
    { 0x10100, 0x101ff, CLASS_BREAK },
    { 0x1d100, 0x1d24f, CLASS_BREAK },
    { 0x1f000, 0x1faff, CLASS_BREAK }, /* emoji */
    { 0x20000, 0x3ffff, CLASS_CHARACTER },
    { 0xe0000, 0x10ffff, CLASS_BREAK },
};

static bool is_ascii_letter(uint32_t c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z' && c < 0x80;
}

static bool is_ascii_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* What is not ASCII is a break here. */
static enum char_class ascii_class(uint32_t c)
{
    return is_ascii_letter(c)  ? CLASS_LETTER
           : is_ascii_digit(c) ? CLASS_DIGIT
                               : CLASS_BREAK;
}

/* The class of a folded character; digits of other scripts become ASCII. */
static enum char_class classify(uint32_t *c)
{
    size_t low = 0, high = ARRAY_LEN(classes);

    if (*c < 0x80)
        return ascii_class(*c);
    if (*c >= 0x4e00 && *c <= 0x9fff)
        return CLASS_CHARACTER;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (*c > classes[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == ARRAY_LEN(classes) || *c < classes[low].first)
        return CLASS_LETTER;
    if (classes[low].class == CLASS_DIGIT)
        *c = '0' + (*c - classes[low].first);
    return classes[low].class;
}

static bool is_latin(uint32_t c)
{
    return c < 0x250 || (c >= 0x1e00 && c < 0x1f00);
}

static bool is_katakana(uint32_t c)
{
    return (c >= 0x30a1 && c <= 0x30fa) || c == 0x30fc;
}

/* What stands between the last token and here. */
enum gap {
    GAP_OTHER,
    GAP_HYPHEN,  /* right after letters, then only blanks */
    GAP_NEWLINE, /* a hyphen, then a new line */
};

struct scanner {
    struct token_list *list;
    const char *s;
    size_t len;
    bool open;    /* nothing has separated the last token from here */
    bool dotted;  /* the last token is "U.S" so far */
    bool grouped; /* the last token is "1,234" so far */
    enum gap gap;
    size_t kana; /* katakana in a row so far */
};

static struct token *last_token(const struct scanner *sc)
{
    return sc->list->used ? &sc->list->tokens[sc->list->used - 1] : NULL;
}

static bool grow(void **array, size_t *size, size_t need, size_t row)
{
    size_t larger = *size ? *size : 256;
    void *grown;

    while (larger < need)
        larger *= 2;
    grown = realloc(*array, larger * row);
    if (!grown)
        return false;
    *array = grown;
    *size = larger;
    return true;
}

/* Room for what one character of the text can become, and for left others
 * of ASCII after it. */
static bool reserve(struct token_list *list, size_t left)
{
    void *chars = list->chars, *tokens = list->tokens;
    size_t need = list->chars_used + left + 4;
    bool good = true;

    if (need <= list->chars_size && list->used + 4 <= list->size)
        return true;
    if (need > list->chars_size)
        good = grow(&chars, &list->chars_size, need, sizeof(*list->chars));
    list->chars = chars;
    if (good && list->used + 4 > list->size)
        good =
            grow(&tokens, &list->size, list->used + 4, sizeof(*list->tokens));
    list->tokens = tokens;
    return good;
}

/* The long mark at the end of a loan word is a matter of taste: it doesn't
 * count ("server" is written with and without it).  Blanks and the like
 * don't end a word, since they may come from a line's end. */
static void end_katakana(struct scanner *sc)
{
    struct token_list *list = sc->list;

    if (sc->kana >= 4 && list->chars[list->chars_used - 1] == 0x30fc) {
        list->tokens[list->used - 2].end = list->tokens[list->used - 1].end;
        list->used--;
        list->chars_used--;
    }
    sc->kana = 0;
}

static void separate(struct scanner *sc, uint32_t c, size_t start)
{
    const struct token *last = last_token(sc);
    bool newline = c == '\n' || c == '\r';

    if (c == '-' && sc->open && last && last->kind == TOKEN_LETTERS &&
        last->end == start)
        sc->gap = GAP_HYPHEN;
    else if (newline && sc->gap != GAP_OTHER)
        sc->gap = GAP_NEWLINE;
    else if (!text_is_space(c))
        sc->gap = GAP_OTHER;
    sc->open = false;
}

static char peek(const struct scanner *sc, size_t at)
{
    return at < sc->len ? sc->s[at] : '\0';
}

static bool is_word_byte(char c)
{
    return is_ascii_letter((unsigned char)c) ||
           is_ascii_digit((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* "U.S.A.", "J.P.": the dot between single letters doesn't separate. */
static bool is_inner_dot(const struct scanner *sc, size_t at)
{
    const struct token *last = last_token(sc);

    return sc->open && last && last->kind == TOKEN_LETTERS &&
           (last->len == 1 || sc->dotted) &&
           is_ascii_letter((unsigned char)peek(sc, at + 1)) &&
           !is_word_byte(peek(sc, at + 2));
}

/* "1,234": nor does the comma between thousands. */
static bool is_inner_comma(const struct scanner *sc, size_t at)
{
    const struct token *last = last_token(sc);
    size_t i;

    if (!sc->open || !last || last->kind != TOKEN_DIGITS ||
        (last->len > 3 && !sc->grouped))
        return false;
    for (i = 1; i <= 3; i++)
        if (!is_ascii_digit((unsigned char)peek(sc, at + i)))
            return false;
    return !is_ascii_digit((unsigned char)peek(sc, at + 4));
}

/* "C++", "C#": signs that belong to the letters before, unless more
 * letters follow. */
static bool is_sign(const struct scanner *sc, uint32_t c, size_t at)
{
    const struct token *last = last_token(sc);

    return (c == '+' || c == '#') && sc->open && last &&
           (last->kind == TOKEN_LETTERS || last->kind == TOKEN_SIGN) &&
           !is_ascii_letter((unsigned char)peek(sc, at + 1));
}

static void append(struct scanner *sc, uint32_t c, enum token_kind kind,
                   size_t start, size_t end)
{
    struct token_list *list = sc->list;
    struct token *last = last_token(sc);

    if (sc->open && last->kind == kind &&
        (kind == TOKEN_LETTERS || kind == TOKEN_DIGITS)) {
        last->len++;
        last->end = (uint32_t)end;
        last->latin = last->latin && is_latin(c);
    } else {
        if (kind == TOKEN_LETTERS && sc->gap == GAP_NEWLINE && !sc->open)
            last->hyphen = true;
        sc->dotted = sc->grouped = false;
        list->tokens[list->used++] =
            (struct token){ .at = (uint32_t)list->chars_used,
                            .len = 1,
                            .start = (uint32_t)start,
                            .end = (uint32_t)end,
                            .word = NO_WORD,
                            .kind = (uint8_t)kind,
                            .latin = kind == TOKEN_LETTERS && is_latin(c) };
    }
    list->chars[list->chars_used++] = c;
    sc->open = true;
    sc->gap = GAP_OTHER;
}

/* A mark that makes one character with the one before. */
static bool compose(struct scanner *sc, uint32_t c, size_t start, size_t end)
{
    struct token_list *list = sc->list;
    struct token *last = last_token(sc);
    uint32_t both;

    if (c < 0x1161 || !last || last->end != start)
        return false;
    both = text_compose(list->chars[list->chars_used - 1], c);
    if (!both)
        return false;
    list->chars[list->chars_used - 1] = both;
    last->end = (uint32_t)end;
    return true;
}

static void take_break(struct scanner *sc, uint32_t c, size_t start, size_t end)
{
    if (c == '.' && is_inner_dot(sc, start))
        sc->dotted = true;
    else if (c == ',' && is_inner_comma(sc, start))
        sc->grouped = true;
    else if (is_sign(sc, c, start))
        append(sc, c, TOKEN_SIGN, start, end); /* never after katakana */
    else
        separate(sc, c, start);
}

static void take(struct scanner *sc, uint32_t c, size_t start, size_t end)
{
    static const enum token_kind kinds[] = {
        [CLASS_LETTER] = TOKEN_LETTERS,
        [CLASS_DIGIT] = TOKEN_DIGITS,
        [CLASS_CHARACTER] = TOKEN_CHARACTER,
    };
    enum char_class class;

    if (compose(sc, c, start, end))
        return;
    class = classify(&c);
    if (class == CLASS_BREAK) {
        take_break(sc, c, start, end);
        return;
    }
    if (sc->kana && !is_katakana(c))
        end_katakana(sc);
    append(sc, c, kinds[class], start, end);
    sc->kana += is_katakana(c);
}

#define SOFT_HYPHEN 0xad

/* Signs that folding would make letters of: "Java(TM)" isn't "javatm". */
static bool is_mark_sign(uint32_t c)
{
    return c == 0x2120 || c == 0x2122 || c == 0xa9 || c == 0xae;
}

static void take_codepoint(struct scanner *sc, uint32_t c, size_t start,
                           size_t end)
{
    struct token *last;
    uint32_t folded[4];
    size_t i, n;

    if (c == SOFT_HYPHEN) {
        sc->gap = sc->open ? GAP_HYPHEN : GAP_OTHER;
        return;
    }
    if (is_mark_sign(c)) {
        take(sc, ' ', start, end);
        return;
    }
    n = text_fold_codepoint(c, folded);
    for (i = 0; i < n; i++)
        take(sc, folded[i], start, end);
    /* An accent of its own belongs to its letter. */
    last = last_token(sc);
    if (!n && last && sc->open && last->end == start)
        last->end = (uint32_t)end;
}

/* Letters or digits of ASCII in a row, from at on, are most of most texts:
 * taken at once.  0: memory ran out. */
static size_t take_run(struct scanner *sc, size_t at, enum char_class class)
{
    struct token_list *list = sc->list;
    const unsigned char *s = (const unsigned char *)sc->s + at;
    size_t most = sc->len - at, n = 1;
    struct token *token;
    uint32_t *chars;

    if (!reserve(list, most))
        return 0;
    take(sc, s[0] | 32, at, at + 1);
    chars = list->chars + list->chars_used - 1;
    for (; n < most && ascii_class(s[n]) == class; n++)
        chars[n] = s[n] | 32;
    list->chars_used += n - 1;
    token = &list->tokens[list->used - 1];
    token->len += (uint32_t)(n - 1);
    token->end = (uint32_t)(at + n);
    return n;
}

/* Any other character.  0: memory ran out. */
static size_t take_other(struct scanner *sc, size_t at)
{
    uint32_t c = (unsigned char)sc->s[at];
    size_t n = 1;

    if (c == ' ') {
        sc->open = false;
        return 1;
    }
    if (!reserve(sc->list, 1))
        return 0;
    if (c < 0x80) {
        take_break(sc, c, at, at + 1);
        return 1;
    }
    n = utf8_decode(sc->s + at, sc->len - at, &c);
    if (!n) {
        c = ' ';
        n = utf8_bad_len(sc->s + at, sc->len - at);
    }
    take_codepoint(sc, c, at, at + n);
    return n;
}

bool tokens_add(struct token_list *list, const char *s, size_t len)
{
    struct scanner sc = { .list = list, .s = s, .len = len };
    size_t at = 0, n;

    while (at < len) {
        enum char_class class = ascii_class((unsigned char)s[at]);

        n = class == CLASS_BREAK ? take_other(&sc, at)
                                 : take_run(&sc, at, class);
        if (!n)
            return false;
        at += n;
    }
    end_katakana(&sc);
    return true;
}

void tokens_release(struct token_list *list)
{
    free(list->chars);
    free(list->tokens);
    *list = (struct token_list){ 0 };
}

#include "tests/extract/tokens_text.h"

#include "base/text.h"

static uint32_t state;

static uint32_t chance(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return (uint32_t)((uint64_t)state * limit >> 32);
}

/* First and last code points; some lie in holes, which is meant. */
static const uint32_t scripts[][2] = {
    { 'a', 'z' },           { 'a', 'z' },         { 'A', 'Z' },
    { '0', '9' },           { 0x21, 0x2f },       { 0x3a, 0x40 },
    { 0x5b, 0x60 },         { 0x00, 0x20 },       { 0x7f, 0xbf },
    { 0xc0, 0xff },         { 0x100, 0x24f },     { 0x1c4, 0x1cc },
    { 0x250, 0x2ff },       { 0x300, 0x36f },     { 0x370, 0x3ff },
    { 0x400, 0x52f },       { 0x531, 0x58a },     { 0x591, 0x5f4 },
    { 0x600, 0x6ff },       { 0x660, 0x669 },     { 0x900, 0x97f },
    { 0x980, 0x9ff },       { 0xb80, 0xbff },     { 0xe00, 0xe5b },
    { 0xf00, 0xfda },       { 0x1000, 0x109f },   { 0x10a0, 0x10ff },
    { 0x1100, 0x11ff },     { 0x1200, 0x137c },   { 0x13a0, 0x13fd },
    { 0x1680, 0x169c },     { 0x1780, 0x17f9 },   { 0x1800, 0x180f },
    { 0x1c90, 0x1cbf },     { 0x1d00, 0x1dbf },   { 0x1e00, 0x1fff },
    { 0x2000, 0x206f },     { 0x2070, 0x209c },   { 0x20a0, 0x20c0 },
    { 0x2100, 0x218b },     { 0x2190, 0x23ff },   { 0x2460, 0x24ff },
    { 0x2500, 0x27bf },     { 0x2c00, 0x2cff },   { 0x3000, 0x303f },
    { 0x3041, 0x3096 },     { 0x30a0, 0x30ff },   { 0x3105, 0x312f },
    { 0x3400, 0x4dbf },     { 0x4e00, 0x9fff },   { 0xa000, 0xa48c },
    { 0xa640, 0xa7ff },     { 0xac00, 0xd7a3 },   { 0xe000, 0xe100 },
    { 0xf900, 0xfad9 },     { 0xfb00, 0xfb06 },   { 0xfe00, 0xfe0f },
    { 0xff01, 0xffee },     { 0xfff9, 0xffff },   { 0x10000, 0x100fa },
    { 0x10400, 0x1044f },   { 0x1d400, 0x1d7ff }, { 0x1e900, 0x1e95b },
    { 0x1f300, 0x1f64f },   { 0x1f680, 0x1faf8 }, { 0x20000, 0x2a6df },
    { 0x30000, 0x323af },   { 0xe0001, 0xe007f }, { 0xe0100, 0xe01ef },
    { 0x10fff0, 0x10ffff },
};

static const char *const words[] = {
    "the",
    "and",
    "of",
    "to",
    "experience",
    "Managed",
    "engineering",
    "responsibilities",
    "Developed",
    "PostgreSQL",
    "don't",
    "I'm",
    "they'LL",
    "We've",
    "it's",
    "O'Brien",
    "rock'n'roll",
    "'tis",
    "camelCase",
    "HTTPServer",
    "snake_case",
    "naïve",
    "résumé",
    "José",
    "Zürich",
    "Straße",
    "2019",
    "2020-2023",
    "1,000,000",
    "$350K",
    "3.14",
    "10%",
    "C++",
    "C#",
    ".NET",
    "node.js",
    "e-mail:",
    "a.b@c.example",
    "https://example.com/a/b?c=1#d",
    "—",
    "–",
    "•",
    "…",
    "“quoted”",
    "(in brackets)",
    "and/or",
    "R&D",
    "телефон",
    "Москва",
    "опыт",
    "работы",
    "履歴書",
    "工程师",
    "경력",
    "συνεργασία",
    "सॉफ्टवेयर",
    "مهندس",
    "วิศวกรรม",
    "👩‍💻",
    "🇩🇪",
    "👍🏽",
    "<|endoftext|>",
    "<|im_start|>",
    "ﬁne",
    "Ⅷ",
    "x²",
    "½",
};

static const char *const code[] = {
    "for (int i = 0; i < n; i++) {\n    sum += a[i];\n}\n",
    "\tif (!ptr) return -1; // why?\n",
    "def f(x):\n\n\n        return x**2  # ok\n",
    "{\"name\": \"Ada\", \"age\": 36}\r\n",
    "#include <stdio.h>\n\n/* comment */\n",
    "SELECT * FROM t WHERE a>=1 AND b<>'x''s';\n",
    "----------------------------------------\n",
    "================\n///\n//\n",
    "!!!???...,,,;;;\n\n\n/\n",
};

static const char *const blanks[] = {
    " ",    "  ",       "\t",       "\n",           "\r\n",     "\n\n",
    " \n ", "   ",      "\v",       "\f",           "\xc2\xa0", "\xe3\x80\x80",
    "\r",   "\xc2\x85", "    \n\t", "\xe2\x80\xa8",
};

static void add_code(struct strbuf *out, uint32_t codepoint)
{
    char bytes[4];

    if (codepoint >= 0xd800 && codepoint < 0xe000)
        codepoint = '?';
    strbuf_add(out, bytes, utf8_encode(codepoint, bytes));
}

static void add_character(struct strbuf *out, uint32_t script)
{
    add_code(out, scripts[script][0] +
                      chance(scripts[script][1] - scripts[script][0] + 1));
}

/* A word of one script, perhaps with a capital and an ending. */
static void add_word(struct strbuf *out)
{
    static const char *const endings[] = { "'s",        "'T",  "'re", "'VE",
                                           "'m",        "'Ll", "'d",  "'x",
                                           "'\xc5\xbf", "-",   "/",   "." };
    uint32_t script = chance(ARRAY_LEN(scripts));
    uint32_t count = 1 + chance(chance(8) ? 9 : 60);

    if (!chance(3))
        add_character(out, chance(ARRAY_LEN(scripts)));
    while (count--)
        add_character(out, script);
    if (!chance(4))
        strbuf_adds(out, endings[chance(ARRAY_LEN(endings))]);
}

static void add_prose(struct strbuf *out)
{
    uint32_t count = 5 + chance(60);

    while (count--) {
        strbuf_adds(out, words[chance(ARRAY_LEN(words))]);
        strbuf_adds(out, chance(9) ? " " : chance(2) ? ", " : ".\n");
    }
}

static void add_soup(struct strbuf *out)
{
    uint32_t count = 1 + chance(40);

    while (count--)
        add_character(out, chance(ARRAY_LEN(scripts)));
}

/* Letters of both cases, digits, blanks and few symbols. */
static void add_ascii(struct strbuf *out)
{
    static const char letters[] = "aaabcdestrlvmABSTRElvm0129   '''\n\n//.,-";
    uint32_t count = 1 + chance(200);

    while (count--)
        strbuf_addc(out, letters[chance(sizeof(letters) - 1)]);
}

static void add_run(struct strbuf *out)
{
    uint32_t script = chance(ARRAY_LEN(scripts));
    uint32_t codepoint = scripts[script][0];
    uint32_t count = 1 + chance(chance(10) ? 12 : 300);

    while (count--)
        add_code(out, codepoint);
}

static void add_blanks(struct strbuf *out)
{
    uint32_t count = 1 + chance(5);

    while (count--)
        strbuf_adds(out, blanks[chance(ARRAY_LEN(blanks))]);
}

static void add_snippet(struct strbuf *out)
{
    strbuf_adds(out, code[chance(ARRAY_LEN(code))]);
}

void tokens_text(struct strbuf *out, uint32_t seed, size_t size)
{
    static void (*const ways[])(struct strbuf *) = {
        add_word,  add_word, add_word,   add_prose,  add_soup,
        add_ascii, add_run,  add_blanks, add_blanks, add_snippet,
    };
    size_t end = out->len + size;

    state = seed * 2654435761u + 1;
    state = state ? state : 1;
    while (out->len < end && strbuf_ok(out)) {
        ways[chance(ARRAY_LEN(ways))](out);
        if (chance(3))
            strbuf_addc(out, ' ');
    }
}

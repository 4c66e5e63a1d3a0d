#include "base/text.h"
#include "tests/tap.h"

static void valid_means_what_unicode_says(void)
{
    static const struct {
        const char *why, *text;
        size_t prefix; /* how far it is valid */
    } cases[] = {
        { "ASCII", "abc", 3 },
        { "nothing", "", 0 },
        { "two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
          9 },
        { "the last code point", "\xf4\x8f\xbf\xbf", 4 },
        { "beyond it", "\xf4\x90\x80\x80", 0 },
        { "an overlong slash", "a\xc0\xaf", 1 },
        { "overlong in three", "\xe0\x9f\xbf", 0 },
        { "overlong in four", "\xf0\x8f\xbf\xbf", 0 },
        { "a surrogate", "ab\xed\xa0\x80", 2 },
        { "just below the surrogates", "\xed\x9f\xbf", 3 },
        { "a lone continuation", "abcdefgh\x80", 8 },
        { "a cut character", "abcdefghij\xe2\x82", 10 },
        { "a cut in the middle", "\xe2\x82z", 0 },
        { "FF", "\xff", 0 },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = strlen(cases[i].text);

        is_int(utf8_valid_prefix(cases[i].text, len), cases[i].prefix, "%s",
               cases[i].why);
        is_int(utf8_valid(cases[i].text, len), cases[i].prefix == len,
               "%s: a verdict", cases[i].why);
    }
}

/* The slow and obvious way, at every offset of a block. */
static void a_bad_byte_is_seen_wherever_it_stands(void)
{
    static const char *const bad[] = { "\x80",         "\xc3",
                                       "\xe2\x82",     "\xf0\x9f\x98",
                                       "\xed\xa0\x80", "\xc0\xaf" };
    static const char *const fill[] = { "a", "\xc3\xa9", "\xe4\xb8\xad",
                                        "\xf0\x9f\x98\x80" };
    char text[400];
    size_t i, j, at;
    bool good = true;

    for (i = 0; i < ARRAY_LEN(bad); i++)
        for (j = 0; j < ARRAY_LEN(fill); j++) {
            size_t unit = strlen(fill[j]);

            for (at = 0; at + unit <= 200; at += unit) {
                size_t len;

                for (len = 0; len < at; len += unit)
                    memcpy(text + len, fill[j], unit);
                memcpy(text + len, bad[i], strlen(bad[i]));
                len += strlen(bad[i]);
                memset(text + len, 'z', 100);
                good = good && utf8_valid_prefix(text, len) == at &&
                       utf8_valid_prefix(text, len + 100) == at;
            }
        }
    ok(good, "at every offset, after every kind of character");
}

static void every_code_point_goes_there_and_back(void)
{
    uint32_t c, back;
    char out[4];
    bool good = true;

    for (c = 0; c <= 0x10ffff; c++) {
        size_t n = utf8_encode(c, out);
        bool surrogate = c >= 0xd800 && c < 0xe000;

        good = good && utf8_decode(out, n, &back) == n &&
               back == (surrogate ? 0xfffd : c);
    }
    ok(good, "encode and decode agree");
    is_int(utf8_encode(0x110000, out), 3, "beyond becomes U+FFFD");
}

static void repair_leaves_valid_text_and_counts(void)
{
    static const struct {
        const char *why, *text;
        size_t len;
        const char *want;
        size_t invalid, nuls, controls;
    } cases[] = {
        { "plain text stays", "a\tb\nc", 5, "a\tb\nc", 0, 0, 0 },
        { "line ends", "a\r\nb\rc\r", 7, "a\nb\nc\n", 0, 0, 0 },
        { "pages and NEL end lines", "a\fb\vc\xc2\x85", 7, "a\nb\nc\n", 0, 0,
          0 },
        { "NULs go", "a\0b\0", 4, "ab", 0, 2, 0 },
        { "controls go",
          "\x01"
          "a\x1b\x7f\xc2\x9f",
          6, "a", 0, 0, 4 },
        { "a BOM goes", "\xef\xbb\xbfx", 4, "x", 0, 0, 0 },
        { "one U+FFFD for a cut sequence", "a\xf0\x9f\x98z", 5,
          "a\xef\xbf\xbdz", 1, 0, 0 },
        { "and two for two bytes that begin nothing", "\xc0\xaf", 2,
          "\xef\xbf\xbd\xef\xbf\xbd", 2, 0, 0 },
        { "a surrogate is three", "\xed\xa0\x80", 3,
          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 3, 0, 0 },
        { "Latin-1", "caf\xe9 x", 6, "caf\xef\xbf\xbd x", 1, 0, 0 },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct text_repair what = { 0 };
        struct strbuf out;

        strbuf_init(&out, 100);
        text_repair(cases[i].text, cases[i].len, &out, &what);
        is_str(out.data, cases[i].want, "%s", cases[i].why);
        ok(what.invalid == cases[i].invalid && what.nuls == cases[i].nuls &&
               what.controls == cases[i].controls,
           "%s: counted", cases[i].why);
        strbuf_release(&out);
    }
}

static void blank_is_what_shows_nothing(void)
{
    ok(text_is_blank("", 0), "nothing");
    ok(text_is_blank(" \t\r\n\xc2\xa0\xe3\x80\x80", 9), "white space");
    ok(text_is_blank("\xe2\x80\x8b\xef\xbb\xbf\x01", 7), "invisible ones");
    ok(!text_is_blank("  .", 3), "a full stop shows");
    ok(!text_is_blank("\xff", 1), "so does a bad byte");
}

static void lengths_count_what_they_say(void)
{
    const char *s = "a\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80";

    is_int(utf8_characters(s, strlen(s)), 4, "characters");
    is_int(utf8_utf16_units(s, strlen(s)), 5, "UTF-16 units");
    is_int(utf8_characters("\xff\xffz", 3), 3, "bad bytes count as one each");
}

static void a_cut_keeps_characters_whole(void)
{
    static const struct {
        const char *why, *text;
        size_t max;
        enum text_unit unit;
        const char *want;
    } cases[] = {
        { "all fits", "abc", 3, TEXT_BYTES, "abc" },
        { "bytes", "abc", 2, TEXT_BYTES, "ab" },
        { "a character isn't split", "a\xe2\x82\xac", 3, TEXT_BYTES, "a" },
        { "nothing fits", "\xe2\x82\xac", 2, TEXT_BYTES, "" },
        { "characters", "\xe2\x82\xac\xe2\x82\xac", 1, TEXT_CHARACTERS,
          "\xe2\x82\xac" },
        { "an emoji is two units", "a\xf0\x9f\x98\x80", 2, TEXT_UTF16, "a" },
        { "and fits in two", "\xf0\x9f\x98\x80z", 2, TEXT_UTF16,
          "\xf0\x9f\x98\x80" },
        { "a mark stays with its letter", "abe\xcc\x81z", 3, TEXT_CHARACTERS,
          "ab" },
        { "so do many", "ae\xcc\x81\xcc\x82\xcc\x83", 4, TEXT_CHARACTERS, "a" },
        { "up to a price",
          "ae\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"
          "\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
          11, TEXT_CHARACTERS,
          "ae\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81"
          "\xcc\x81\xcc\x81" },
        { "a joined emoji is one",
          "x\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", 3, TEXT_CHARACTERS,
          "x" },
        { "max of nothing", "abc", 0, TEXT_BYTES, "" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = strlen(cases[i].text);
        size_t n = utf8_cut(cases[i].text, len, cases[i].max, cases[i].unit);

        ok(n == strlen(cases[i].want) &&
               !memcmp(cases[i].text, cases[i].want, n),
           "%s (%zu bytes)", cases[i].why, n);
    }
}

static void a_long_cut_is_the_same_as_a_slow_one(void)
{
    char text[3000];
    size_t i;
    size_t len = 0;
    bool good = true;

    while (len < sizeof(text) - 4)
        len += utf8_encode(len % 7   ? 'a'
                           : len % 2 ? 0xe9
                                     : 0x1f600,
                           text + len);
    for (i = 0; i < len; i++) {
        size_t n = utf8_cut(text, len, i, TEXT_BYTES);

        good = good && n <= i && i - n < 4 && utf8_valid(text, n);
    }
    ok(good, "valid and no more than three bytes short");
}

static void folding_makes_equal_what_people_call_equal(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "M\xc3\xbcller", "muller" },
        { "Mu\xcc\x88ller", "muller" },
        { "STRASSE", "strasse" },
        { "Stra\xc3\x9f"
          "e",
          "strasse" },
        { "\xc5\x81\xc3\xb3"
          "d\xc5\xba",
          "lodz" },
        { "\xc3\x86r\xc3\xb8", "aero" },
        { "\xef\xac\x81nance", "finance" },
        { "\xef\xbc\xa1\xef\xbc\xa2\xef\xbc\x91\xef\xbc\x92", "ab12" },
        { "a\xc2\xa0z\xe3\x80\x80!", "a z !" },
        { "O\xe2\x80\x99Neil \xe2\x80\x93 \xe2\x80\x9cx\xe2\x80\x9d",
          "o'neil - \"x\"" },
        { "\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0",
          "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0" },
        { "\xd0\xb9\xd1\x91", "\xd0\xb8\xd0\xb5" },
        { "\xce\x91\xce\xb8\xce\xae\xce\xbd\xce\xb1\xcf\x82",
          "\xce\xb1\xce\xb8\xce\xb7\xce\xbd\xce\xb1\xcf\x83" },
        { "\xef\xbd\xb6\xef\xbe\x9e", "\xe3\x82\xac" }, /* half-width ga */
        { "\xe3\x81\x8b\xe3\x82\x99", "\xe3\x81\x8c" }, /* ka + mark = ga */
        { "\xe3\x81\x8c", "\xe3\x81\x8c" },             /* ga isn't ka */
        { "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c" },
        { "\xe3\x88\xb1", "(\xe6\xa0\xaa)" },
        { "\xe2\xbe\x92", "\xe8\xa6\x8b" }, /* a radical is its ideograph */
        { "zero\xe2\x80\x8bwidth", "zerowidth" },
        { "\xf0\x9d\x90\x80\xf0\x9d\x90\x81", "ab" }, /* bold letters */
        { "bad\xff!", "bad\xef\xbf\xbd!" },
        { "", "" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct strbuf out;

        strbuf_init(&out, 100);
        text_fold(cases[i].text, strlen(cases[i].text), &out);
        is_str(out.data, cases[i].want, "%s", cases[i].text);
        strbuf_release(&out);
    }
}

static void a_fold_of_a_fold_changes_nothing(void)
{
    struct strbuf once, twice;
    uint32_t c;
    int bad = 0;

    strbuf_init(&once, 100);
    strbuf_init(&twice, 100);
    for (c = 1; c <= 0x10ffff; c++) {
        char bytes[4];
        size_t n = utf8_encode(c, bytes);

        strbuf_clear(&once);
        strbuf_clear(&twice);
        text_fold(bytes, n, &once);
        text_fold(once.data, once.len, &twice);
        if (strcmp(once.data, twice.data) != 0 && bad++ < 5)
            tap_note("U+%04X", (unsigned)c);
    }
    is_int(bad, 0, "for every code point");
    strbuf_release(&once);
    strbuf_release(&twice);
}

static void ascii_compares_without_case(void)
{
    ok(ascii_equal_nocase("Content-Type", "content-type"), "equal");
    ok(!ascii_equal_nocase("ab", "abc"), "a prefix isn't");
    ok(!ascii_equal_nocase("\xc3\x84", "\xc3\xa4"), "only ASCII");
}

static void letters_become_small(void)
{
    char out[6];

    ascii_lower("aBZ[@\xc3\x84", out, sizeof(out));
    is_str(out, "abz[@", "of ASCII only, cut at the size");
}

int main(void)
{
    letters_become_small();
    valid_means_what_unicode_says();
    a_bad_byte_is_seen_wherever_it_stands();
    every_code_point_goes_there_and_back();
    repair_leaves_valid_text_and_counts();
    blank_is_what_shows_nothing();
    lengths_count_what_they_say();
    a_cut_keeps_characters_whole();
    a_long_cut_is_the_same_as_a_slow_one();
    folding_makes_equal_what_people_call_equal();
    a_fold_of_a_fold_changes_nothing();
    ascii_compares_without_case();
    return tap_done();
}

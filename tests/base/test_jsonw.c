#include "base/jsonw.h"

#include <math.h>

#include "base/jsonr.h"
#include "base/text.h"
#include "tests/tap.h"

static void quoting_escapes_what_it_must(void)
{
    static const struct {
        const char *why, *text;
        size_t len;
        const char *want;
    } cases[] = {
        { "nothing", "", 0, "\"\"" },
        { "plain text", "abc", 3, "\"abc\"" },
        { "quote and backslash", "a\"b\\c", 5, "\"a\\\"b\\\\c\"" },
        { "short escapes", "\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"" },
        { "other controls", "\x01\x1f", 2, "\"\\u0001\\u001f\"" },
        { "NUL", "a\0b", 3, "\"a\\u0000b\"" },
        { "DEL and a slash stay", "\x7f/", 2, "\"\x7f/\"" },
        { "UTF-8 stays", "\xc3\xa9\xf0\x9f\x98\x80", 6,
          "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
        { "invalid becomes U+FFFD", "a\xff\xe2\x82z", 5,
          "\"a\xef\xbf\xbd\xef\xbf\xbdz\"" },
        { "cut at the end", "a\xe2\x82", 3, "\"a\xef\xbf\xbd\"" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct strbuf out;

        strbuf_init(&out, strlen(cases[i].want));
        jsonw_quote(&out, cases[i].text, cases[i].len);
        is_str(out.data, cases[i].want, "%s", cases[i].why);
        ok(strbuf_ok(&out), "%s: in exactly that much", cases[i].why);
        out.ceiling--;
        strbuf_clear(&out);
        jsonw_quote(&out, cases[i].text, cases[i].len);
        ok(!strbuf_ok(&out), "%s: and not in less", cases[i].why);
        strbuf_release(&out);
    }
}

/* Any bytes at any offset: what comes out reads back as the repaired. */
static void what_is_quoted_reads_back(void)
{
    struct json_doc *doc = json_doc_new();
    struct strbuf out, back, want;
    uint32_t seed = 1;
    int round;
    int bad = 0;

    strbuf_init(&out, MIB);
    strbuf_init(&back, MIB);
    strbuf_init(&want, MIB);
    for (round = 0; round < 3000; round++) {
        char text[5000];
        size_t len = (size_t)round % 2 ? (size_t)round % 200 : 5000;
        size_t i;
        struct error err;
        const struct json_node *node;

        for (i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (char)(seed >> 24);
            if (round % 5 && seed >> 8 & 15)
                text[i] = (char)('a' + (text[i] & 15));
        }
        strbuf_clear(&out);
        strbuf_clear(&back);
        strbuf_clear(&want);
        jsonw_quote(&out, text, len);
        for (i = 0; i < len;) {
            size_t n = utf8_valid_prefix(text + i, len - i);

            strbuf_add(&want, text + i, n);
            i += n;
            if (i < len)
                strbuf_adds(&want, "\xef\xbf\xbd");
            i += utf8_bad_len(text + i, len - i);
        }
        node = json_read(doc, out.data, out.len, NULL, &err);
        bad += !node || !json_string(node, &back) || back.len != want.len ||
               memcmp(back.data, want.data, want.len) != 0;
    }
    is_int(bad, 0, "3,000 random texts");
    strbuf_release(&out);
    strbuf_release(&back);
    strbuf_release(&want);
    json_doc_free(doc);
}

static void the_writer_minds_the_commas(void)
{
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 1000);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "a", "x\"");
    jsonw_text(&w, "b", NULL);
    jsonw_array(&w, "c");
    jsonw_integer(&w, NULL, INT64_MIN);
    jsonw_bool(&w, NULL, true);
    jsonw_object(&w, NULL);
    jsonw_end_object(&w);
    jsonw_array(&w, NULL);
    jsonw_end_array(&w);
    jsonw_end_array(&w);
    jsonw_raw(&w, "d", "{}", 2);
    jsonw_text_len(&w, "e", "yz", 1);
    jsonw_null(&w, "f");
    jsonw_end_object(&w);
    is_str(out.data,
           "{\"a\":\"x\\\"\",\"b\":null,\"c\":[-9223372036854775808,true,{},"
           "[]],\"d\":{},\"e\":\"y\",\"f\":null}",
           "nested");
    strbuf_release(&out);
}

static void reals_read_back(void)
{
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        { 0, "0" },           { 0.1, "0.1" },
        { 1.5, "1.5" },       { 1e300, "1e+300" },
        { -2, "-2" },         { 0.1 + 0.2, "0.30000000000000004" },
        { HUGE_VAL, "null" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct strbuf out;
        struct jsonw w;

        strbuf_init(&out, 100);
        jsonw_init(&w, &out);
        jsonw_real(&w, NULL, cases[i].value);
        is_str(out.data, cases[i].want, "%g", cases[i].value);
        strbuf_release(&out);
    }
}

static void thirty_two_levels_are_fine(void)
{
    struct strbuf out;
    struct jsonw w;
    int i;

    strbuf_init(&out, 1000);
    jsonw_init(&w, &out);
    for (i = 0; i < 32; i++)
        jsonw_array(&w, NULL);
    jsonw_null(&w, NULL);
    jsonw_null(&w, NULL);
    for (i = 0; i < 32; i++)
        jsonw_end_array(&w);
    is_int(out.len, 64 + 9, "brackets, two words and one comma");
    strbuf_release(&out);
}

int main(void)
{
    quoting_escapes_what_it_must();
    what_is_quoted_reads_back();
    the_writer_minds_the_commas();
    reals_read_back();
    thirty_two_levels_are_fine();
    return tap_done();
}

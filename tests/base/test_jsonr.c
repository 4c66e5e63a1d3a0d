/* The file itself, for its hash: names that collide can't be had without. */
#include "base/jsonr.c" /* NOLINT */

#include "tests/tap.h"

static struct json_doc *doc;

static const struct json_node *read_text(const char *text, size_t len,
                                         struct error *err)
{
    return json_read(doc, text, len, NULL, err);
}

static void what_is_not_json_is_refused(void)
{
    static const struct {
        const char *why, *text;
    } cases[] = {
        { "nothing", "" },
        { "only white space", " \n" },
        { "bytes after the value", "{\"a\":1}xyz" },
        { "a second value", "1 2" },
        { "NaN", "NaN" },
        { "Infinity", "-Infinity" },
        { "single quotes", "{'a':1}" },
        { "a trailing comma in an object", "{\"a\":1,}" },
        { "a trailing comma in an array", "[1,]" },
        { "a leading comma", "[,1]" },
        { "two commas", "[1,,2]" },
        { "no comma", "[1 2]" },
        { "no colon", "{\"a\" 1}" },
        { "no name", "{1:1}" },
        { "no value", "{\"a\":}" },
        { "a comment", "[1/*x*/]" },
        { "a leading zero", "007" },
        { "a plus sign", "+1" },
        { "no digit before the point", ".5" },
        { "no digit after it", "5." },
        { "an empty exponent", "1e" },
        { "only a minus", "-" },
        { "hexadecimal", "0x10" },
        { "a word in capitals", "TRUE" },
        { "a cut word", "tru" },
        { "a word with a tail", "nullx" },
        { "a lone high surrogate", "\"\\ud800\"" },
        { "a lone low surrogate", "\"\\udc00\"" },
        { "a high surrogate before a letter", "\"\\ud800\\u0041\"" },
        { "a high surrogate before another escape", "\"\\ud800\\n....\"" },
        { "invalid UTF-8", "\"\xff\xfe\"" },
        { "overlong UTF-8", "\"\xc0\xaf\"" },
        { "an encoded surrogate", "\"\xed\xa0\x80\"" },
        { "a cut character", "\"\xe2\x82\"" },
        { "a raw tab in a string", "\"\t\"" },
        { "a raw newline in a string", "\"\n\"" },
        { "no such escape", "\"\\x41\"" },
        { "an escaped single quote", "\"\\'\"" },
        { "a cut \\u", "\"\\u00" },
        { "a bad \\u", "\"\\u00g0\"" },
        { "a string that doesn't end", "\"abc" },
        { "a string that ends in a backslash", "\"abc\\" },
        { "an array that doesn't end", "[1" },
        { "an object that doesn't end", "{\"a\":1" },
        { "the wrong bracket", "[1}" },
        { "a bracket too many", "[1]]" },
        { "a byte order mark", "\xef\xbb\xbf[]" },
        { "a no-break space", "\xc2\xa0[]" },
        { "a form feed", "\f[]" },
        { "a duplicate name", "{\"a\":1,\"b\":2,\"a\":3}" },
        { "a duplicate behind an escape", "{\"a\":1,\"\\u0061\":3}" },
        { "a duplicate of an escape", "{\"\\u0061\":1,\"a\":3}" },
        { "a duplicate deep down", "[{\"x\":{\"k\":1,\"k\":1}}]" },
        { "the empty name twice", "{\"\":1,\"\":1}" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = { 0 };

        ok(!read_text(cases[i].text, strlen(cases[i].text), &err), "%s: %s",
           cases[i].why, err.message);
        ok(err.kind == ERROR_REJECT && !strcmp(err.code, "json"),
           "%s: with kind and code", cases[i].why);
    }
}

static void a_nul_is_refused(void)
{
    struct error err;

    ok(!read_text("\"a\0b\"", 5, &err), "in a string");
    ok(!read_text("1\0", 2, &err), "after a value");
}

static void what_is_json_is_accepted(void)
{
    static const char *const cases[] = {
        "null",
        " true ",
        "false",
        "\t[\r\n]",
        "{}",
        "[]",
        "[[],{}]",
        "0",
        "-0",
        "-0.0e-0",
        "1E+5",
        "1e400",
        "1234567890123456789012345678901234567890",
        "\"\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\u0000\"",
        "\"\x7f\xc3\xa9\xf0\x9f\x98\x80\"",
        "{\"a\":{\"a\":1},\"b\":{\"a\":1}}",
        "{\"a\":1,\"A\":2,\"\":3,\"aa\":4}",
        "[1,\"a\",{\"b\":[null]},true]",
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = { 0 };

        ok(read_text(cases[i], strlen(cases[i]), &err) != NULL, "%s %s",
           cases[i], err.message);
    }
}

static void ceilings_hold(void)
{
    static const struct json_limits limits = { 20, 5, 3 };
    static const struct {
        const char *why, *text;
        bool good;
    } cases[] = {
        { "as deep as allowed", "[[[]]]", true },
        { "one deeper", "[[[[]]]]", false },
        { "as many nodes as allowed", "[1,2,3,4]", true },
        { "one more", "[1,2,3,4,5]", false },
        { "names count", "{\"a\":1,\"b\":2}", true },
        { "three of them", "{\"a\":1,\"b\":2,\"c\":3}", false },
        { "as long as allowed", "[                  ]", true },
        { "one longer", "[                   ]", false },
    };
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        ok(!json_read(doc, cases[i].text, strlen(cases[i].text), &limits,
                      &err) == !cases[i].good,
           "%s", cases[i].why);
}

static void depth_is_no_recursion(void)
{
    const size_t deep = 200000;
    struct json_limits limits = { MIB, 1000000, 200001 };
    char *text = malloc(2 * deep + 1);
    struct error err;

    memset(text, '[', deep);
    memset(text + deep, ']', deep);
    ok(!read_text(text, 2 * deep, &err), "the default refuses 200,000 levels");
    ok(json_read(doc, text, 2 * deep, &limits, &err) != NULL,
       "whoever asks gets them");
    is_int(json_extent(text, 2 * deep), 2 * deep, "their extent is found");
    ok(!json_read(doc, text, 2 * deep - 1, &limits, &err), "not when cut");
    is_int(json_extent(text, 2 * deep - 1), 0, "nor its extent");
    free(text);
}

static void walking_finds_everything_in_order(void)
{
    static const char text[] =
        "{\"a\":[1,[2,3],{\"x\":4}],\"b\":{},\"c\":\"s\"}";
    struct error err;
    const struct json_node *root = read_text(text, sizeof(text) - 1, &err);
    const struct json_node *a = json_member(root, "a");
    const struct json_node *node;

    is_int(json_count(root), 3, "three members");
    is_int(json_count(a), 3, "three elements");
    ok(json_element(a, 1)->kind == JSON_ARRAY, "the second is an array");
    ok(!json_element(a, 3), "there is no fourth");
    node = json_next(a);
    ok(node == json_member(root, "b") && json_equals(json_name(node), "b"),
       "after a comes b, past all that a holds");
    ok(!json_first(node), "which is empty");
    node = json_next(node);
    ok(json_equals(node, "s") && !json_next(node), "and c is last");
    ok(!json_name(json_element(a, 0)) && !json_name(root),
       "elements and the root have no name");
    ok(a->len == strlen("[1,[2,3],{\"x\":4}]"), "a container knows its text");
    ok(!json_member(a, "x") && !json_element(root, 0), "kinds are respected");
    ok(!json_first(NULL) && !json_next(NULL) && !json_name(NULL) &&
           !json_member(NULL, "a") && !json_element(NULL, 0) &&
           !json_pointer(NULL, "/a"),
       "nothing of nothing is nothing");
}

static void pointers_follow_rfc_6901(void)
{
    static const char text[] =
        "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"m~n\":8,\"k\\\"l\":6,"
        "\"0\":9}";
    static const struct {
        const char *pointer, *want;
    } cases[] = {
        { "/foo/0", "bar" }, { "/foo/1", "baz" },  { "/foo/2", NULL },
        { "/foo/01", NULL }, { "/foo/-1", NULL },  { "/foo/", NULL },
        { "foo", NULL },     { "/", "0" },         { "/a~1b", "1" },
        { "/m~0n", "8" },    { "/m~2n", NULL },    { "/k\"l", "6" },
        { "/0", "9" },       { "/foo/0/x", NULL },
    };
    struct error err;
    const struct json_node *root = read_text(text, sizeof(text) - 1, &err);
    size_t i;

    ok(json_pointer(root, "") == root, "the empty one is the root");
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        const struct json_node *node = json_pointer(root, cases[i].pointer);

        ok(cases[i].want ? node && node->len == strlen(cases[i].want) &&
                               !memcmp(node->text, cases[i].want, node->len)
                         : !node,
           "%s", cases[i].pointer);
    }
}

static void strings_are_unescaped(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        { "\"plain\"", "plain" },
        { "\"a\\nb\\tc\\\"\\\\\\/\"", "a\nb\tc\"\\/" },
        { "\"\\u0041\\u00e9\\u20ac\"", "A\xc3\xa9\xe2\x82\xac" },
        { "\"\\ud83d\\ude00!\"", "\xf0\x9f\x98\x80!" },
        { "\"\\uD83D\\uDE00\"", "\xf0\x9f\x98\x80" },
        { "\"\\b\\f\\r\"", "\b\f\r" },
    };
    struct strbuf out;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        const struct json_node *node =
            read_text(cases[i].text, strlen(cases[i].text), &err);

        strbuf_init(&out, strlen(cases[i].want));
        ok(json_string(node, &out), "%s fits exactly", cases[i].text);
        is_str(out.data, cases[i].want, "%s", cases[i].text);
        ok(json_equals(node, cases[i].want), "%s equals", cases[i].text);
        ok(!json_equals(node, "A"), "%s isn't A", cases[i].text);
        out.ceiling--;
        strbuf_clear(&out);
        ok(!json_string(node, &out), "%s and not in less", cases[i].text);
        strbuf_release(&out);
    }
    ok(!json_string(read_text("1", 1, &err), &out), "a number is no string");
}

static void numbers_are_read_exactly_or_not(void)
{
    static const struct {
        const char *text;
        bool whole;
        int64_t integer;
        bool finite;
        double real;
    } cases[] = {
        { "0", true, 0, true, 0 },
        { "-0", true, 0, true, 0 },
        { "42", true, 42, true, 42 },
        { "9223372036854775807", true, INT64_MAX, true, 9223372036854775807.0 },
        { "9223372036854775808", false, 0, true, 9223372036854775808.0 },
        { "-9223372036854775808", true, INT64_MIN, true,
          -9223372036854775808.0 },
        { "5.0", true, 5, true, 5 },
        { "5e2", true, 500, true, 500 },
        { "5.5", false, 0, true, 5.5 },
        { "0.1", false, 0, true, 0.1 },
        { "1e400", false, 0, false, 0 },
        { "-1e400", false, 0, false, 0 },
        { "30812e63", false, 0, true, 30812e63 },
        { "1234567890123456789012345678901234567890", false, 0, true,
          1234567890123456789012345678901234567890.0 },
        { "\"5\"", false, 0, false, 0 },
        { "true", false, 0, false, 0 },
    };
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        const struct json_node *node =
            read_text(cases[i].text, strlen(cases[i].text), &err);
        int64_t integer = 0;
        double real = 0;

        ok(json_integer(node, &integer) == cases[i].whole &&
               (!cases[i].whole || integer == cases[i].integer),
           "%s as an integer", cases[i].text);
        ok(json_real(node, &real) == cases[i].finite &&
               (!cases[i].finite ||
                !(real < cases[i].real || real > cases[i].real)),
           "%s as a real", cases[i].text);
    }
    is_int(json_member_integer(read_text("{\"n\":7}", 7, &err), "n", 1), 7,
           "a member");
    is_int(json_member_integer(NULL, "n", 1), 1, "or the fallback");
}

static void an_extent_is_a_whole_value(void)
{
    static const struct {
        const char *text;
        size_t want;
    } cases[] = {
        { "{\"a\":\"}\"} tail", 9 },
        { "[1,[2]]]", 7 },
        { "\"a\\\"b\" x", 6 },
        { "\"a\\\\\"b", 5 },
        { "12,3", 2 },
        { "true}", 4 },
        { "{\"a\":", 0 },
        { "\"abc", 0 },
        { "\"abc\\", 0 },
        { "", 0 },
        { " 1", 0 },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        is_int(json_extent(cases[i].text, strlen(cases[i].text)), cases[i].want,
               "%s", cases[i].text);
}

/* An object of count names, the last one like the first when twice. */
static char *many_names(size_t count, bool twice, size_t *len)
{
    char *text = malloc(count * 24 + 3);
    size_t i;

    *len = 0;
    text[(*len)++] = '{';
    for (i = 0; i < count; i++)
        *len += (size_t)snprintf(text + *len, 24, "%s\"name%zu\":1",
                                 i ? "," : "", twice && i == count - 1 ? 0 : i);
    text[(*len)++] = '}';
    return text;
}

static void duplicates_are_found_among_many(void)
{
    static const size_t counts[] = { 2, 8, 9, 16, 17, 1000, 300000 };
    size_t i;

    for (i = 0; i < ARRAY_LEN(counts); i++) {
        struct error err;
        size_t len;
        char *text = many_names(counts[i], false, &len);

        ok(read_text(text, len, &err) != NULL, "%zu different names",
           counts[i]);
        free(text);
        text = many_names(counts[i], true, &len);
        ok(!read_text(text, len, &err), "%zu with a pair", counts[i]);
        free(text);
    }
}

/* count names of one slot. */
static char *colliding_names(size_t count, bool twice, size_t *len)
{
    char *text = malloc(count * 24 + 3);
    size_t found = 0;
    unsigned i;

    *len = 0;
    text[(*len)++] = '{';
    for (i = 0; found < count; i++) {
        char name[16];
        struct name n = { .text = name };

        n.len = (size_t)snprintf(name, sizeof(name), "n%u", i);
        if (hash_name(&n) % 1024 != 7)
            continue;
        *len += (size_t)snprintf(text + *len, 24, "%s\"%s\":1",
                                 found ? "," : "", name);
        found++;
    }
    if (twice) {
        size_t first = (size_t)(strchr(text, ',') - text - 1);

        text[(*len)++] = ',';
        memcpy(text + *len, text + 1, first);
        *len += first;
    }
    text[(*len)++] = '}';
    return text;
}

static void names_made_to_collide_are_sorted(void)
{
    struct error err;
    size_t len;
    char *text = colliding_names(400, false, &len);

    ok(read_text(text, len, &err) != NULL, "400 different names of one slot");
    free(text);
    text = colliding_names(399, true, &len);
    ok(!read_text(text, len, &err), "one of them twice: %s", err.message);
    free(text);
}

int main(void)
{
    doc = json_doc_new();
    what_is_not_json_is_refused();
    a_nul_is_refused();
    what_is_json_is_accepted();
    ceilings_hold();
    depth_is_no_recursion();
    walking_finds_everything_in_order();
    pointers_follow_rfc_6901();
    strings_are_unescaped();
    numbers_are_read_exactly_or_not();
    an_extent_is_a_whole_value();
    duplicates_are_found_among_many();
    names_made_to_collide_are_sorted();
    json_doc_free(doc);
    return tap_done();
}

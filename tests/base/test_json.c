#include "base/json.h"

#include <unistd.h>

#include "base/file.h"
#include "tests/folder.h"
#include "tests/tap.h"

static const struct {
    const char *text;
    size_t len; /* 0 = strlen */
    const char *message;
    const char *why;
} refused[] = {
    { "", 0, "line 1, column 1: ", "nothing" },
    { "  ", 0, "line 1, column 3: ", "blanks" },
    { "null", 0, "line 1, column 1: null is no document", "null" },
    { "{\"a\":1", 0, "line 1, column 7: ", "an open object" },
    { "{\"a\":1} x", 0, "line 1, column 9: ", "text after it" },
    { "{\"a\":1}{}", 0, "line 1, column 8: ", "a second document" },
    { "{\n  \"a\": tru }", 0, "line 2, column 8: ", "a broken word" },
    { "{\"a\":1,}", 0, "line 1, column 8: ", "a trailing comma" },
    { "[\"\xff\"]", 0, "line 1, column 3: ", "invalid UTF-8" },
    { "[1]\0[2]", 7, "line 1, column 4: ", "a NUL" },
    { "[NaN]", 0, "line 1, column 2: ", "NaN" },
    { "['a']", 0, "line 1, column 2: ", "single quotes" },
    { "[1 /* one */]", 0, "line 1, column 4: ", "a comment" },
    { "{\"a\":1,\n\"a\":2}", 0, "line 2, column ", "a repeated name" },
};

static void what_is_no_document_is_refused(void)
{
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(refused); i++) {
        size_t len = refused[i].len ? refused[i].len : strlen(refused[i].text);

        err.message[0] = '\0';
        ok(!json_parse(refused[i].text, len, &err), "%s", refused[i].why);
        ok(strstr(err.message, refused[i].message), "says \"%s\": %s",
           refused[i].message, err.message);
    }
}

static void depth_is_bounded(void)
{
    char text[200];
    struct error err;
    struct json_object *o;

    memset(text, '[', 100);
    memset(text + 100, ']', 100);
    ok(!json_parse(text, 200, &err), "100 levels are refused");
    o = json_parse(text + 50, 100, &err);
    ok(o, "50 levels are fine");
    json_free(o);
}

static void getters_bring_values_or_the_fallback(void)
{
    const char *text = "{\"s\":\"x\",\"i\":42,\"r\":1.5,\"w\":1e3,\"b\":true,"
                       "\"n\":null,\"o\":{\"i\":7}}";
    struct error err;
    struct json_object *o = json_parse(text, strlen(text), &err);

    is_str(json_get_text(o, "s"), "x", "text");
    ok(!json_get_text(o, "i"), "a number is no text");
    is_int(json_get_integer(o, "i", -1), 42, "integer");
    is_int(json_get_integer(o, "w", -1), 1000, "1e3 is whole");
    is_int(json_get_integer(o, "r", -1), -1, "1.5 is not");
    is_int(json_get_integer(o, "s", -1), -1, "text is no integer");
    ok(json_get_real(o, "r", -1) == 1.5, "real");
    ok(json_get_real(o, "i", -1) == 42, "an integer is real");
    ok(json_get_bool(o, "b", false), "bool");
    ok(json_get_bool(o, "n", true), "null gives the fallback");
    ok(!json_get(o, "nothing"), "absent");
    is_int(json_get_integer(json_get(o, "o"), "i", -1), 7, "chained");
    is_int(json_get_integer(json_get(o, "none"), "i", -1), -1,
           "chained through an absent member");
    is_int(json_get_integer(json_get(o, "s"), "i", -1), -1,
           "chained through a text");
    json_free(o);
}

static void a_file_is_named_in_the_message(void)
{
    const char *path = "a.file";
    struct error err;
    struct json_object *o;

    ok(file_write(path, "{\"a\":\n2}", 8, &err), "written");
    o = json_parse_file(path, 100, &err);
    is_int(json_get_integer(o, "a", 0), 2, "read");
    json_free(o);
    ok(!json_parse_file(path, 7, &err), "too large is refused");
    ok(file_write(path, "{\n\n!", 4, &err), "written");
    ok(!json_parse_file(path, 100, &err), "broken is refused");
    ok(strstr(err.message, path) && strstr(err.message, "line 3"),
       "with file and line: %s", err.message);
    is_int(err.exit, EXIT_SETTINGS, "as an error of the settings");
    unlink(path);
}

int main(void)
{
    folder_enter();
    what_is_no_document_is_refused();
    depth_is_bounded();
    getters_bring_values_or_the_fallback();
    a_file_is_named_in_the_message();
    return tap_done();
}

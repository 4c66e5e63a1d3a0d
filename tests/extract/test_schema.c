#include "extract/schema.h"

#include "tests/tap.h"

struct check_case {
    const char *schema, *document;
    enum schema_result result;
    unsigned extra;
    const char *detail; /* how it begins */
    const char *why;
};

#define OBJECT(properties, required)                                           \
    "{\"type\":\"object\",\"properties\":{" properties                         \
    "},\"required\":[" required "],\"additionalProperties\":false}"
#define ONE(type) OBJECT("\"a\":" type, "\"a\"")
#define TREE                                                                   \
    "{\"type\":\"object\",\"properties\":{\"v\":{\"type\":\"integer\"},"       \
    "\"next\":{\"anyOf\":[{\"type\":\"null\"},{\"$ref\":\"#\"}]}},"            \
    "\"required\":[\"v\",\"next\"],\"additionalProperties\":false}"

static const struct check_case cases[] = {
    { ONE("{\"type\":\"string\"}"), "{\"a\":\"x\"}", SCHEMA_FITS, 0, "",
      "a string" },
    { ONE("{\"type\":\"string\"}"), "{\"a\":1}", SCHEMA_DIFFERS, 0,
      "/a: a number is not allowed", "a number for a string" },
    { ONE("{\"type\":\"string\"}"), "{\"a\":null}", SCHEMA_DIFFERS, 0,
      "/a: null is not allowed", "null only where it is told" },
    { ONE("{\"type\":[\"string\",\"null\"]}"), "{\"a\":null}", SCHEMA_FITS, 0,
      "", "a union with null" },
    { ONE("{\"type\":\"string\"}"), "{}", SCHEMA_DIFFERS, 0,
      "/: members are missing", "everything is required" },
    { ONE("{\"type\":\"string\"}"), "{\"a\":\"x\",\"b\":{\"c\":[1]}}",
      SCHEMA_FITS, 1, "", "unknown members are counted" },
    { ONE("{\"type\":\"string\"}"), "{\"b\":1,\"\\u0061\":\"x\"}", SCHEMA_FITS,
      1, "", "an escaped name is the same name" },
    { ONE("{\"type\":\"string\"}"), "[]", SCHEMA_DIFFERS, 0,
      "/: a list is not allowed", "the root is an object" },
    { ONE("{\"type\":\"integer\"}"), "{\"a\":2.0}", SCHEMA_FITS, 0, "",
      "2.0 is a whole number" },
    { ONE("{\"type\":\"integer\"}"), "{\"a\":2.5}", SCHEMA_DIFFERS, 0,
      "/a: not a whole number", "2.5 isn't" },
    { ONE("{\"type\":\"number\"}"), "{\"a\":30812e63}", SCHEMA_ABSURD, 0,
      "/a: a number out of all reason", "30812e63" },
    { ONE("{\"type\":\"number\"}"), "{\"a\":1e400}", SCHEMA_ABSURD, 0,
      "/a: a number out of", "1e400" },
    { ONE("{\"type\":\"number\"}"),
      "{\"a\":0.0000000000000000000000000000000000000000001}", SCHEMA_ABSURD, 0,
      "/a: a number out of", "more digits than anybody needs" },
    { ONE("{\"type\":\"number\"}"), "{\"a\":-0}", SCHEMA_FITS, 0, "", "-0" },
    { ONE("{\"type\":\"boolean\"}"), "{\"a\":false}", SCHEMA_FITS, 0, "",
      "a boolean is true or false" },
    { ONE("{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"),
      "{\"a\":[\"x\",\"y\",3]}", SCHEMA_DIFFERS, 0,
      "/a/2: a number is not allowed", "the place in a list is told" },
    { ONE("{\"type\":\"string\",\"enum\":[\"x\",\"y\"]}"), "{\"a\":\"z\"}",
      SCHEMA_DIFFERS, 0, "/a: not one of the allowed values", "enum" },
    { ONE("{\"enum\":[\"x\",null,7]}"), "{\"a\":7.0}", SCHEMA_FITS, 0, "",
      "an enum of several kinds" },
    { ONE("{\"const\":\"x\"}"), "{\"a\":\"\\u0078\"}", SCHEMA_FITS, 0, "",
      "const, escaped" },
    { ONE("{\"const\":true}"), "{\"a\":false}", SCHEMA_DIFFERS, 0,
      "/a: not one", "const true is not false" },
    { ONE("{\"anyOf\":[{\"type\":\"null\"}," ONE("{\"type\":\"string\"}") "]}"),
      "{\"a\":{\"a\":\"x\"}}", SCHEMA_FITS, 0, "", "anyOf, the second" },
    { ONE("{\"anyOf\":[" ONE("{\"type\":\"number\"}") "," ONE(
          "{\"type\":\"string\"}") "]}"),
      "{\"a\":{\"a\":\"x\"}}", SCHEMA_FITS, 0, "",
      "anyOf goes back when a part inside differs" },
    { ONE("{\"anyOf\":[" ONE("{\"type\":\"number\"}") "," ONE(
          "{\"type\":\"string\"}") "]}"),
      "{\"a\":{\"a\":true}}", SCHEMA_DIFFERS, 0, "/a", "anyOf, none" },
    { TREE, "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}", SCHEMA_FITS, 0, "",
      "recursion by $ref" },
    { TREE, "{\"v\":1,\"next\":{\"v\":\"x\",\"next\":null}}", SCHEMA_DIFFERS, 0,
      "/next", "a fault inside the recursion" },
    { "{\"$defs\":{\"s\":{\"type\":\"string\"}},\"type\":\"object\","
      "\"properties\":{\"a\":{\"$ref\":\"#/$defs/s\"}},\"required\":[\"a\"],"
      "\"additionalProperties\":false}",
      "{\"a\":\"x\"}", SCHEMA_FITS, 0, "", "$defs" },
};

static void check_one(const struct check_case *c)
{
    struct json_doc *schema_doc = json_doc_new(), *doc = json_doc_new();
    const struct json_node *schema, *document;
    struct schema_fault fault = { NULL, "" };
    struct schema_report report = { 0, "" };
    struct schema *s = NULL;
    struct error err;

    schema = json_read(schema_doc, c->schema, strlen(c->schema), NULL, &err);
    document = json_read(doc, c->document, strlen(c->document), NULL, &err);
    if (!schema || !document || !schema_new(&s, schema, &fault)) {
        ok(false, "%s: %s%s", c->why, schema && document ? "" : err.message,
           fault.what);
    } else {
        enum schema_result result = schema_check(s, document, &report);

        ok(result == c->result && report.extra == c->extra &&
               !strncmp(report.detail, c->detail, strlen(c->detail)) &&
               (c->detail[0] || !report.detail[0]),
           "%s", c->why);
        if (result != c->result ||
            strncmp(report.detail, c->detail, strlen(c->detail)) != 0)
            tap_note("%d %s", (int)result, report.detail);
    }
    schema_free(s);
    json_doc_free(doc);
    json_doc_free(schema_doc);
}

static void documents_are_held_against_schemas(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        check_one(&cases[i]);
}

static const struct {
    const char *schema, *what;
} refused[] = {
    { "[]", "must be an object" },
    { "{\"type\":\"string\"}", "the root's type" },
    { "{\"anyOf\":[{\"type\":\"string\"}]}", "the root may not be anyOf" },
    { ONE("{}"), "its type is missing" },
    { ONE("{\"type\":\"strong\"}"), "no such type" },
    { ONE("{\"type\":[]}"), "an empty list of types" },
    { ONE("{\"type\":\"object\"}"), "an object without properties" },
    { ONE("{\"type\":\"string\",\"format\":\"date\"}"), "\"format\" is not" },
    { ONE("{\"$ref\":\"#/$defs/no\"}"), "$ref leads nowhere" },
    { ONE("{\"$ref\":\"http://x/\"}"), "$ref leads nowhere" },
    { ONE("{\"$ref\":\"#/properties/a\"}"), "$ref leads in a circle" },
    { ONE("{\"enum\":[]}"), "enum must be a list" },
    { ONE("{\"enum\":[[1]]}"), "enum and const hold plain values" },
    { ONE("{\"anyOf\":[]}"), "anyOf must be a list" },
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}},"
      "\"required\":[\"b\"],\"additionalProperties\":false}",
      "required names no property" },
    { "{\"type\":\"object\",\"properties\":{},\"required\":[]}",
      "additionalProperties: false is missing" },
};

static void what_is_outside_the_subset_is_refused(void)
{
    struct json_doc *doc = json_doc_new();
    size_t i;

    for (i = 0; i < ARRAY_LEN(refused); i++) {
        struct schema_fault fault = { NULL, "" };
        struct schema *s = NULL;
        struct error err;
        const struct json_node *root = json_read(
            doc, refused[i].schema, strlen(refused[i].schema), NULL, &err);

        ok(root && !schema_new(&s, root, &fault) &&
               strstr(fault.what, refused[i].what) && fault.at,
           "%s", refused[i].what);
        if (!strstr(fault.what, refused[i].what))
            tap_note("%s", fault.what);
        schema_free(s);
    }
    json_doc_free(doc);
}

/* As deep as the reader allows, and no deeper. */
static void depth_is_bounded(void)
{
    struct json_doc *schema_doc = json_doc_new(), *doc = json_doc_new();
    const struct json_limits limits = { MIB, 100000, 2000 };
    struct schema_fault fault = { NULL, "" };
    struct schema_report report;
    struct strbuf text;
    struct schema *s = NULL;
    struct error err;
    const struct json_node *root;
    int i;

    root = json_read(schema_doc, TREE, strlen(TREE), NULL, &err);
    strbuf_init(&text, MIB);
    for (i = 0; i < 1500; i++)
        strbuf_adds(&text, "{\"v\":1,\"next\":");
    strbuf_adds(&text, "null");
    for (i = 0; i < 1500; i++)
        strbuf_adds(&text, "}");
    ok(root && schema_new(&s, root, &fault), "a recursive schema");
    root = json_read(doc, text.data, text.len, &limits, &err);
    ok(root && schema_check(s, root, &report) == SCHEMA_DIFFERS,
       "1,500 levels are refused, not followed");
    schema_free(s);
    strbuf_release(&text);
    json_doc_free(doc);
    json_doc_free(schema_doc);
}

static void pointers_find_their_kinds(void)
{
    static const char text[] = OBJECT(
        "\"a\":{\"type\":\"array\",\"items\":" ONE(
            "{\"type\":[\"string\",\"null\"]}") "},"
                                                "\"b\":{\"anyOf\":[{\"type\":"
                                                "\"integer\"},{\"type\":"
                                                "\"null\"}]}",
        "\"a\",\"b\"");
    struct json_doc *doc = json_doc_new();
    struct schema_fault fault = { NULL, "" };
    struct schema *s = NULL;
    struct error err;
    const struct json_node *root =
        json_read(doc, text, strlen(text), NULL, &err);

    if (ok(root && schema_new(&s, root, &fault), "it compiles")) {
        is_int(schema_kinds(s, "/a/3/a"), 1 << JSON_STRING | 1 << JSON_NULL,
               "through a list");
        is_int(schema_kinds(s, "/b"), 1 << JSON_NUMBER | 1 << JSON_NULL,
               "through anyOf; an integer is a number");
        is_int(schema_kinds(s, "/a/x/a"), 0, "an index is digits");
        is_int(schema_kinds(s, "/c"), 0, "nothing there");
        is_int(schema_kinds(s, "/b/c"), 0, "nothing inside a number");
    }
    schema_free(s);
    json_doc_free(doc);
}

struct lint_case {
    const char *schema, *provider;
    const char *first; /* "" = accepted */
};

#define DEEP(inner)                                                            \
    "{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":" inner "}}"

static const struct lint_case lint_cases[] = {
    { ONE("{\"type\":\"string\"}"), "openai", "" },
    { ONE("{\"type\":\"string\"}"), "azure", "" },
    { ONE("{\"type\":\"string\"}"), "gemini", "" },
    { ONE("{\"type\":\"string\"}"), "anthropic", "" },
    { ONE("{\"type\":\"string\",\"pattern\":\"^a\"}"), "openai", "" },
    { ONE("{\"type\":\"string\",\"pattern\":\"^a\"}"), "azure",
      "azure: doesn't take \"pattern\"" },
    { ONE("{\"type\":\"string\",\"pattern\":\"^a\"}"), "anthropic",
      "anthropic: doesn't take \"pattern\"" },
    { ONE("{\"type\":\"string\",\"maxLength\":3}"), "openai",
      "openai: doesn't take \"maxLength\"" },
    { ONE("{\"type\":\"string\",\"maxLength\":3}"), "local", "" },
    { ONE("{\"const\":\"x\"}"), "gemini", "gemini: doesn't take \"const\"" },
    { ONE("{\"type\":\"number\",\"minimum\":1}"), "gemini", "" },
    { ONE("{\"type\":\"number\",\"minimum\":1}"), "somebody",
      "azure: doesn't take \"minimum\"" },
    { ONE(DEEP(DEEP("{\"type\":\"null\"}"))), "openai", "" },
    { ONE(DEEP(DEEP("{\"type\":\"null\"}"))), "azure", "" },
    { ONE(DEEP(DEEP(DEEP("{\"type\":\"null\"}")))), "azure",
      "azure: takes no schema of this depth" },
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}}}",
      "openai", "openai: wants all properties required" },
    { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}}}",
      "gemini", "" },
    { "{\"type\":\"string\"}", "local", "local: wants an object at the root" },
};

static void each_provider_has_its_subset(void)
{
    struct json_doc *doc = json_doc_new();
    size_t i;

    for (i = 0; i < ARRAY_LEN(lint_cases); i++) {
        const struct lint_case *c = &lint_cases[i];
        struct schema_lint lint;
        struct error err;
        const struct json_node *root =
            json_read(doc, c->schema, strlen(c->schema), NULL, &err);
        bool accepted = schema_lint(root, c->provider, &lint);

        ok(accepted == !c->first[0], "%s, case %zu", c->provider, i);
        is_str(lint.first, c->first, "what it says");
    }
    json_doc_free(doc);
}

int main(void)
{
    documents_are_held_against_schemas();
    what_is_outside_the_subset_is_refused();
    depth_is_bounded();
    pointers_find_their_kinds();
    each_provider_has_its_subset();
    return tap_done();
}

#include "provider/subset.h"

#include <json-c/json.h>

#include "base/json.h"
#include "extract/schema.h"

/* -- translating -- */

/* Checked again by our own rules, so that nothing is lost. */
static const char *const droppable[] = {
    "pattern",          "format",           "minimum",    "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems",
    "maxItems",         "minLength",        "maxLength",  "default",
    "examples",         "$schema",          "$id",        "$comment",
};

/* "const": x becomes "enum": [x]. */
static void const_to_enum(struct json_object *schema)
{
    struct json_object *value, *list;

    if (!json_object_object_get_ex(schema, "const", &value))
        return;
    list = json_object_new_array();
    if (!list)
        return;
    json_object_array_add(list, json_object_get(value));
    json_object_object_add(schema, "enum", list);
    json_object_object_del(schema, "const");
}

static void one_to_any(struct json_object *schema)
{
    struct json_object *value;

    if (!json_object_object_get_ex(schema, "oneOf", &value) ||
        json_object_object_get_ex(schema, "anyOf", NULL))
        return;
    json_object_object_add(schema, "anyOf", json_object_get(value));
    json_object_object_del(schema, "oneOf");
}

static void simplify(struct json_object *schema)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(droppable); i++)
        json_object_object_del(schema, droppable[i]);
    const_to_enum(schema);
    one_to_any(schema);
}

static void simplify_all(struct json_object *schema, int depth);

static void simplify_members(struct json_object *parent, const char *name,
                             int depth)
{
    struct json_object *children = json_get(parent, name);
    struct json_object_iterator at, end;
    size_t i;

    if (json_object_is_type(children, json_type_array))
        for (i = 0; i < json_object_array_length(children); i++)
            simplify_all(json_object_array_get_idx(children, i), depth);
    if (!json_object_is_type(children, json_type_object))
        return;
    at = json_object_iter_begin(children);
    end = json_object_iter_end(children);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
        simplify_all(json_object_iter_peek_value(&at), depth);
}

/* The schema is the profile's own, and json.c bounds its depth. */
static void simplify_all(struct json_object *schema, int depth)
{
    if (depth > 64 || !json_object_is_type(schema, json_type_object))
        return;
    simplify(schema);
    simplify_members(schema, "properties", depth + 1);
    simplify_members(schema, "$defs", depth + 1);
    simplify_members(schema, "anyOf", depth + 1);
    simplify_all(json_get(schema, "items"), depth + 1);
}

static bool passes(const char *text, const char *provider,
                   struct schema_lint *lint)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root = NULL;
    struct error ignored;
    bool good;

    memset(lint, 0, sizeof(*lint));
    if (doc)
        root =
            json_read(doc, text, strlen(text), &json_limits_default, &ignored);
    good = root && schema_lint(root, provider, lint);
    if (!root)
        snprintf(lint->first, sizeof(lint->first), "it is not JSON");
    json_doc_free(doc);
    return good;
}

bool subset_schema(const char *schema, const char *provider, struct strbuf *out,
                   struct error *err)
{
    struct json_object *object;
    struct schema_lint lint;
    const char *text;
    bool good;

    if (passes(schema, provider, &lint)) {
        strbuf_adds(out, schema);
        return true;
    }
    object = json_parse(schema, strlen(schema), err);
    if (!object)
        return error_context(err, "schema");
    simplify_all(object, 0);
    text = json_object_to_json_string_ext(
        object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    good = passes(text, provider, &lint);
    if (good)
        strbuf_adds(out, text);
    json_free(object);
    return good || error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                              "the profile's schema is not for this "
                              "provider: %s",
                              lint.first);
}

/* -- extra_body -- */

/* A blank-separated list holds the word. */
static bool holds(const char *list, const char *word)
{
    size_t n = strlen(word);
    const char *at = list;

    while ((at = strstr(at, word))) {
        if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ' '))
            return true;
        at++;
    }
    return false;
}

static const char *first_reserved(struct json_object *extra,
                                  const char *reserved)
{
    struct json_object_iterator at = json_object_iter_begin(extra);
    struct json_object_iterator end = json_object_iter_end(extra);

    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
        if (holds(reserved, json_object_iter_peek_name(&at)))
            return json_object_iter_peek_name(&at);
    return NULL;
}

bool subset_extra(const char *text, const char *reserved,
                  struct json_object **extra, struct error *err)
{
    const char *name;

    *extra = NULL;
    if (!text || !*text)
        return true;
    *extra = json_parse(text, strlen(text), err);
    if (!json_object_is_type(*extra, json_type_object)) {
        json_free(*extra);
        *extra = NULL;
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "extra_body is not a JSON object");
    }
    name = first_reserved(*extra, reserved);
    if (!name)
        return true;
    error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
               "extra_body may not set %s: the prompt, the model and how "
               "answers come are vitae's",
               name);
    json_free(*extra);
    *extra = NULL;
    return false;
}

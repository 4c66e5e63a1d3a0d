#include "base/json.h"

#include <json-c/json.h>
#include <math.h>

#include "base/file.h"
#include "base/jsonr.h"

#define DEPTH 64

/* Counts as an editor does: lines from 1, columns in bytes from 1. */
static void place_of(const char *text, size_t at, size_t *line, size_t *column)
{
    size_t i;

    *line = 1;
    *column = 1;
    for (i = 0; i < at; i++) {
        ++*column;
        if (text[i] == '\n') {
            ++*line;
            *column = 1;
        }
    }
}

/* jsonr.h tells the byte (native) and the reason; people count lines. */
static bool refuse(const char *text, size_t len, struct error *err)
{
    size_t at = err->native > 0 ? (size_t)err->native - 1 : len;
    const char *colon = strstr(err->message, ": ");
    char reason[sizeof(err->message)];
    size_t line;
    size_t column;

    snprintf(reason, sizeof(reason), "%s", colon ? colon + 2 : err->message);
    place_of(text, at < len ? at : len, &line, &column);
    error_set(err, ERROR_REJECT, "line %zu, column %zu: %s", line, column,
              reason);
    error_code(err, "json");
    return false;
}

/* json-c takes much that is no JSON, in strict mode too; the reader for
 * bulk lines does not. */
static bool is_strict(const char *text, size_t len, struct error *err)
{
    struct json_limits limits = json_limits_default;
    struct json_doc *doc = json_doc_new();
    const struct json_node *root;

    if (!doc)
        return error_memory(err);
    limits.depth = DEPTH;
    root = json_read(doc, text, len, &limits, err);
    if (root && json_is(root, JSON_NULL)) {
        root = NULL;
        error_set(err, ERROR_REJECT, "JSON: null is no document");
        err->native = 1;
    }
    json_doc_free(doc);
    if (root)
        return true;
    return err->kind == ERROR_REJECT ? refuse(text, len, err) : false;
}

struct json_object *json_parse(const char *text, size_t len, struct error *err)
{
    struct json_tokener *tokener;
    struct json_object *object;

    if (!is_strict(text, len, err))
        return NULL;
    tokener = json_tokener_new_ex(DEPTH + 1);
    if (!tokener) {
        error_memory(err);
        return NULL;
    }
    /* The blank ends a number at the root. */
    object = json_tokener_parse_ex(tokener, text, (int)len);
    if (!object && json_tokener_get_error(tokener) == json_tokener_continue)
        object = json_tokener_parse_ex(tokener, " ", 1);
    if (!object)
        error_set(err, ERROR_REJECT, "JSON: %s",
                  json_tokener_error_desc(json_tokener_get_error(tokener)));
    json_tokener_free(tokener);
    return object;
}

struct json_object *json_parse_file(const char *path, size_t ceiling,
                                    struct error *err)
{
    struct json_object *object = NULL;
    struct strbuf text;

    strbuf_init(&text, ceiling);
    if (file_read(path, &text, err)) {
        object = json_parse(text.data, text.len, err);
        if (!object) {
            error_context(err, "%s", path);
            err->exit = EXIT_SETTINGS;
        }
    }
    strbuf_release(&text);
    return object;
}

void json_free(struct json_object *object)
{
    json_object_put(object);
}

struct json_object *json_get(const struct json_object *object, const char *name)
{
    struct json_object *value = NULL;

    if (object && json_object_is_type(object, json_type_object))
        json_object_object_get_ex(object, name, &value);
    return value;
}

const char *json_get_text(const struct json_object *object, const char *name)
{
    struct json_object *value = json_get(object, name);

    return json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}

int64_t json_get_integer(const struct json_object *object, const char *name,
                         int64_t fallback)
{
    struct json_object *value = json_get(object, name);
    double real;

    if (json_object_is_type(value, json_type_int))
        return json_object_get_int64(value);
    if (!json_object_is_type(value, json_type_double))
        return fallback;
    /* "5.0" and "1e3" are whole numbers too. */
    real = json_object_get_double(value);
    return fabs(real) < 9e15 && floor(real) == real ? (int64_t)real : fallback;
}

double json_get_real(const struct json_object *object, const char *name,
                     double fallback)
{
    struct json_object *value = json_get(object, name);

    if (!json_object_is_type(value, json_type_double) &&
        !json_object_is_type(value, json_type_int))
        return fallback;
    return json_object_get_double(value);
}

bool json_get_bool(const struct json_object *object, const char *name,
                   bool fallback)
{
    struct json_object *value = json_get(object, name);

    if (!json_object_is_type(value, json_type_boolean))
        return fallback;
    return json_object_get_boolean(value);
}

#include "base/json.h"

#include <json-c/json.h>
#include <limits.h>
#include <math.h>

#include "base/file.h"

#define DEPTH 64
#define TEXT_CEILING (64 * MIB)

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

static struct json_object *refuse(const char *text, size_t at,
                                  const char *reason, struct error *err)
{
    size_t line;
    size_t column;

    place_of(text, at, &line, &column);
    error_set(err, ERROR_REJECT, "line %zu, column %zu: %s", line, column,
              reason);
    error_code(err, "json");
    return NULL;
}

static size_t skip_blank(const char *text, size_t at, size_t len)
{
    while (at < len && text[at] && strchr(" \t\r\n", text[at]))
        at++;
    return at;
}

/* The end of input is where a number or an incomplete document shows. */
static struct json_object *finish(struct json_tokener *tokener,
                                  struct json_object *object, const char *text,
                                  size_t len, struct error *err)
{
    enum json_tokener_error why = json_tokener_get_error(tokener);
    size_t at = json_tokener_get_parse_end(tokener);
    const char *reason = json_tokener_error_desc(why);

    if (why == json_tokener_continue)
        reason = "the document ends too early";
    else if (why == json_tokener_success && skip_blank(text, at, len) != len)
        reason = "more after the end of the document";
    else if (why == json_tokener_success && object)
        return object;
    else if (why == json_tokener_success)
        reason = "null is not a document";
    json_free(object);
    return refuse(text, at < len ? at : len, reason, err);
}

struct json_object *json_parse(const char *text, size_t len, struct error *err)
{
    struct json_tokener *tokener;
    struct json_object *object;

    if (len > TEXT_CEILING)
        return refuse(text, 0, "the document is too large", err);
    tokener = json_tokener_new_ex(DEPTH);
    if (!tokener) {
        error_memory(err);
        return NULL;
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
                                        JSON_TOKENER_VALIDATE_UTF8 |
                                        JSON_TOKENER_ALLOW_TRAILING_CHARS);
    object = json_tokener_parse_ex(tokener, text, (int)len);
    object = finish(tokener, object, text, len, err);
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

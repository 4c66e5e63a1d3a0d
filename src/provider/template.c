#include "provider/template.h"

#include <json-c/json.h>

#include "base/json.h"
#include "provider/subset.h"

void request_template_init(struct request_template *t)
{
    strbuf_init(&t->head, MIB);
    strbuf_init(&t->middle, TEMPLATE_LONGEST);
    strbuf_init(&t->tail, TEMPLATE_LONGEST);
}

void request_template_release(struct request_template *t)
{
    strbuf_release(&t->head);
    strbuf_release(&t->middle);
    strbuf_release(&t->tail);
}

void request_line(const struct request_template *t, const char *custom_id,
                  const char *text, size_t len, struct strbuf *out)
{
    strbuf_add(out, t->head.data, t->head.len);
    jsonw_escape(out, custom_id, strlen(custom_id));
    strbuf_add(out, t->middle.data, t->middle.len);
    jsonw_escape(out, text, len);
    strbuf_add(out, t->tail.data, t->tail.len);
}

bool template_cut(const struct strbuf *line, struct request_template *t,
                  struct error *err)
{
    const char *id = strstr(line->data, TEMPLATE_ID);
    const char *end = line->data + line->len;
    const char *text = NULL, *at = id;

    if (!strbuf_ok(line))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "prompt and schema are longer than %zu bytes",
                          TEMPLATE_LONGEST);
    while (at && (at = strstr(at + 1, TEMPLATE_TEXT)))
        text = at;
    if (!id || !text)
        return error_memory(err);
    strbuf_add(&t->head, line->data, (size_t)(id - line->data));
    id += strlen(TEMPLATE_ID);
    strbuf_add(&t->middle, id, (size_t)(text - id));
    text += strlen(TEMPLATE_TEXT);
    strbuf_add(&t->tail, text, (size_t)(end - text));
    if (strbuf_ok(&t->head) && strbuf_ok(&t->middle) && strbuf_ok(&t->tail))
        return true;
    return error_memory(err);
}

bool template_make(const struct request_profile *profile, const char *subset,
                   const char *reserved, template_writer *write,
                   struct request_template *t, struct error *err)
{
    struct json_object *extra = NULL;
    struct strbuf schema, line;
    bool good;

    strbuf_init(&schema, TEMPLATE_LONGEST);
    strbuf_init(&line, TEMPLATE_LONGEST);
    good = (!profile->schema ||
            subset_schema(profile->schema, subset, &schema, err)) &&
           subset_extra(profile->extra_body, reserved, &extra, err);
    if (good) {
        write(profile, schema.data, extra, &line);
        good = template_cut(&line, t, err);
    }
    strbuf_release(&schema);
    strbuf_release(&line);
    json_free(extra);
    return good;
}

bool template_overrides(const struct json_object *extra, const char *name)
{
    return extra && json_object_object_get_ex(extra, name, NULL);
}

void template_add_extra(struct jsonw *w, struct json_object *extra)
{
    struct json_object_iterator at, end;
    struct json_object *value;
    const char *text;

    if (!extra)
        return;
    at = json_object_iter_begin(extra);
    end = json_object_iter_end(extra);
    for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
        value = json_object_iter_peek_value(&at);
        if (!value)
            continue;
        text = json_object_to_json_string_ext(
            value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
        jsonw_raw(w, json_object_iter_peek_name(&at), text, strlen(text));
    }
}

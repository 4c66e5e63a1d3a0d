/*
 * openai.c -- request lines of the OpenAI dialect, and its table.
 *
 * In a line everything that requests share comes first and the text last,
 * so that servers' prefix caches are hit.
 */
#include "provider/openai.h"

#include <json-c/json.h>
#include <strings.h>

#include "base/json.h"
#include "base/jsonw.h"

static const struct openai_dialect own = { .purpose = "batch",
                                           .endpoint = "/v1/chat/completions",
                                           .length = "max_completion_tokens",
                                           .has_store = true };
static const struct openai_dialect local = {
    .purpose = "batch",
    .endpoint = "/v1/chat/completions",
    .length = "max_tokens",
};

const struct provider_ops provider_openai = {
    .name = "openai",
    .default_base_url = "https://api.openai.com/v1",
    .needs_key = true,
    .caps = PROVIDER_BATCHES | PROVIDER_FIND | PROVIDER_REALTIME,
    /* 50,000 requests, 200 MB (decimal; kept below) */
    .limits = { .requests = 50000,
                .bytes = 199000000,
                .line_bytes = 8000000,
                .window = 86400,
                .poll_floor = 1 },
    .dialect = &own,
    .prepare = openai_prepare,
    .decode = openai_decode,
    .upload = openai_upload,
    .create = openai_create,
    .find = openai_find,
    .poll = openai_poll,
    .cancel = openai_cancel,
    .download = openai_download,
    .remove_file = openai_remove_file,
    .check = openai_check,
};

/* Models that answer 400 to any temperature but 1. */
static const char *const reasoning[] = { "o1", "o3", "o4-mini", "gpt-5" };

static bool takes_temperature(const char *model)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(reasoning); i++)
        if (!strncmp(model, reasoning[i], strlen(reasoning[i])))
            return false;
    return true;
}

/* What nobody may set by extra_body, and why. */
static const struct {
    const char *name, *reason;
} reserved[] = {
    { "messages", "it would replace the prompt" },
    { "model", "a batch has one model: set model" },
    { "stream", "batches don't stream" },
    { "n", "one answer is read" },
};

/* The members to merge; *extra is NULL when there are none. */
static bool read_extra(const char *text, struct json_object **extra,
                       struct error *err)
{
    size_t i;

    *extra = NULL;
    if (!text || !*text)
        return true;
    *extra = json_parse(text, strlen(text), err);
    if (!*extra || !json_object_is_type(*extra, json_type_object)) {
        json_free(*extra);
        *extra = NULL;
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "extra_body is not a JSON object");
    }
    for (i = 0; i < ARRAY_LEN(reserved); i++) {
        if (!json_object_object_get_ex(*extra, reserved[i].name, NULL))
            continue;
        json_free(*extra);
        *extra = NULL;
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "extra_body may not set %s: %s", reserved[i].name,
                          reserved[i].reason);
    }
    return true;
}

static void add_message(struct jsonw *w, const char *role, const char *text)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "role", role);
    jsonw_text(w, "content", text);
    jsonw_end_object(w);
}

static void add_format(struct jsonw *w, const struct request_profile *profile)
{
    jsonw_object(w, "response_format");
    jsonw_text(w, "type", "json_schema");
    jsonw_object(w, "json_schema");
    jsonw_text(w, "name", profile->schema_name);
    jsonw_bool(w, "strict", true);
    jsonw_raw(w, "schema", profile->schema, strlen(profile->schema));
    jsonw_end_object(w);
    jsonw_end_object(w);
}

static bool overridden(const struct json_object *extra, const char *name)
{
    return extra && json_object_object_get_ex(extra, name, NULL);
}

/* Members of extra_body; null takes one of ours out. */
static void add_extra(struct jsonw *w, struct json_object *extra)
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

static void add_settings(struct jsonw *w, const struct request_profile *profile,
                         const struct openai_dialect *dialect,
                         struct json_object *extra)
{
    if (profile->temperature >= 0 && takes_temperature(profile->model) &&
        !overridden(extra, "temperature"))
        jsonw_real(w, "temperature", profile->temperature);
    if (profile->max_output_tokens > 0 && !overridden(extra, dialect->length))
        jsonw_integer(w, dialect->length, profile->max_output_tokens);
    if (dialect->has_store && !overridden(extra, "store"))
        jsonw_bool(w, "store", false);
    if (profile->schema && !overridden(extra, "response_format"))
        add_format(w, profile);
    add_extra(w, extra);
}

/* Two places to cut: words that no settings hold. */
#define ID_HERE "@vitae:custom_id@"
#define TEXT_HERE "@vitae:text@"

static void write_line(const struct request_profile *profile,
                       const struct openai_dialect *dialect,
                       struct json_object *extra, struct strbuf *line)
{
    struct jsonw w;

    jsonw_init(&w, line);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "custom_id", ID_HERE);
    jsonw_text(&w, "method", "POST");
    jsonw_text(&w, "url", dialect->endpoint);
    jsonw_object(&w, "body");
    jsonw_text(&w, "model", profile->model);
    add_settings(&w, profile, dialect, extra);
    jsonw_array(&w, "messages");
    add_message(&w, "system", profile->system);
    add_message(&w, "user", TEXT_HERE);
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    strbuf_addc(line, '\n');
}

/* The id's place is the first of its kind, the text's the last: whatever a
 * prompt holds, the cuts are right. */
static bool cut_line(const struct strbuf *line, struct request_template *t,
                     struct error *err)
{
    const char *id = strstr(line->data, ID_HERE);
    const char *end = line->data + line->len;
    const char *text = NULL, *at = id;

    while (at && (at = strstr(at + 1, TEXT_HERE)))
        text = at;
    if (!id || !text)
        return error_memory(err);
    strbuf_add(&t->head, line->data, (size_t)(id - line->data));
    id += strlen(ID_HERE);
    strbuf_add(&t->middle, id, (size_t)(text - id));
    text += strlen(TEXT_HERE);
    strbuf_add(&t->tail, text, (size_t)(end - text));
    if (strbuf_ok(&t->head) && strbuf_ok(&t->middle) && strbuf_ok(&t->tail))
        return true;
    return error_memory(err);
}

static bool prepare(const struct request_profile *profile,
                    const struct openai_dialect *dialect,
                    struct request_template *t, struct error *err)
{
    struct json_object *extra;
    struct strbuf line;
    bool good;

    if (!profile->model || !*profile->model)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "no model is set: set model in [provider]");
    if (!read_extra(profile->extra_body, &extra, err))
        return false;
    strbuf_init(&line, 16 * MIB);
    write_line(profile, dialect, extra, &line);
    if (strbuf_ok(&line))
        good = cut_line(&line, t, err);
    else
        good = error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "prompt and schema are longer than 16 MiB");
    strbuf_release(&line);
    json_free(extra);
    return good;
}

bool openai_prepare(const struct provider *self,
                    const struct request_profile *profile,
                    struct request_template *t, struct error *err)
{
    if (!self->own && self->ops->dialect == &own)
        return prepare(profile, &local, t, err);
    return prepare(profile, self->ops->dialect, t, err);
}

bool openai_prepare_local(const struct provider *self,
                          const struct request_profile *profile,
                          struct request_template *t, struct error *err)
{
    (void)self;
    return prepare(profile, &local, t, err);
}

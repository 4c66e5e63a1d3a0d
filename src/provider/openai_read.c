/*
 * openai_read.c -- a batch object into a struct remote_batch: pure.
 *
 * Only six members are promised, and even those come as null, "", strings
 * for numbers, or in capitals (OpenAI's OpenAPI document, Azure's and
 * Together's own clients, August 2026).
 */
#include <ctype.h>
#include <json-c/json.h>

#include "provider/call.h"
#include "provider/openai.h"

static bool malformed(struct error *err, const char *what)
{
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "the answer is no batch: its %s is not usable", what);
    error_code(err, "malformed");
    return false;
}

/* The number after "Limit:", "2,000,000" included; 0 = none. */
static int64_t limit_in(const char *message)
{
    const char *at = strstr(message, "imit:");
    int64_t n = 0;

    if (!at)
        return 0;
    for (at += strlen("imit:"); *at == ' ';)
        at++;
    for (; isdigit((unsigned char)*at) || *at == ',' || *at == '_'; at++)
        if (isdigit((unsigned char)*at) && n < INT64_MAX / 10 - 10)
            n = n * 10 + (*at - '0');
    return n;
}

static void read_error(const struct json_object *entry,
                       struct remote_batch *out)
{
    char message[300];
    int64_t line = read_count(entry, "line", 0), raw_limit;

    read_text(entry, "code", out->error_code, sizeof(out->error_code));
    read_text(entry, "message", message, sizeof(message));
    raw_limit = limit_in(message);
    http_message_clean(message);
    if (line > 0)
        snprintf(out->error_message, sizeof(out->error_message),
                 "line %lld: %s", (long long)line, message);
    else
        snprintf(out->error_message, sizeof(out->error_message), "%s", message);
    if (!strcmp(out->error_code, "token_limit_exceeded"))
        out->token_limit = raw_limit;
}

/* The first error; but a token limit, wherever it stands, decides. */
static void read_errors(const struct json_object *batch,
                        struct remote_batch *out)
{
    struct json_object *list = json_get(batch, "errors"), *entry;
    char code[64];
    size_t i;

    if (json_object_is_type(list, json_type_object))
        list = json_get(list, "data");
    if (!json_object_is_type(list, json_type_array)) {
        read_text(batch, "error", out->error_message,
                  sizeof(out->error_message));
        http_message_clean(out->error_message);
        return;
    }
    for (i = 0; i < json_object_array_length(list); i++) {
        entry = json_object_array_get_idx(list, i);
        if (!json_object_is_type(entry, json_type_object))
            continue;
        read_text(entry, "code", code, sizeof(code));
        if (i && strcmp(code, "token_limit_exceeded") != 0)
            continue;
        read_error(entry, out);
    }
}

static void read_counts(const struct json_object *batch,
                        struct remote_batch *out)
{
    const struct json_object *counts = json_get(batch, "request_counts");
    const struct json_object *usage = json_get(batch, "usage");

    out->total = read_count(counts, "total", 0);
    out->completed = read_count(counts, "completed", 0);
    out->failed = read_count(counts, "failed", 0);
    out->input_tokens = read_count(usage, "input_tokens", -1);
    out->output_tokens = read_count(usage, "output_tokens", -1);
    out->cached_tokens = read_count(json_get(usage, "input_tokens_details"),
                                    "cached_tokens", -1);
}

/* Together wraps it: {"job":{...}}. */
static const struct json_object *unwrap(const struct json_object *object)
{
    struct json_object *job = json_get(object, "job");

    return json_object_is_type(job, json_type_object) ? job : object;
}

bool openai_batch_read(struct json_object *object, struct remote_batch *out,
                       struct error *err)
{
    const struct json_object *batch;

    memset(out, 0, sizeof(*out));
    if (!json_object_is_type(object, json_type_object))
        return malformed(err, "type");
    batch = unwrap(object);
    if (!read_id(batch, "id", out->id) || !out->id[0])
        return malformed(err, "id");
    read_text(batch, "status", out->word, sizeof(out->word));
    if (!out->word[0])
        return malformed(err, "status");
    if (!read_id(batch, "input_file_id", out->input_file) ||
        !read_id(batch, "output_file_id", out->output_file) ||
        !read_id(batch, "error_file_id", out->error_file))
        return malformed(err, "file id");
    out->status = remote_status_of(out->word);
    out->created_at = read_time(batch, "created_at");
    read_text(json_get(batch, "metadata"), "vitae_key", out->key,
              sizeof(out->key));
    read_counts(batch, out);
    read_errors(batch, out);
    return true;
}

/*
 * mistral.c -- Mistral's own batch jobs (its client library 2.5.1): files as
 * OpenAI's, lines without method, url and model, jobs of another shape.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "base/jsonw.h"
#include "provider/batches.h"
#include "provider/call.h"
#include "provider/openai.h"

static const struct openai_dialect mistral = {
    .purpose = "batch",
    .endpoint = "/v1/chat/completions",
    .length = "max_tokens",
    .bare_lines = true,
};

/* -- reading a job -- */

static void read_inputs(const struct json_object *job, struct remote_batch *out)
{
    struct json_object *list = json_get(job, "input_files");
    struct json_object *first;

    if (!json_object_is_type(list, json_type_array))
        return;
    first = json_object_array_get_idx(list, 0);
    if (json_object_is_type(first, json_type_string))
        snprintf(out->input_file, sizeof(out->input_file), "%s",
                 json_object_get_string(first));
}

static void read_errors(const struct json_object *job, struct remote_batch *out)
{
    struct json_object *list = json_get(job, "errors");

    if (json_object_is_type(list, json_type_array))
        read_text(json_object_array_get_idx(list, 0), "message",
                  out->error_message, sizeof(out->error_message));
    http_message_clean(out->error_message);
}

static bool read_job(struct json_object *object, struct remote_batch *out,
                     struct error *err)
{
    memset(out, 0, sizeof(*out));
    if (!read_id(object, "id", out->id) || !out->id[0] ||
        !read_id(object, "output_file", out->output_file) ||
        !read_id(object, "error_file", out->error_file)) {
        error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
                   "the answer is no batch job: no usable id");
        error_code(err, "malformed");
        return false;
    }
    read_text(object, "status", out->word, sizeof(out->word));
    out->status = remote_status_of(out->word);
    out->created_at = read_time(object, "created_at");
    read_text(json_get(object, "metadata"), "vitae_key", out->key,
              sizeof(out->key));
    out->total = read_count(object, "total_requests", 0);
    out->completed = read_count(object, "succeeded_requests", 0);
    out->failed = read_count(object, "failed_requests", 0);
    out->input_tokens = out->cached_tokens = out->output_tokens = -1;
    read_inputs(object, out);
    read_errors(object, out);
    return true;
}

/* -- making, looking, stopping -- */

/* "24h" and "7d" of the settings; the job wants hours. */
static int64_t hours_of(const char *window)
{
    char *end;
    long n = window ? strtol(window, &end, 10) : 0;

    if (n <= 0)
        return 24;
    return *end == 'd' ? n * 24 : n;
}

static void write_job(const struct provider *self, const char *file_id,
                      const char *key, const char *model, struct strbuf *body)
{
    struct jsonw w;

    jsonw_init(&w, body);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "endpoint", mistral.endpoint);
    jsonw_text(&w, "model", model);
    jsonw_array(&w, "input_files");
    jsonw_text(&w, NULL, file_id);
    jsonw_end_array(&w);
    jsonw_object(&w, "metadata");
    jsonw_text(&w, "vitae_key", key);
    jsonw_end_object(&w);
    jsonw_integer(&w, "timeout_hours",
                  hours_of(self->settings->completion_window));
    jsonw_end_object(&w);
}

static bool mistral_create(struct provider *self, const char *file_id,
                           const char *key, const char *model,
                           struct remote_batch *out, struct error *err)
{
    struct strbuf body;
    bool good;

    strbuf_init(&body, 64 * KIB);
    write_job(self, file_id, key, model, &body);
    good = batch_create(self, "/batch/jobs", &body, key, read_job, out, err);
    strbuf_release(&body);
    return good;
}

static bool mistral_poll(struct provider *self, const char *id,
                         const struct provider_watch *watch,
                         struct remote_batch *out, struct error *err)
{
    return batch_ask(self, "asking for the batch", "GET", "/batch/jobs/%s", id,
                     watch ? watch->stop : NULL, read_job, out, err);
}

static bool mistral_cancel(struct provider *self, const char *id,
                           struct remote_batch *out, struct error *err)
{
    return batch_ask(self, "cancelling the batch", "POST",
                     "/batch/jobs/%s/cancel", id, NULL, read_job, out, err);
}

/* Pages are numbered. */
static char *page_url(struct provider *self, const struct batch_page *page,
                      struct error *err)
{
    char path[80];

    snprintf(path, sizeof(path), "/batch/jobs?page_size=100&page=%zu",
             page->number);
    return call_url(self, path, NULL, err);
}

static const struct batch_listing listing = { .url = page_url,
                                              .read = read_job,
                                              .page_size = 100 };

const struct provider_ops provider_mistral = {
    .name = "mistral",
    .default_base_url = "https://api.mistral.ai/v1",
    .needs_key = true,
    .caps = PROVIDER_BATCHES | PROVIDER_FIND | PROVIDER_REALTIME,
    /* files of 512 MB; no number of requests is told */
    .limits = { .requests = 50000,
                .bytes = 500000000,
                .line_bytes = 8000000,
                .window = 86400,
                .poll_floor = 10 },
    .dialect = &mistral,
    .single = &openai_single,
    .prepare = openai_prepare,
    .decode = openai_decode,
    .upload = openai_upload,
    .create = mistral_create,
    .find = batch_find,
    .listing = &listing,
    .poll = mistral_poll,
    .cancel = mistral_cancel,
    .download = openai_download,
    .remove_file = openai_remove_file,
    .check = openai_check,
};

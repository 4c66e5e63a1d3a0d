/*
 * anthropic_batch.c -- making, asking for and fetching message batches.
 */
#include <json-c/json.h>

#include "base/file.h"
#include "provider/anthropic.h"
#include "provider/batches.h"
#include "provider/call.h"
#include "provider/count.h"
#include "provider/keyed_id.h"

#define SPOOL "spool:"

/* -- "files" -- */

static bool anthropic_upload(struct provider *self, const char *path,
                             const char *name, char *file_id,
                             const struct provider_watch *watch,
                             struct error *err)
{
    (void)self, (void)name, (void)watch;
    if (file_size(path) < 0)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the request file %.200s is gone", path);
    if (strlen(SPOOL) + strlen(path) >= REMOTE_ID)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the spool folder's path is too long for this "
                          "provider: set a shorter spool");
    snprintf(file_id, REMOTE_ID, SPOOL "%s", path);
    return true;
}

/* -- reading -- */

/* Counts stay 0 until all has ended. */
static void read_counts(const struct json_object *counts,
                        struct remote_batch *out)
{
    int64_t waiting = read_count(counts, "processing", 0);
    int64_t cancelled = read_count(counts, "canceled", 0);
    int64_t expired = read_count(counts, "expired", 0);

    out->completed = read_count(counts, "succeeded", 0);
    out->failed = read_count(counts, "errored", 0) + cancelled + expired;
    out->total = waiting + out->completed + out->failed;
    if (out->status != REMOTE_COMPLETED)
        return;
    if (cancelled)
        out->status = REMOTE_CANCELLED;
    else if (expired)
        out->status = REMOTE_EXPIRED;
}

static bool read_batch(struct json_object *object, struct remote_batch *out,
                       struct error *err)
{
    memset(out, 0, sizeof(*out));
    read_text(object, "processing_status", out->word, sizeof(out->word));
    if (!read_id(object, "id", out->id) || !out->id[0] || !out->word[0]) {
        error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
                   "the answer is no batch: no usable id or status");
        error_code(err, "malformed");
        return false;
    }
    out->status = remote_status_of(out->word);
    out->created_at = read_time(object, "created_at");
    out->input_tokens = out->cached_tokens = out->output_tokens = -1;
    read_counts(json_get(object, "request_counts"), out);
    if (remote_is_final(out->status))
        snprintf(out->output_file, sizeof(out->output_file), "%s", out->id);
    return true;
}

/* -- batches -- */

/* The lines of the request file become one array. */
static bool anthropic_create(struct provider *self, const char *file_id,
                             const char *key, const char *model,
                             struct remote_batch *out, struct error *err)
{
    char *url = call_url(self, "/messages/batches", NULL, err);
    struct http_request request = {
        .method = "POST", .url = url, .body = "{\"requests\":[", .joined = "]}"
    };
    bool good;

    (void)model;
    if (!url)
        return false;
    request.body_path = file_id + strlen(SPOOL);
    if (strncmp(file_id, SPOOL, strlen(SPOOL)) != 0 ||
        file_size(request.body_path) < 0)
        good = error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the request file %.200s is not on this machine",
                          file_id);
    else
        good = batch_create_request(self, &request, key, read_batch, out, err);
    free(url);
    return good;
}

static bool anthropic_poll(struct provider *self, const char *id,
                           const struct provider_watch *watch,
                           struct remote_batch *out, struct error *err)
{
    return batch_ask(self, "asking for the batch", "GET",
                     "/messages/batches/%s", id, watch ? watch->stop : NULL,
                     read_batch, out, err);
}

static bool anthropic_cancel(struct provider *self, const char *id,
                             struct remote_batch *out, struct error *err)
{
    return batch_ask(self, "cancelling the batch", "POST",
                     "/messages/batches/%s/cancel", id, NULL, read_batch, out,
                     err);
}

/* -- results -- */

/* Where they are: told by the batch, and at our own origin or nowhere. */
static bool results_url(struct provider *self, const char *id, char *target,
                        size_t size, struct error *err)
{
    struct call c = { .what = "asking for the answers", .method = "GET" };
    char *url = call_url(self, "/messages/batches/%s", id, err);
    struct json_object *batch;

    if (!url)
        return false;
    c.url = url;
    batch = call_json(self, &c, err);
    free(url);
    if (!batch)
        return false;
    read_text(batch, "results_url", target, size);
    json_free(batch);
    if (target[0])
        return call_same_origin(self, target, err);
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "the batch has no answers: not ended, or older than 29 days");
    error_code(err, "not_found");
    return false;
}

static bool anthropic_download(struct provider *self, const char *file_id,
                               const char *path,
                               const struct provider_watch *watch,
                               struct error *err)
{
    char target[1024];

    return results_url(self, file_id, target, sizeof(target), err) &&
           call_download(self, "downloading the answers", target, path, watch,
                         err);
}

/* -- finding -- */

/* Behind "custom_id": ; within a string each quote is escaped, so that no
 * answer's text can look like it. */
static bool read_key(const struct strbuf *lines, char *key, size_t size)
{
    static const char name[] = "\"custom_id\"";
    const char *at = memmem(lines->data, lines->len, name, strlen(name));
    struct keyed_id id;

    if (!at)
        return false;
    at += strlen(name);
    at += strspn(at, " :");
    if (*at++ != '"' || !keyed_id_read(at, strcspn(at, "\""), &id))
        return false;
    snprintf(key, size, "%s", id.key);
    return true;
}

/* The ids of its requests tell, and are seen in its answers alone.  One whose
 * answers are gone (29 days) is nobody's. */
static bool anthropic_identify(struct provider *self,
                               struct remote_batch *entry, struct error *err)
{
    struct strbuf lines;
    char target[1024];
    long status = 0;
    bool good;

    entry->sealed = !remote_is_final(entry->status);
    if (entry->sealed)
        return true;
    if (!results_url(self, entry->id, target, sizeof(target), err))
        return !strcmp(err->code, "not_found");
    strbuf_init(&lines, MIB);
    good = call_peek(self, "looking into its answers", target, &lines, &status,
                     err);
    if (good)
        (void)read_key(&lines, entry->key, sizeof(entry->key));
    strbuf_release(&lines);
    return good || status == 404;
}

static char *page_url(struct provider *self, const struct batch_page *page,
                      struct error *err)
{
    if (!page->last[0])
        return call_url(self, "/messages/batches?limit=100", NULL, err);
    return call_url(self, "/messages/batches?limit=100&after_id=%s", page->last,
                    err);
}

static const struct batch_listing listing = { .url = page_url,
                                              .read = read_batch,
                                              .page_size = 100 };

static bool anthropic_remove_file(struct provider *self, const char *file_id,
                                  struct error *err)
{
    struct call c = { .what = "removing a batch", .method = "DELETE" };
    struct json_object *answer;
    char *url;

    if (!strncmp(file_id, SPOOL, strlen(SPOOL)))
        return true;
    url = call_url(self, "/messages/batches/%s", file_id, err);
    if (!url)
        return false;
    c.url = url;
    answer = call_json(self, &c, err);
    free(url);
    json_free(answer);
    return answer || c.status == 404 || (c.status >= 200 && c.status < 300);
}

static bool anthropic_check(struct provider *self, struct strbuf *report,
                            struct error *err)
{
    const char *model = self->settings->model ? self->settings->model : "";

    return provider_ready(self, err) &&
           call_check_model(self, "/models/%s", model, report, err);
}

static const struct provider_single single = {
    .path = "/messages",
    .wanted = "content",
    .id = "custom_id",
    .body = "params",
    .decode = anthropic_decode_body,
};

const struct provider_ops provider_anthropic = {
    .name = "anthropic",
    .default_base_url = "https://api.anthropic.com/v1",
    .needs_key = true,
    .caps = PROVIDER_BATCHES | PROVIDER_FIND | PROVIDER_REALTIME |
            PROVIDER_KEYED_IDS,
    /* 100,000 requests or 256 MB */
    .limits = { .requests = 100000,
                .bytes = 250000000,
                .line_bytes = 8000000,
                .window = 86400,
                .poll_floor = 10 },
    .key_header = "x-api-key: %s",
    .header = "anthropic-version: 2023-06-01",
    .single = &single,
    .prepare = anthropic_prepare,
    .decode = anthropic_decode,
    .upload = anthropic_upload,
    .create = anthropic_create,
    .find = batch_find,
    .identify = anthropic_identify,
    .listing = &listing,
    .poll = anthropic_poll,
    .cancel = anthropic_cancel,
    .download = anthropic_download,
    .remove_file = anthropic_remove_file,
    .check = anthropic_check,
    .counts = count_anthropic,
};

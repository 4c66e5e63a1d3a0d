/*
 * openai_batch.c -- files and batches of the OpenAI dialect.
 */
#include <json-c/json.h>
#include <strings.h>

#include "base/file.h"
#include "base/jsonw.h"
#include "provider/batches.h"
#include "provider/call.h"
#include "provider/openai.h"

static const struct openai_dialect *dialect_of(const struct provider *self)
{
    return self->ops->dialect;
}

/* -- files -- */

static bool upload(struct provider *self, const char *url, const char *path,
                   const char *name, char *file_id,
                   const struct provider_watch *watch, struct error *err)
{
    const struct openai_dialect *dialect = dialect_of(self);
    const char *fields[] = { "purpose",    dialect->purpose, dialect->anchor,
                             "created_at", dialect->seconds, dialect->expiry };
    struct http_request request = {
        .method = "POST",
        .url = url,
        .upload_path = path,
        .upload_name = name,
        .fields = fields,
        .field_count = dialect->anchor ? 3 : 1,
        .stop = watch ? watch->stop : NULL,
    };
    struct call c = { .what = "uploading the request file" };
    struct json_object *file = call_request(self, &c, &request, err);
    bool good;

    if (!file)
        return false;
    good = read_id(file, "id", file_id) && file_id[0];
    json_free(file);
    if (good)
        return true;
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "%s: the answer holds no usable id", c.what);
    error_code(err, "malformed");
    return false;
}

bool openai_upload(struct provider *self, const char *path, const char *name,
                   char *file_id, const struct provider_watch *watch,
                   struct error *err)
{
    char *url;
    bool good;

    if (file_size(path) < 0)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the request file %.200s is gone", path);
    url = call_url(self, "/files", NULL, err);
    if (!url)
        return false;
    good = upload(self, url, path, name, file_id, watch, err);
    free(url);
    return good;
}

bool openai_download(struct provider *self, const char *file_id,
                     const char *path, const struct provider_watch *watch,
                     struct error *err)
{
    char *url = call_url(self, "/files/%s/content", file_id, err);
    bool good;

    if (!url)
        return false;
    good =
        call_download(self, "downloading the answers", url, path, watch, err);
    free(url);
    return good;
}

bool openai_remove_file(struct provider *self, const char *file_id,
                        struct error *err)
{
    struct call c = { .what = "removing a file", .method = "DELETE" };
    char *url = call_url(self, "/files/%s", file_id, err);
    struct json_object *answer;

    if (!url)
        return false;
    c.url = url;
    answer = call_json(self, &c, err);
    free(url);
    json_free(answer);
    /* Some answer a DELETE with nothing at all. */
    return answer || c.status == 404 || c.status == 204 ||
           (c.status == 200 && !strcmp(err->code, "malformed"));
}

/* -- batches -- */

/* Azure refuses a batch before its file says so. */
static bool is_processed(struct provider *self, const char *file_id,
                         bool *processed, struct error *err)
{
    struct call c = { .what = "asking for the request file", .method = "GET" };
    char *url = call_url(self, "/files/%s", file_id, err);
    struct json_object *file;
    char word[32];

    if (!url)
        return false;
    c.url = url;
    file = call_json(self, &c, err);
    free(url);
    if (!file)
        return false;
    read_text(file, "status", word, sizeof(word));
    json_free(file);
    *processed = !word[0] || !strcasecmp(word, "processed");
    if (strcasecmp(word, "error") != 0)
        return true;
    return error_exit(err, ERROR_REJECT, EXIT_PROVIDER,
                      "%s: the provider could not read it", c.what);
}

/* Not processed within some seconds: the caller comes back later. */
static bool await_file(struct provider *self, const char *file_id,
                       struct error *err)
{
    bool processed = false;
    double pause;

    for (pause = 1; pause <= 16; pause *= 2) {
        if (!is_processed(self, file_id, &processed, err))
            return false;
        if (processed)
            return true;
        if (pause < 16)
            self->clock->sleep(self->clock, pause, NULL);
    }
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "creating the batch: the request file is not processed yet");
    error_code(err, "not_visible");
    return false;
}

static void write_create(const struct provider *self, const char *file_id,
                         const char *key, struct strbuf *body)
{
    const char *window = self->settings->completion_window;
    struct jsonw w;

    jsonw_init(&w, body);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "input_file_id", file_id);
    jsonw_text(&w, "endpoint", dialect_of(self)->endpoint);
    jsonw_text(&w, "completion_window", window && *window ? window : "24h");
    if (!dialect_of(self)->keyless) {
        jsonw_object(&w, "metadata");
        jsonw_text(&w, "vitae_key", key);
        if (self->batch_name[0])
            jsonw_text(&w, "vitae_name", self->batch_name);
        jsonw_end_object(&w);
    }
    jsonw_end_object(&w);
}

bool openai_create(struct provider *self, const char *file_id, const char *key,
                   const char *model, struct remote_batch *out,
                   struct error *err)
{
    struct strbuf body;
    bool good;

    (void)model;
    if (dialect_of(self)->awaits_file && !await_file(self, file_id, err))
        return false;
    strbuf_init(&body, 64 * KIB);
    write_create(self, file_id, key, &body);
    good =
        batch_create(self, "/batches", &body, key, openai_batch_read, out, err);
    strbuf_release(&body);
    return good;
}

bool openai_poll(struct provider *self, const char *id,
                 const struct provider_watch *watch, struct remote_batch *out,
                 struct error *err)
{
    return batch_ask(self, "asking for the batch", "GET", "/batches/%s", id,
                     watch ? watch->stop : NULL, openai_batch_read, out, err);
}

bool openai_cancel(struct provider *self, const char *id,
                   struct remote_batch *out, struct error *err)
{
    return batch_ask(self, "cancelling the batch", "POST", "/batches/%s/cancel",
                     id, NULL, openai_batch_read, out, err);
}

static char *page_url(struct provider *self, const struct batch_page *page,
                      struct error *err)
{
    if (!page->last[0])
        return call_url(self, "/batches?limit=100", NULL, err);
    return call_url(self, "/batches?limit=100&after=%s", page->last, err);
}

const struct batch_listing openai_listing = { .url = page_url,
                                              .read = openai_batch_read,
                                              .page_size = 100 };

/*
 * gemini_batch.c -- Google's files and batches.
 */
#include <json-c/json.h>

#include "base/file.h"
#include "base/jsonw.h"
#include "provider/batches.h"
#include "provider/call.h"
#include "provider/count.h"
#include "provider/gemini.h"

#define NAME_PREFIX "vitae-"
#define INLINE "inline:"

/* -- uploading -- */

/* "models/x", "files/x" and "batches/x" without their folder. */
static const char *bare(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

/* The first of two requests: where do the bytes go? */
static bool start_upload(struct provider *self, const char *path,
                         const char *name, char *target, size_t size,
                         struct error *err)
{
    char *url = call_side_url(self, "/upload", "/files", NULL, err);
    char length[80];
    const char *headers[] = {
        "X-Goog-Upload-Protocol: resumable",
        "X-Goog-Upload-Command: start",
        "X-Goog-Upload-Header-Content-Type: application/jsonl",
        length,
    };
    struct http_request request = { .method = "POST",
                                    .url = url,
                                    .headers = headers,
                                    .header_count = ARRAY_LEN(headers),
                                    .wanted = "x-goog-upload-url",
                                    .timeout = 120 };
    struct http_response r;
    struct strbuf body;
    struct jsonw w;
    bool good;

    if (!url)
        return false;
    snprintf(length, sizeof(length),
             "X-Goog-Upload-Header-Content-Length: %lld",
             (long long)file_size(path));
    strbuf_init(&body, 4 * KIB);
    strbuf_init(&r.body, MIB);
    jsonw_init(&w, &body);
    jsonw_object(&w, NULL);
    jsonw_object(&w, "file");
    jsonw_text(&w, "display_name", name);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    request.body = body.data;
    request.body_len = body.len;
    good = http_send(self->http, &request, &r, err);
    if (good && (r.status < 200 || r.status > 299))
        good = http_failure(&r, "uploading the request file", err);
    if (good)
        good = call_same_origin(self, r.wanted, err);
    snprintf(target, size, "%s", good ? r.wanted : "");
    strbuf_release(&body);
    strbuf_release(&r.body);
    free(url);
    return good;
}

static bool send_bytes(struct provider *self, const char *path,
                       const char *target, char *file_id,
                       const struct provider_watch *watch, struct error *err)
{
    static const char *const headers[] = {
        "X-Goog-Upload-Offset: 0",
        "X-Goog-Upload-Command: upload, finalize",
        "Content-Type: application/octet-stream",
    };
    struct http_request request = { .method = "POST",
                                    .url = target,
                                    .body_path = path,
                                    .headers = headers,
                                    .header_count = ARRAY_LEN(headers),
                                    .stop = watch ? watch->stop : NULL };
    struct call c = { .what = "uploading the request file" };
    struct json_object *answer = call_request(self, &c, &request, err);
    char name[REMOTE_ID];
    bool good;

    if (!answer)
        return false;
    good = read_id(json_get(answer, "file"), "name", name) && name[0];
    json_free(answer);
    if (good) {
        snprintf(file_id, REMOTE_ID, "%s", bare(name));
        return true;
    }
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "%s: the answer holds no usable name", c.what);
    error_code(err, "malformed");
    return false;
}

static bool gemini_upload(struct provider *self, const char *path,
                          const char *name, char *file_id,
                          const struct provider_watch *watch, struct error *err)
{
    char target[1024];

    if (file_size(path) < 0)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the request file %.200s is gone", path);
    return start_upload(self, path, name, target, sizeof(target), err) &&
           send_bytes(self, path, target, file_id, watch, err);
}

/* -- reading an operation -- */

/* Results are under response or metadata.output, one level more or less. */
static struct json_object *find_inline(const struct json_object *operation)
{
    struct json_object *places[2], *list;
    size_t i;

    places[0] = json_get(operation, "response");
    places[1] = json_get(json_get(operation, "metadata"), "output");
    for (i = 0; i < ARRAY_LEN(places); i++) {
        list = json_get(places[i], "inlinedResponses");
        if (json_object_is_type(list, json_type_object))
            list = json_get(list, "inlinedResponses");
        if (json_object_is_type(list, json_type_array))
            return list;
    }
    return NULL;
}

static bool read_output(const struct json_object *operation,
                        struct remote_batch *out)
{
    const struct json_object *metadata = json_get(operation, "metadata");
    char name[REMOTE_ID];

    if (!read_id(json_get(operation, "response"), "responsesFile", name))
        return false;
    if (!name[0] &&
        !read_id(json_get(metadata, "output"), "responsesFile", name))
        return false;
    if (name[0])
        snprintf(out->output_file, sizeof(out->output_file), "%s", bare(name));
    else if (find_inline(operation))
        snprintf(out->output_file, sizeof(out->output_file), INLINE "%.200s",
                 out->id);
    return true;
}

static void read_state(const struct json_object *operation,
                       struct remote_batch *out)
{
    const struct json_object *metadata = json_get(operation, "metadata");
    const struct json_object *error = json_get(operation, "error");

    read_text(metadata, "state", out->word, sizeof(out->word));
    if (!out->word[0])
        read_text(operation, "state", out->word, sizeof(out->word));
    out->status = remote_status_of(out->word);
    if (!remote_is_final(out->status) &&
        json_get_bool(operation, "done", false)) {
        out->status = error ? REMOTE_FAILED : REMOTE_COMPLETED;
        if (!out->word[0])
            snprintf(out->word, sizeof(out->word), "done");
    }
    read_text(error, "status", out->error_code, sizeof(out->error_code));
    if (error && !out->error_code[0])
        snprintf(out->error_code, sizeof(out->error_code), "%lld",
                 (long long)read_count(error, "code", 0));
    read_text(error, "message", out->error_message, sizeof(out->error_message));
    http_message_clean(out->error_message);
}

static void read_stats(const struct json_object *metadata,
                       struct remote_batch *out)
{
    const struct json_object *stats = json_get(metadata, "batchStats");
    const char *key;
    char name[128];

    out->total = read_count(stats, "requestCount", 0);
    out->completed = read_count(stats, "successfulRequestCount", 0);
    out->failed = read_count(stats, "failedRequestCount", 0);
    out->input_tokens = out->cached_tokens = out->output_tokens = -1;
    out->created_at = read_time(metadata, "createTime");
    read_text(metadata, "displayName", name, sizeof(name));
    key = strstr(name, NAME_PREFIX); /* behind the wave's name */
    if (key)
        snprintf(out->key, sizeof(out->key), "%.63s",
                 key + strlen(NAME_PREFIX));
    utf8_trim_cut(out->key);
}

bool gemini_batch_read(struct json_object *object, struct remote_batch *out,
                       struct error *err)
{
    char name[REMOTE_ID];
    bool good;

    memset(out, 0, sizeof(*out));
    good = read_id(object, "name", name) &&
           !strncmp(name, "batches/", strlen("batches/")) && *bare(name);
    if (good) {
        snprintf(out->id, sizeof(out->id), "%s", bare(name));
        read_state(object, out);
        read_stats(json_get(object, "metadata"), out);
        good = read_output(object, out);
    }
    if (good)
        return true;
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "the answer is no batch: its name or file is not usable");
    error_code(err, "malformed");
    return false;
}

/* -- batches -- */

static void write_batch(const char *file_id, const char *label, const char *key,
                        struct strbuf *body)
{
    char name[REMOTE_ID + 80];
    struct jsonw w;

    jsonw_init(&w, body);
    jsonw_object(&w, NULL);
    jsonw_object(&w, "batch");
    snprintf(name, sizeof(name), "%s%s" NAME_PREFIX "%.200s", label,
             label[0] ? "_" : "", key);
    jsonw_text(&w, "displayName", name);
    jsonw_object(&w, "inputConfig");
    snprintf(name, sizeof(name), "files/%.255s", file_id);
    jsonw_text(&w, "fileName", name);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
}

static bool gemini_create(struct provider *self, const char *file_id,
                          const char *key, const char *model,
                          struct remote_batch *out, struct error *err)
{
    char *url = call_url(self, "/models/%s:batchGenerateContent",
                         bare(model ? model : ""), err);
    struct http_request request = { .method = "POST",
                                    .url = url,
                                    .timeout = 120 };
    struct strbuf body;
    bool good;

    if (!url)
        return false;
    strbuf_init(&body, 64 * KIB);
    write_batch(file_id, self->batch_name, key, &body);
    request.body = body.data;
    request.body_len = body.len;
    good =
        batch_create_request(self, &request, key, gemini_batch_read, out, err);
    strbuf_release(&body);
    free(url);
    return good;
}

static bool gemini_poll(struct provider *self, const char *id,
                        const struct provider_watch *watch,
                        struct remote_batch *out, struct error *err)
{
    return batch_ask(self, "asking for the batch", "GET", "/batches/%s", id,
                     watch ? watch->stop : NULL, gemini_batch_read, out, err);
}

/* The answer to a cancel is empty: look afterwards. */
static bool gemini_cancel(struct provider *self, const char *id,
                          struct remote_batch *out, struct error *err)
{
    struct call c = { .what = "cancelling the batch", .method = "POST" };
    char *url = call_url(self, "/batches/%s:cancel", id, err);
    struct json_object *answer;

    if (!url)
        return false;
    c.url = url;
    answer = call_json(self, &c, err);
    free(url);
    json_free(answer);
    if (!answer && !(c.status >= 200 && c.status < 300)) {
        if (c.status == 404)
            err->kind = ERROR_RETRY;
        return false;
    }
    return gemini_poll(self, id, NULL, out, err);
}

static char *page_url(struct provider *self, const struct batch_page *page,
                      struct error *err)
{
    if (!page->token[0])
        return call_url(self, "/batches?pageSize=100", NULL, err);
    return call_url(self, "/batches?pageSize=100&pageToken=%s", page->token,
                    err);
}

static const struct batch_listing listing = { .url = page_url,
                                              .read = gemini_batch_read,
                                              .token = "nextPageToken",
                                              .page_size = 100 };

/* -- results -- */

static bool inline_lines(const struct json_object *operation,
                         struct strbuf *out)
{
    struct json_object *list = find_inline(operation);
    size_t i;

    for (i = 0; list && i < json_object_array_length(list); i++) {
        strbuf_adds(
            out, json_object_to_json_string_ext(
                     json_object_array_get_idx(list, i),
                     JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
        strbuf_addc(out, '\n');
    }
    return strbuf_ok(out);
}

static bool download_inline(struct provider *self, const char *id,
                            const char *path, struct error *err)
{
    struct call c = { .what = "fetching the answers",
                      .method = "GET",
                      .ceiling = 64 * MIB };
    char *url = call_url(self, "/batches/%s", id, err);
    struct json_object *operation;
    struct strbuf lines;
    bool good;

    if (!url)
        return false;
    c.url = url;
    operation = call_json(self, &c, err);
    free(url);
    if (!operation)
        return false;
    strbuf_init(&lines, 128 * MIB);
    good = inline_lines(operation, &lines)
               ? file_write(path, lines.data, lines.len, err)
               : error_memory(err);
    strbuf_release(&lines);
    json_free(operation);
    return good;
}

/* Documented under /download/, used by the client library without. */
static bool gemini_download(struct provider *self, const char *file_id,
                            const char *path,
                            const struct provider_watch *watch,
                            struct error *err)
{
    static const char what[] = "downloading the answers";
    char *url;
    bool good;

    if (!strncmp(file_id, INLINE, strlen(INLINE)))
        return download_inline(self, file_id + strlen(INLINE), path, err);
    url = call_side_url(self, "/download", "/files/%s:download?alt=media",
                        file_id, err);
    if (!url)
        return false;
    good = call_download(self, what, url, path, watch, err);
    free(url);
    if (good || err->native != 404)
        return good;
    url = call_url(self, "/files/%s:download?alt=media", file_id, err);
    if (!url)
        return false;
    good = call_download(self, what, url, path, watch, err);
    free(url);
    return good;
}

/* A file that is gone is said to be forbidden. */
static bool gemini_remove_file(struct provider *self, const char *file_id,
                               struct error *err)
{
    struct call c = { .what = "removing a file", .method = "DELETE" };
    struct json_object *answer;
    char *url;

    if (!strncmp(file_id, INLINE, strlen(INLINE)))
        return true;
    url = call_url(self, "/files/%s", file_id, err);
    if (!url)
        return false;
    c.url = url;
    answer = call_json(self, &c, err);
    free(url);
    json_free(answer);
    return answer || c.status == 403 || c.status == 404 ||
           (c.status >= 200 && c.status < 300);
}

static bool gemini_check(struct provider *self, struct strbuf *report,
                         struct error *err)
{
    const char *model = self->settings->model ? self->settings->model : "";

    return provider_ready(self, err) &&
           call_check_model(self, "/models/%s", bare(model ? model : ""),
                            report, err);
}

/* Single requests: as in a batch, at the model's own address.  A prompt that
 * was blocked has no candidates. */
static const struct provider_single single = {
    .path = "/models/%s:generateContent",
    .wanted = "usageMetadata",
    .id = "key",
    .body = "request",
    .decode = gemini_decode_body,
};

const struct provider_ops provider_gemini = {
    .name = "gemini",
    .default_base_url = "https://generativelanguage.googleapis.com/v1beta",
    .needs_key = true,
    .caps = PROVIDER_BATCHES | PROVIDER_FIND | PROVIDER_REALTIME |
            PROVIDER_KEYED_IDS, /* files sent can't be had back */
    /* 2 GB; a job over 48 h gives nothing at all, so it is kept small */
    .limits = { .requests = 20000,
                .jobs = 100,
                .bytes = 1900000000,
                .line_bytes = 8000000,
                .window = 172800,
                .poll_floor = 10 },
    .key_header = "x-goog-api-key: %s",
    .single = &single,
    .prepare = gemini_prepare,
    .decode = gemini_decode,
    .upload = gemini_upload,
    .create = gemini_create,
    .find = batch_find,
    .listing = &listing,
    .poll = gemini_poll,
    .cancel = gemini_cancel,
    .download = gemini_download,
    .remove_file = gemini_remove_file,
    .check = gemini_check,
    .counts = count_gemini,
};

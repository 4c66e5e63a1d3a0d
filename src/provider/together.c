/*
 * together.c -- Together's ways with files (its client library 3.1.1,
 * November 2026); batches in OpenAI's dialect.
 *
 * A file goes to a place that is told (on another host, which gets no key
 * and must be in allowed_hosts), and is announced before and after.  A batch
 * carries no metadata: ours is known by the name of its input file,
 * "vitae-KEY.jsonl".
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "base/file.h"
#include "provider/batches.h"
#include "provider/call.h"
#include "provider/openai.h"

static const struct openai_dialect together = {
    .purpose = "batch-api",
    .endpoint = "/v1/chat/completions",
    .length = "max_tokens",
    .bare_lines = true,
    .keyless = true,
};

static const char what[] = "uploading the request file";

/* -- uploading -- */

static bool check_id(char *file_id, const char *told, struct error *err)
{
    if (*told && strlen(told) < REMOTE_ID && !strpbrk(told, "/?#% ")) {
        snprintf(file_id, REMOTE_ID, "%s", told);
        return true;
    }
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "%s: the answer holds no usable id", what);
    error_code(err, "malformed");
    return false;
}

/* First: where do the bytes go? */
static bool announce(struct provider *self, const char *name, char *file_id,
                     char *target, size_t size, struct error *err)
{
    const char *fields[] = { "purpose", together.purpose, "file_name",
                             name,      "file_type",      "jsonl" };
    char *url = call_url(self, "/files", NULL, err);
    struct http_request request = { .method = "POST",
                                    .url = url,
                                    .fields = fields,
                                    .field_count = ARRAY_LEN(fields) / 2,
                                    .wanted = "x-together-file-id",
                                    .timeout = 120 };
    struct http_response r;
    bool good;

    if (!url)
        return false;
    strbuf_init(&r.body, MIB);
    good = http_send(self->http, &request, &r, err);
    if (good && (r.status != 302 || !r.location[0]))
        good = http_failure(&r, what, err);
    good = good && check_id(file_id, r.wanted, err);
    snprintf(target, size, "%s", good ? r.location : "");
    strbuf_release(&r.body);
    free(url);
    return good;
}

/* Second: the bytes, to somebody who mustn't see the key. */
static bool put_bytes(struct provider *self, const char *path,
                      const char *target, const volatile bool *stop,
                      struct error *err)
{
    struct http_request request = { .method = "PUT",
                                    .url = target,
                                    .body_path = path,
                                    .bare = true,
                                    .stop = stop };
    struct http_response r;
    bool good;

    strbuf_init(&r.body, MIB);
    good = http_send(self->http, &request, &r, err);
    if (good && (r.status < 200 || r.status > 299))
        good = http_failure(&r, what, err);
    else if (!good && !strcmp(err->code, "host"))
        error_context(err, "Together keeps files on another host, which "
                           "must be allowed too");
    strbuf_release(&r.body);
    return good;
}

/* Third: it is there. */
static bool confirm(struct provider *self, const char *file_id,
                    struct error *err)
{
    struct call c = { .what = what, .method = "POST" };
    char *url = call_url(self, "/files/%s/preprocess", file_id, err);
    struct json_object *file;

    if (!url)
        return false;
    c.url = url;
    file = call_json(self, &c, err);
    free(url);
    json_free(file);
    return file;
}

static bool together_upload(struct provider *self, const char *path,
                            const char *name, char *file_id,
                            const struct provider_watch *watch,
                            struct error *err)
{
    char target[2048];

    if (file_size(path) < 0)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the request file %.200s is gone", path);
    return announce(self, name, file_id, target, sizeof(target), err) &&
           put_bytes(self, path, target, watch ? watch->stop : NULL, err) &&
           confirm(self, file_id, err);
}

/* -- finding -- */

/* "vitae-KEY.jsonl" */
static void key_of(const char *name, char *key, size_t size)
{
    size_t len = strlen(name);

    key[0] = '\0';
    if (len > 12 && len - 12 < size && !strncmp(name, "vitae-", 6) &&
        !strcmp(name + len - 6, ".jsonl"))
        snprintf(key, size, "%.*s", (int)(len - 12), name + 6);
}

/* A file that is gone belonged to a batch that was seen to its end. */
static bool identify(struct provider *self, struct remote_batch *entry,
                     struct error *err)
{
    struct call c = { .what = "asking for its file", .method = "GET" };
    struct json_object *file;
    char name[REMOTE_ID];
    char *url;

    if (!entry->input_file[0])
        return true;
    url = call_url(self, "/files/%s", entry->input_file, err);
    if (!url)
        return false;
    c.url = url;
    file = call_json(self, &c, err);
    free(url);
    if (!file)
        return c.status == 404;
    read_text(file, "filename", name, sizeof(name));
    key_of(name, entry->key, sizeof(entry->key));
    json_free(file);
    return true;
}

static char *page_url(struct provider *self, const struct batch_page *page,
                      struct error *err)
{
    (void)page;
    return call_url(self, "/batches", NULL, err);
}

/* A bare array of all there are. */
static const struct batch_listing listing = { .url = page_url,
                                              .read = openai_batch_read,
                                              .page_size = SIZE_MAX };

const struct provider_ops provider_together = {
    .name = "together",
    .default_base_url = "https://api.together.xyz/v1",
    .needs_key = true,
    .caps = PROVIDER_BATCHES | PROVIDER_FIND,
    .limits = { .requests = 50000,
                .bytes = 99000000,
                .line_bytes = 8000000,
                .window = 86400,
                .poll_floor = 10 },
    .dialect = &together,
    .single = &openai_single,
    .prepare = openai_prepare,
    .decode = openai_decode,
    .upload = together_upload,
    .create = openai_create,
    .find = batch_find,
    .listing = &listing,
    .identify = identify,
    .poll = openai_poll,
    .cancel = openai_cancel,
    .download = openai_download,
    .remove_file = openai_remove_file,
    .check = openai_check,
};

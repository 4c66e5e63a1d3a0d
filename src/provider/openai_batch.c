/*
 * openai_batch.c -- files and batches of the OpenAI dialect.
 */
#include <json-c/json.h>

#include "base/file.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "provider/call.h"
#include "provider/openai.h"

#define KEY_NAME "vitae_key"
/* Our clock may be ahead of theirs by so much. */
#define SKEW 600.0
/* 100 batches a page: more than anybody makes between two looks. */
#define MOST_PAGES 2000
#define MOST_ENTRIES (MIB)

static const struct openai_dialect *dialect_of(const struct provider *self)
{
    return self->ops->dialect;
}

/* -- files -- */

/* An input file outlives the window of its batch and a stay in the queue,
 * but not much longer; remove_file() is usually earlier. */
static const char *const expiry[] = { "expires_after[anchor]", "created_at",
                                      "expires_after[seconds]", "259200" };

static bool upload(struct provider *self, const char *url, const char *path,
                   const char *name, char *file_id,
                   const struct provider_watch *watch, struct error *err)
{
    const char *fields[] = { "purpose", dialect_of(self)->purpose,
                             expiry[0], expiry[1],
                             expiry[2], expiry[3] };
    struct http_request request = {
        .method = "POST",
        .url = url,
        .upload_path = path,
        .upload_name = name,
        .fields = fields,
        .field_count = ARRAY_LEN(fields) / 2,
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

/* -- making one -- */

static char *create_body(const struct provider *self, const char *file_id,
                         const char *key, struct error *err)
{
    const char *window = self->settings->completion_window;
    struct strbuf body;
    struct jsonw w;
    char *text;

    strbuf_init(&body, 64 * KIB);
    jsonw_init(&w, &body);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "input_file_id", file_id);
    jsonw_text(&w, "endpoint", dialect_of(self)->endpoint);
    jsonw_text(&w, "completion_window", window && *window ? window : "24h");
    jsonw_object(&w, "metadata");
    jsonw_text(&w, KEY_NAME, key);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    text = strbuf_take(&body);
    if (!text)
        error_memory(err);
    strbuf_release(&body);
    return text;
}

/* Could a batch have come of this call?  Refusals (4xx but for a time-out)
 * and calls that never left say no. */
static void judge_create(const struct call *c, struct error *err)
{
    bool refused = c->status >= 300 && c->status < 500 && c->status != 408;

    if (refused || (!c->status && !c->sent))
        return;
    err->kind = ERROR_RETRY;
    error_code(err, "unknown");
}

/* A file just uploaded may not be visible yet (complaint 8). */
static bool not_visible_yet(const struct call *c, const struct error *err)
{
    return (c->status == 400 || c->status == 404) &&
           (strstr(err->message, "ind file") ||
            strstr(err->message, "be found") ||
            strstr(err->message, "o such file") ||
            strstr(err->message, "not found") ||
            !strcmp(err->code, "file_not_found"));
}

static bool create_once(struct provider *self, const char *url,
                        const char *body, const char *key,
                        struct remote_batch *out, bool *again,
                        struct error *err)
{
    struct call c = { .what = "creating the batch",
                      .method = "POST",
                      .url = url,
                      .body = body,
                      .body_len = strlen(body) };
    struct json_object *object = call_json(self, &c, err);
    bool good = object && openai_batch_read(object, out, err);

    json_free(object);
    *again = false;
    if (good) {
        snprintf(out->key, sizeof(out->key), "%s", key);
        return true;
    }
    *again = not_visible_yet(&c, err);
    if (*again) {
        err->kind = ERROR_RETRY;
        error_code(err, "not_visible");
    }
    judge_create(&c, err);
    return false;
}

bool openai_create(struct provider *self, const char *file_id, const char *key,
                   const char *model, struct remote_batch *out,
                   struct error *err)
{
    char *url = call_url(self, "/batches", NULL, err);
    char *body = create_body(self, file_id, key, err);
    bool again, good = false;
    double pause = 1;

    (void)model;
    while (url && body) {
        good = create_once(self, url, body, key, out, &again, err);
        if (good || !again || pause > 8)
            break;
        self->clock->sleep(self->clock, pause, NULL);
        pause *= 2;
    }
    free(url);
    free(body);
    return good;
}

/* -- looking at one -- */

static bool one_batch(struct provider *self, const char *what,
                      const char *method, const char *path, const char *id,
                      const volatile bool *stop, struct remote_batch *out,
                      struct error *err)
{
    struct call c = { .what = what, .method = method, .stop = stop };
    char *url = call_url(self, path, id, err);
    struct json_object *object;
    bool good;

    if (!url)
        return false;
    c.url = url;
    object = call_json(self, &c, err);
    free(url);
    if (!object && c.status == 404)
        err->kind = ERROR_RETRY;
    good = object && openai_batch_read(object, out, err);
    json_free(object);
    if (!good || !strcmp(out->id, id))
        return good;
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "%s: the answer is about another batch", what);
    error_code(err, "malformed");
    return false;
}

bool openai_poll(struct provider *self, const char *id,
                 const struct provider_watch *watch, struct remote_batch *out,
                 struct error *err)
{
    return one_batch(self, "asking for the batch", "GET", "/batches/%s", id,
                     watch ? watch->stop : NULL, out, err);
}

bool openai_cancel(struct provider *self, const char *id,
                   struct remote_batch *out, struct error *err)
{
    return one_batch(self, "cancelling the batch", "POST", "/batches/%s/cancel",
                     id, NULL, out, err);
}

/* -- finding ours -- */

struct search {
    const char *key;
    double since; /* older ones can't be ours */
    bool found;
    struct remote_batch *best;
    size_t matches;
    bool descending; /* so far each was made no later than the one before */
    double previous;
    char first[REMOTE_ID]; /* of the page */
    char last[REMOTE_ID];
    size_t count;   /* entries of the page */
    size_t older;   /* entries of the page made before since */
    bool more;      /* has_more says so */
    bool more_told; /* there is a has_more */
};

static bool is_dead(const struct remote_batch *b)
{
    return b->status == REMOTE_FAILED || b->status == REMOTE_CANCELLED ||
           b->status == REMOTE_CANCELLING;
}

/* Of several with our key (a listing lagged once): a live one before a dead
 * one, then the oldest. */
static bool is_better(const struct remote_batch *a,
                      const struct remote_batch *b)
{
    if (is_dead(a) != is_dead(b))
        return !is_dead(a);
    return a->created_at < b->created_at;
}

static void consider(struct search *s, const struct remote_batch *b)
{
    if (!s->count)
        memcpy(s->first, b->id, sizeof(s->first));
    memcpy(s->last, b->id, sizeof(s->last));
    s->count++;
    if (b->created_at <= 0 || (s->previous > 0 && b->created_at > s->previous))
        s->descending = false;
    s->previous = b->created_at;
    if (b->created_at > 0 && b->created_at < s->since)
        s->older++;
    if (strcmp(b->key, s->key) != 0)
        return;
    s->matches++;
    if (!s->found || is_better(b, s->best))
        *s->best = *b;
    s->found = true;
}

/* {"data":[...]}, Azure's {"value":[...]}, Together's bare array. */
static struct json_object *entries_of(struct json_object *page)
{
    struct json_object *list = page;

    if (json_object_is_type(page, json_type_object)) {
        list = json_get(page, "data");
        if (!list)
            list = json_get(page, "value");
    }
    return json_object_is_type(list, json_type_array) ? list : NULL;
}

static bool read_page(struct search *s, struct json_object *page,
                      struct error *err)
{
    struct json_object *list = entries_of(page), *more;
    struct remote_batch entry;
    size_t i;

    s->count = s->older = 0;
    s->more_told = false;
    if (!list) {
        error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
                   "listing the batches: the answer is no list");
        error_code(err, "malformed");
        return false;
    }
    for (i = 0; i < json_object_array_length(list); i++) {
        if (!openai_batch_read(json_object_array_get_idx(list, i), &entry, err))
            return error_context(err, "listing the batches");
        consider(s, &entry);
    }
    more = json_get(page, "has_more");
    s->more_told = json_object_is_type(more, json_type_boolean);
    s->more = s->more_told && json_object_get_boolean(more);
    return true;
}

static struct json_object *fetch_page(struct provider *self, const char *after,
                                      struct error *err)
{
    struct call c = { .what = "listing the batches", .method = "GET" };
    char *url = *after
                    ? call_url(self, "/batches?limit=100&after=%s", after, err)
                    : call_url(self, "/batches?limit=100", NULL, err);
    struct json_object *page = NULL;

    if (url) {
        c.url = url;
        page = call_json(self, &c, err);
    }
    free(url);
    return page;
}

/* Was this the last page that matters?  Without has_more a short page is
 * the last; a listing that isn't newest-first is read to its end. */
static bool is_last_page(const struct search *s)
{
    if (!s->count)
        return true;
    if (s->descending && s->older == s->count)
        return true;
    return s->more_told ? !s->more : s->count < 100;
}

static bool no_progress(struct error *err)
{
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "listing the batches: the pages don't come to an end, so the "
               "listing can't be trusted");
    error_code(err, "listing");
    return false;
}

static bool search_pages(struct provider *self, struct search *s,
                         struct error *err)
{
    char after[REMOTE_ID] = "";
    char first[REMOTE_ID] = "";
    struct json_object *page;
    bool read;
    int n;

    for (n = 0; n < MOST_PAGES; n++) {
        page = fetch_page(self, after, err);
        read = page && read_page(s, page, err);
        json_free(page);
        if (!read)
            return false;
        /* A server that knows no pages gives all of them each time. */
        if (n && s->count && !strcmp(first, s->first))
            return s->count > 100 || no_progress(err);
        if (is_last_page(s))
            return true;
        if (!strcmp(after, s->last))
            break;
        memcpy(after, s->last, sizeof(after));
        memcpy(first, s->first, sizeof(first));
    }
    return no_progress(err);
}

bool openai_find(struct provider *self, const char *key, double since,
                 bool *found, struct remote_batch *out, struct error *err)
{
    struct search s = {
        .key = key, .since = since - SKEW, .best = out, .descending = true
    };

    *found = false;
    if (!search_pages(self, &s, err))
        return false;
    if (s.matches > 1)
        log_warn("batch_double", "key=%s batches=%zu using=%s", key, s.matches,
                 out->id);
    *found = s.found;
    return true;
}

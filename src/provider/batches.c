#include "provider/batches.h"

#include "provider/call.h"

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

/* A file just uploaded may not be visible yet (bespokelabsai/curator#116). */
static bool not_visible_yet(const struct call *c, const struct error *err)
{
    static const char *const words[] = { "ind file", "be found", "o such file",
                                         "not found" };
    size_t i;

    if ((c->status != 400 && c->status != 404) || err->kind == ERROR_SETUP)
        return false;
    for (i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(err->message, words[i]))
            return true;
    return !strcmp(err->code, "file_not_found");
}

static bool create_once(struct provider *self,
                        const struct http_request *request, batch_reader *read,
                        struct remote_batch *out, bool *again,
                        struct error *err)
{
    struct call c = { .what = "creating the batch" };
    struct json_object *object = call_request(self, &c, request, err);
    bool good = object && read(object, out, err);

    json_free(object);
    *again = !good && not_visible_yet(&c, err);
    if (good)
        return true;
    if (*again) {
        err->kind = ERROR_RETRY;
        error_code(err, "not_visible");
    }
    judge_create(&c, err);
    return false;
}

bool batch_create_request(struct provider *self,
                          const struct http_request *request, const char *key,
                          batch_reader *read, struct remote_batch *out,
                          struct error *err)
{
    struct clock *clock = self->clock;
    double pause = 1;
    bool again;

    while (!create_once(self, request, read, out, &again, err)) {
        if (!again || pause > 8)
            return false;
        clock->sleep(clock, pause, NULL);
        pause *= 2;
    }
    snprintf(out->key, sizeof(out->key), "%s", key);
    return true;
}

bool batch_create(struct provider *self, const char *path,
                  const struct strbuf *body, const char *key,
                  batch_reader *read, struct remote_batch *out,
                  struct error *err)
{
    char *url = call_url(self, path, NULL, err);
    double limit = self->settings->idle_timeout;
    struct http_request request = {
        .method = "POST",
        .url = url,
        .body = body->data,
        .body_len = body->len,
        .timeout = limit > 0 ? limit : 120,
    };
    bool good = false;

    if (url && !strbuf_ok(body))
        error_memory(err);
    else if (url)
        good = batch_create_request(self, &request, key, read, out, err);
    free(url);
    return good;
}

bool batch_ask(struct provider *self, const char *what, const char *method,
               const char *path, const char *id, const volatile bool *stop,
               batch_reader *read, struct remote_batch *out, struct error *err)
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
    good = object && read(object, out, err);
    json_free(object);
    if (!good || !strcmp(out->id, id))
        return good;
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "%s: the answer is about another batch", what);
    error_code(err, "malformed");
    return false;
}

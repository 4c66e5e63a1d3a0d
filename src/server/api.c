#include "server/api.h"

#include <stdarg.h>
#include <string.h>

#include "base/log.h"

#define CHAT_MOST (64 * MIB)
#define JSON_MOST (256 * KIB)
#define JSON_TYPE "application/json"

struct api *api_of(struct exchange *x)
{
    return exchange_site(x);
}

struct api_request *api_request_of(struct exchange *x)
{
    return *exchange_own(x);
}

const char *api_owner(struct exchange *x)
{
    return api_request_of(x)->owner;
}

/* -- replies -- */

void api_reply(struct exchange *x, struct strbuf *out)
{
    if (strbuf_ok(out))
        exchange_reply(x, 200, JSON_TYPE, out);
    else
        api_error(x, 500, "server_error", NULL, "The answer is too large.");
    strbuf_release(out);
}

static const char *type_of(unsigned status)
{
    switch (status) {
    case 401: return "authentication_error";
    case 403: return "permission_error";
    case 404: return "not_found_error";
    case 429: return "rate_limit_error";
    default: return status < 500 ? "invalid_request_error" : "server_error";
    }
}

static void write_error(struct exchange *x, unsigned status, const char *code,
                        const char *param, const char *message)
{
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_object(&w, "error");
    jsonw_text(&w, "message", message);
    jsonw_text(&w, "type", type_of(status));
    jsonw_text(&w, "param", param);
    jsonw_text(&w, "code", code);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    exchange_reply(x, status, JSON_TYPE, &out);
    strbuf_release(&out);
}

void api_error(struct exchange *x, unsigned status, const char *code,
               const char *param, const char *format, ...)
{
    char message[600];
    va_list list;

    va_start(list, format);
    vsnprintf(message, sizeof(message), format, list);
    va_end(list);
    utf8_trim_cut(message);
    write_error(x, status, code, param, message);
}

void api_refuse(struct exchange *x, unsigned status, const char *code,
                const char *message)
{
    write_error(x, status, code, NULL, message);
}

void api_failure(struct exchange *x, const struct error *err)
{
    if (!strcmp(err->code, "disk"))
        api_error(x, 507, "disk_full", NULL, "There is no room: %s",
                  err->message);
    else if (err->kind == ERROR_REJECT)
        api_error(x, 400, *err->code ? err->code : "invalid_request", NULL,
                  "%s", err->message);
    else
        api_error(x, 500, "server_error", NULL, "%s", err->message);
}

void api_not_found(struct exchange *x, const char *what)
{
    api_error(x, 404, "not_found", NULL, "No such %s object: %s", what,
              exchange_param(x));
}

/* -- lists -- */

static bool limit_of(struct exchange *x, const struct api_list *list,
                     int64_t *limit)
{
    const char *text = exchange_query(x, "limit");

    *limit = list->usual;
    if (!text)
        return true;
    if (!*text || strlen(text) > 6 || text[strspn(text, "0123456789")])
        return false;
    *limit = strtol(text, NULL, 10);
    return *limit >= 1 && *limit <= list->most;
}

static bool check_list(struct exchange *x, const struct api_list *list)
{
    const char *order = exchange_query(x, "order");
    int64_t limit;

    if (!limit_of(x, list, &limit))
        api_error(x, 400, "invalid_value", "limit",
                  "limit must be a number from 1 to %lld.",
                  (long long)list->most);
    else if (order && strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0)
        api_error(x, 400, "invalid_value", "order",
                  "order must be asc or desc.");
    return !exchange_replied(x);
}

/* Ids sort by time, so a page begins after an id, even one that is gone. */
static bool is_after(const char *id, const char *after, bool ascending)
{
    int order;

    if (!after || !*after)
        return true;
    order = strcmp(id, after);
    return ascending ? order > 0 : order < 0;
}

/* The state is locked by the caller. */
static void write_list(struct exchange *x, const struct api_list *list,
                       struct strbuf *out)
{
    const char *order = exchange_query(x, "order"), *id;
    const char *after = exchange_query(x, "after");
    char first[STATE_ID] = "", last[STATE_ID] = "";
    bool ascending = order && !strcmp(order, "asc"), more = false;
    int64_t limit, written = 0;
    struct jsonw w;
    size_t count = list->count(api_of(x)->st), n, i;

    (void)limit_of(x, list, &limit);
    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "object", "list");
    jsonw_array(&w, "data");
    for (n = 0; n < count && !more; n++) {
        i = ascending ? n : count - 1 - n;
        id = list->id(x, i);
        if (!is_after(id, after, ascending) ||
            !list->write(x, i, written < limit ? &w : NULL))
            continue;
        more = written == limit;
        if (more)
            break;
        if (!written++)
            snprintf(first, sizeof(first), "%s", id);
        snprintf(last, sizeof(last), "%s", id);
    }
    jsonw_end_array(&w);
    jsonw_text(&w, "first_id", written ? first : NULL);
    jsonw_text(&w, "last_id", written ? last : NULL);
    jsonw_bool(&w, "has_more", more);
    jsonw_end_object(&w);
}

void api_reply_list(struct exchange *x, const struct api_list *list)
{
    struct state *st = api_of(x)->st;
    struct strbuf out;

    if (!check_list(x, list))
        return;
    strbuf_init(&out, 64 * MIB);
    state_lock(st);
    write_list(x, list, &out);
    state_unlock(st);
    api_reply(x, &out);
}

/* -- small ones -- */

static void health(struct exchange *x)
{
    struct strbuf out;

    strbuf_init(&out, KIB);
    strbuf_adds(&out, "{\"status\":\"ok\"}");
    api_reply(x, &out);
}

static void models(struct exchange *x)
{
    struct api *api = api_of(x);
    struct strbuf out;
    struct jsonw w;

    if (!upstreams_were_tried(api->upstreams)) {
        proxy_ask(api->proxy, x, "GET", "/models");
        return;
    }
    strbuf_init(&out, 4 * MIB);
    jsonw_init(&w, &out);
    upstreams_write_models(api->upstreams, &w);
    api_reply(x, &out);
}

static void chat(struct exchange *x)
{
    proxy_ask(api_of(x)->proxy, x, "POST", "/chat/completions");
}

/* -- the table -- */

const struct http_route api_routes[] = {
    { "GET", "/health", BODY_NONE, 0, true, health },
    { "GET", "/v1/health", BODY_NONE, 0, true, health },
    { "GET", "/metrics", BODY_NONE, 0, false, api_metrics },
    { "GET", "/v1/models", BODY_NONE, 0, false, models },
    { "POST", "/v1/chat/completions", BODY_MEMORY, CHAT_MOST, false, chat },
    { "POST", "/v1/files", BODY_FORM, 0, false, api_upload },
    { "GET", "/v1/files", BODY_NONE, 0, false, api_list_files },
    { "GET", "/v1/files/{id}", BODY_NONE, 0, false, api_get_file },
    { "DELETE", "/v1/files/{id}", BODY_NONE, 0, false, api_delete_file },
    { "GET", "/v1/files/{id}/content", BODY_NONE, 0, false, api_file_content },
    { "POST", "/v1/uploads", BODY_MEMORY, JSON_MOST, false, api_create_upload },
    { "POST", "/v1/uploads/{id}/parts", BODY_FORM, 0, false, api_add_part },
    { "POST", "/v1/uploads/{id}/complete", BODY_MEMORY, JSON_MOST, false,
      api_complete_upload },
    { "POST", "/v1/uploads/{id}/cancel", BODY_NONE, 0, false,
      api_cancel_upload },
    { "POST", "/v1/batches", BODY_MEMORY, JSON_MOST, false, api_create_batch },
    { "GET", "/v1/batches", BODY_NONE, 0, false, api_list_batches },
    { "GET", "/v1/batches/{id}", BODY_NONE, 0, false, api_get_batch },
    { "GET", "/v1/batches/{id}/events", BODY_NONE, 0, false, api_batch_events },
    { "POST", "/v1/batches/{id}/cancel", BODY_NONE, 0, false,
      api_cancel_batch },
    { "POST", "/v1/batches/{id}/pause", BODY_NONE, 0, false, api_pause_batch },
    { "POST", "/v1/batches/{id}/resume", BODY_NONE, 0, false,
      api_resume_batch },
};
const size_t api_route_count = ARRAY_LEN(api_routes);

/* -- the site -- */

bool api_admit(struct exchange *x)
{
    struct api *api = api_of(x);
    struct api_request *r = calloc(1, sizeof(*r));

    if (!r) {
        api_refuse(x, 503, "no_memory", "There is no memory.");
        return false;
    }
    r->upload.writer.fd = -1;
    *exchange_own(x) = r;
    if (exchange_route(x)->open || !api->keys ||
        keys_know(api->keys, exchange_header(x, "Authorization"), r->owner,
                  sizeof(r->owner)))
        return true;
    api_error(x, 401, "invalid_api_key", NULL,
              "A key that this server knows is needed: Authorization: Bearer "
              "KEY.");
    exchange_add_header(x, "WWW-Authenticate", "Bearer");
    return false;
}

void api_done(struct exchange *x)
{
    struct api_request *r = api_request_of(x);
    struct error ignored;

    if (!r)
        return;
    file_abandon(&r->upload.writer);
    if (r->upload.unrecorded && !file_remove(r->upload.path, &ignored))
        log_warn("upload_left", "path=%s reason=%s", r->upload.path,
                 ignored.message);
    free(r);
    *exchange_own(x) = NULL;
}

/*
 * api_uploads.c -- POST /v1/uploads, its parts, complete and cancel.
 */
#include <string.h>

#include "base/json.h"
#include "server/api.h"

static void write_upload(struct exchange *x, const struct parts_upload *u,
                         struct jsonw *w)
{
    struct state *st = api_of(x)->st;
    const struct served_file *f;

    jsonw_object(w, NULL);
    jsonw_text(w, "id", u->id);
    jsonw_text(w, "object", "upload");
    jsonw_integer(w, "bytes", u->bytes);
    jsonw_integer(w, "created_at", (int64_t)u->created_at);
    jsonw_integer(w, "expires_at", (int64_t)(u->created_at + UPLOAD_SECONDS));
    jsonw_text(w, "filename", u->filename);
    jsonw_text(w, "purpose", u->purpose);
    jsonw_text(w, "status", parts_status_names[u->status]);
    state_lock(st);
    f = *u->file ? state_file(st, u->owner, u->file) : NULL;
    if (f)
        api_write_file(f, "file", w);
    else
        jsonw_null(w, "file");
    state_unlock(st);
    jsonw_end_object(w);
}

static void reply_upload(struct exchange *x, const struct parts_upload *u)
{
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    write_upload(x, u, &w);
    api_reply(x, &out);
}

/* Not found is 404, another status 409, the rest as always. */
static void refuse(struct exchange *x, const struct error *err)
{
    if (!strcmp(err->code, "not_found"))
        api_not_found(x, "Upload");
    else if (!strcmp(err->code, "invalid_status"))
        api_error(x, 409, err->code, NULL, "%s", err->message);
    else
        api_failure(x, err);
}

/* The body as an object; NULL = it has replied. */
static struct json_object *read_body(struct exchange *x)
{
    struct strbuf *text = exchange_body(x);
    struct error err;
    struct json_object *body = json_parse(text->data, text->len, &err);

    if (json_object_is_type(body, json_type_object))
        return body;
    json_free(body);
    api_error(x, 400, "invalid_json", NULL, "The body must be a JSON object.");
    return NULL;
}

/* -- beginning -- */

static bool need_text(struct exchange *x, struct json_object *body,
                      const char *name, char *out, size_t size)
{
    const char *text = json_get_text(body, name);

    if (!text || !*text)
        api_error(x, 400, "missing_required_parameter", name,
                  "Missing required parameter: '%s'.", name);
    else if (strlen(text) >= size)
        api_error(x, 400, "invalid_value", name, "%s is too long.", name);
    else
        snprintf(out, size, "%s", text);
    return !exchange_replied(x);
}

static bool need_bytes(struct exchange *x, struct json_object *body,
                       int64_t *bytes)
{
    int64_t most = api_of(x)->max_upload;

    *bytes = json_get_integer(body, "bytes", 0);
    if (!json_get(body, "bytes"))
        api_error(x, 400, "missing_required_parameter", "bytes",
                  "Missing required parameter: 'bytes'.");
    else if (*bytes < 1)
        api_error(x, 400, "invalid_value", "bytes",
                  "bytes must be a number from 1.");
    else if (*bytes > most)
        api_error(x, 413, "file_too_large", "bytes",
                  "The file is larger than this server takes: %lld bytes "
                  "(serve.max_upload).",
                  (long long)most);
    return !exchange_replied(x);
}

void api_create_upload(struct exchange *x)
{
    struct json_object *body = read_body(x);
    struct parts_upload u = { 0 };
    struct error err;
    bool ok;

    if (!body)
        return;
    ok = need_bytes(x, body, &u.bytes) &&
         need_text(x, body, "filename", u.filename, sizeof(u.filename)) &&
         need_text(x, body, "mime_type", u.file, sizeof(u.file)) &&
         need_text(x, body, "purpose", u.purpose, sizeof(u.purpose)) &&
         api_check_file(x, u.purpose, u.filename);
    json_free(body);
    if (!ok)
        return;
    snprintf(u.owner, sizeof(u.owner), "%s", api_owner(x));
    if (parts_begin(api_of(x)->parts, &u, &err))
        reply_upload(x, &u);
    else
        refuse(x, &err);
}

/* -- parts -- */

bool api_begin_part(struct exchange *x, struct upload *u)
{
    struct error err;

    if (parts_name(api_of(x)->parts, api_owner(x), exchange_param(x),
                   u->file.id, u->path, &err))
        return true;
    refuse(x, &err);
    return false;
}

static void reply_part(struct exchange *x, const char *id)
{
    struct clock *clock = state_clock(api_of(x)->st);
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 4 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", id);
    jsonw_text(&w, "object", "upload.part");
    jsonw_integer(&w, "created_at", (int64_t)clock->now(clock));
    jsonw_text(&w, "upload_id", exchange_param(x));
    jsonw_end_object(&w);
    api_reply(x, &out);
}

void api_add_part(struct exchange *x)
{
    struct upload *u = &api_request_of(x)->upload;
    struct error err;

    if (!*u->file.id) {
        api_error(x, 400, "missing_required_parameter", "data",
                  "Missing required parameter: 'data'.");
        return;
    }
    u->unrecorded = true;
    if (!file_commit(&u->writer, &err) ||
        !parts_add(api_of(x)->parts, api_owner(x), exchange_param(x),
                   u->file.id, u->file.bytes, &err)) {
        refuse(x, &err);
        return;
    }
    u->unrecorded = false;
    reply_part(x, u->file.id);
}

/* -- ending -- */

/* The ids, borrowed from the body; NULL = it has replied. */
static const char **read_ids(struct exchange *x, struct json_object *body,
                             size_t *count)
{
    struct json_object *ids = json_get(body, "part_ids"), *id;
    const char **list = NULL;
    size_t i;

    *count = 0;
    if (json_object_is_type(ids, json_type_array)) {
        *count = json_object_array_length(ids);
        list = calloc(*count + 1, sizeof(*list));
    }
    for (i = 0; list && i < *count; i++) {
        id = json_object_array_get_idx(ids, i);
        if (!json_object_is_type(id, json_type_string)) {
            free(list);
            list = NULL;
            break;
        }
        list[i] = json_object_get_string(id);
    }
    if (!list)
        api_error(x, 400, "invalid_value", "part_ids",
                  "part_ids must be a list of the parts' ids.");
    return list;
}

void api_complete_upload(struct exchange *x)
{
    struct json_object *body = read_body(x);
    struct parts_upload u;
    const char **ids;
    struct error err;
    size_t count;

    if (!body)
        return;
    ids = read_ids(x, body, &count);
    if (ids) {
        if (parts_complete(api_of(x)->parts, api_owner(x), exchange_param(x),
                           ids, count, json_get_text(body, "md5"), &u, &err))
            reply_upload(x, &u);
        else
            refuse(x, &err);
    }
    free(ids);
    json_free(body);
}

void api_cancel_upload(struct exchange *x)
{
    struct parts_upload u;
    struct error err;

    if (parts_cancel(api_of(x)->parts, api_owner(x), exchange_param(x), &u,
                     &err))
        reply_upload(x, &u);
    else
        refuse(x, &err);
}

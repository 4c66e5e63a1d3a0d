#include "provider/call.h"

#include <curl/curl.h>
#include <json-c/json.h>
#include <math.h>

#include "provider/http_private.h"

#define LONGEST_ANSWER (16 * MIB)
#define MOST_COUNT ((int64_t)1 << 53)

/* -- calling -- */

/* A failed batch tells its own "error" (Together, Google): an object that
 * names itself is what was asked for. */
static bool is_error(struct json_object *object)
{
    struct json_object *error = json_get(object, "error");

    if (json_get_text(object, "id") || json_get_text(object, "name"))
        return false;
    if (json_object_is_type(error, json_type_string))
        return json_object_get_string_len(error) > 0;
    return json_object_is_type(error, json_type_object);
}

static struct json_object *malformed(const char *what,
                                     const struct http_response *response,
                                     struct error *err)
{
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "%s: HTTP %ld, but the answer (%zu bytes, %.40s) is not what "
               "the API promises: is base_url right?",
               what, response->status, response->body.len,
               response->content_type[0] ? response->content_type : "no type");
    error_code(err, "malformed");
    return NULL;
}

static struct json_object *read_answer(struct call *c,
                                       const struct http_response *response,
                                       struct error *err)
{
    struct json_object *object;

    if (response->status < 200 || response->status > 299) {
        http_failure(response, c->what, err);
        return NULL;
    }
    object = json_parse(response->body.data, response->body.len, err);
    if (!object)
        return malformed(c->what, response, err);
    if (json_object_is_type(object, json_type_object) && is_error(object)) {
        json_free(object);
        http_failure(response, c->what, err);
        return NULL;
    }
    if (json_object_is_type(object, json_type_object) ||
        json_object_is_type(object, json_type_array))
        return object;
    json_free(object);
    return malformed(c->what, response, err);
}

struct json_object *call_request(struct provider *self, struct call *c,
                                 const struct http_request *request,
                                 struct error *err)
{
    struct http_response response;
    struct json_object *object = NULL;
    bool answered;

    strbuf_init(&response.body, c->ceiling ? c->ceiling : LONGEST_ANSWER);
    answered = http_send(self->http, request, &response, err);
    c->status = answered ? response.status : 0;
    c->sent = response.sent;
    if (answered)
        object = read_answer(c, &response, err);
    else
        error_context(err, "%s", c->what);
    strbuf_release(&response.body);
    return object;
}

struct json_object *call_json(struct provider *self, struct call *c,
                              struct error *err)
{
    double limit = self->settings->idle_timeout;
    struct http_request request = {
        .method = c->method,
        .url = c->url,
        .body = c->body,
        .body_len = c->body_len,
        .headers = c->headers,
        .header_count = c->header_count,
        .timeout = limit > 0 ? limit : 120,
        .stop = c->stop,
    };

    return call_request(self, c, &request, err);
}

bool call_peek(struct provider *self, const char *what, const char *url,
               struct strbuf *out, long *status, struct error *err)
{
    static const char *const headers[] = { "Range: bytes=0-65535" };
    double limit = self->settings->idle_timeout;
    struct http_request request = { .method = "GET",
                                    .url = url,
                                    .headers = headers,
                                    .header_count = ARRAY_LEN(headers),
                                    .timeout = limit > 0 ? limit : 120 };
    struct http_response response;
    bool good;

    strbuf_init(&response.body, 256 * KIB);
    good = http_send(self->http, &request, &response, err);
    *status = response.status;
    /* Who knows no ranges sends all: what came of it is enough. */
    if (!good && !strcmp(err->code, "answer_too_large"))
        good = true;
    else if (good && (response.status < 200 || response.status > 299))
        good = http_failure(&response, what, err);
    if (good)
        strbuf_add(out, response.body.data, response.body.len);
    strbuf_release(&response.body);
    return good && (strbuf_ok(out) || error_memory(err));
}

/* -- addresses -- */

static bool id_is_sane(const char *id)
{
    if (!*id || !strcmp(id, ".") || !strcmp(id, ".."))
        return false;
    for (; *id; id++)
        if (*id <= ' ' || *id > '~')
            return false;
    return true;
}

static void add_escaped(struct strbuf *out, const char *s)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-_.~";

    for (; *s; s++) {
        if (strchr(plain, *s))
            strbuf_addc(out, *s);
        else
            strbuf_addf(out, "%%%02X", (unsigned char)*s);
    }
}

static char *build_url(const struct provider *self, size_t base,
                       const char *before, const char *path, const char *id,
                       struct error *err)
{
    const char *gap = strstr(path, "%s");
    struct strbuf url;
    char *text;

    if (gap && !id_is_sane(id)) {
        error_exit(err, ERROR_REJECT, EXIT_PROVIDER, "%.80s is not an id", id);
        error_code(err, "bad_id");
        return NULL;
    }
    strbuf_init(&url, 4 * KIB);
    strbuf_add(&url, self->base_url, base);
    strbuf_adds(&url, before);
    strbuf_adds(&url, self->base_url + base);
    strbuf_add(&url, path, gap ? (size_t)(gap - path) : strlen(path));
    if (gap) {
        add_escaped(&url, id);
        strbuf_adds(&url, gap + 2);
    }
    if (self->query[0])
        strbuf_addf(&url, "%c%s", strchr(path, '?') ? '&' : '?', self->query);
    text = strbuf_take(&url);
    if (!text)
        error_memory(err);
    strbuf_release(&url);
    return text;
}

char *call_url(const struct provider *self, const char *path, const char *id,
               struct error *err)
{
    return build_url(self, strlen(self->base_url), "", path, id, err);
}

char *call_side_url(const struct provider *self, const char *before,
                    const char *path, const char *id, struct error *err)
{
    const char *scheme = strstr(self->base_url, "://");
    const char *last = strrchr(self->base_url, '/');
    size_t base = strlen(self->base_url);

    if (scheme && last > scheme + 2)
        base = (size_t)(last - self->base_url);
    return build_url(self, base, before, path, id, err);
}

bool call_same_origin(const struct provider *self, const char *url,
                      struct error *err)
{
    struct http_origin ours, theirs;

    if (http_origin(self->base_url, &ours) && http_origin(url, &theirs) &&
        http_origin_equal(&ours, &theirs))
        return true;
    error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
               "the provider sends us to another host than base_url's; "
               "refused");
    error_code(err, "host");
    return false;
}

/* -- reading -- */

bool read_id(const struct json_object *object, const char *name, char *out)
{
    struct json_object *value = json_get(object, name);
    const char *text;

    out[0] = '\0';
    if (!value)
        return true;
    if (!json_object_is_type(value, json_type_string))
        return false;
    text = json_object_get_string(value);
    if (!*text)
        return json_object_get_string_len(value) == 0;
    if (!id_is_sane(text) || strlen(text) >= REMOTE_ID ||
        strlen(text) != (size_t)json_object_get_string_len(value))
        return false;
    memcpy(out, text, strlen(text) + 1);
    return true;
}

void read_text(const struct json_object *object, const char *name, char *out,
               size_t size)
{
    struct json_object *value = json_get(object, name);

    out[0] = '\0';
    if (!json_object_is_type(value, json_type_string))
        return;
    snprintf(out, size, "%s", json_object_get_string(value));
    utf8_trim_cut(out);
}

/* Anything from 2001 on, in milliseconds, is past this many seconds. */
static double seconds_of(double value)
{
    if (!isfinite(value) || value <= 0)
        return 0;
    return value >= 1e11 ? value / 1000 : value;
}

/* "2026-03-19T10:11:12.345Z", "2026-03-19 10:11:12+00:00". */
static double iso_time(const char *text)
{
    int year, month, day, hour, minute, second;
    char plain[64];
    time_t t;

    if (sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d", &year, &month, &day,
               &hour, &minute, &second) != 6 ||
        month < 1 || month > 12)
        return 0;
    snprintf(plain, sizeof(plain), "%04d%02d%02d %02d:%02d:%02d GMT", year,
             month, day, hour, minute, second);
    t = curl_getdate(plain, NULL);
    /* Before 1970 nobody made a batch: not told. */
    return t <= 0 ? 0 : (double)t;
}

double read_time(const struct json_object *object, const char *name)
{
    struct json_object *value = json_get(object, name);
    const char *text;
    char *end;
    double number;

    if (json_object_is_type(value, json_type_int) ||
        json_object_is_type(value, json_type_double))
        return seconds_of(json_object_get_double(value));
    if (!json_object_is_type(value, json_type_string))
        return 0;
    text = json_object_get_string(value);
    number = strtod(text, &end);
    return end != text && !*end ? seconds_of(number) : iso_time(text);
}

int64_t read_count(const struct json_object *object, const char *name,
                   int64_t fallback)
{
    struct json_object *value = json_get(object, name);
    const char *text;
    char *end;
    int64_t n;

    if (json_object_is_type(value, json_type_int)) {
        n = json_object_get_int64(value);
    } else if (json_object_is_type(value, json_type_string)) {
        text = json_object_get_string(value);
        n = strtoll(text, &end, 10);
        if (end == text || *end)
            return fallback;
    } else {
        return fallback;
    }
    return n < 0 || n > MOST_COUNT ? fallback : n;
}

/* -- checking -- */

bool call_check_model(struct provider *self, const char *path,
                      const char *model, struct strbuf *report,
                      struct error *err)
{
    struct call c = { .what = "asking for the model", .method = "GET" };
    char *url = call_url(self, path, model, err);
    struct json_object *answer;

    if (!url)
        return false;
    c.url = url;
    answer = call_json(self, &c, err);
    free(url);
    json_free(answer);
    if (answer) {
        strbuf_addf(report, "key works, model %s is there\n", model);
        return true;
    }
    if (c.status != 404)
        return false;
    error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
               "there is no model %.80s for this key: set model", model);
    error_code(err, "model");
    return false;
}

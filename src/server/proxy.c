#include "server/proxy.h"

#include <pthread.h>
#include <string.h>

#include "base/thread_pool.h"
#include "provider/http.h"
#include "server/upstream_ask.h"

#define THREADS 16
#define WAITING 256
#define MOST_ANSWER (16 * MIB)

struct errand {
    struct exchange *x;
    const char *method, *path; /* static */
};

struct proxy {
    const struct runner_settings *settings; /* borrowed */
    proxy_refuse *refuse;
    struct upstreams *upstreams; /* borrowed */
    struct strbuf hosts;
    struct thread_pool *pool; /* owned; of errands */
    pthread_mutex_t lock;
    size_t turn; /* whose it is */
};

/* -- asking -- */

static bool ask_one(struct proxy *p, struct http *http, const struct errand *e,
                    size_t i, struct http_response *response, struct error *err)
{
    const char *const *header = upstreams_headers(p->upstreams) + i;
    struct strbuf *body = exchange_body(e->x);
    struct http_request request = { .method = e->method,
                                    .timeout = p->settings->timeout,
                                    .stop = thread_pool_stop(p->pool) };
    char url[1200];

    snprintf(url, sizeof(url), "%s%s", upstreams_base(p->upstreams, i),
             e->path);
    request.url = url;
    request.headers = header;
    request.header_count = *header != NULL;
    if (body->len) {
        request.body = body->data;
        request.body_len = body->len;
    }
    return http_send(http, &request, response, err);
}

static void pass_on(struct exchange *x, struct http_response *response)
{
    const char *type =
        *response->content_type ? response->content_type : "application/json";
    char seconds[32];

    exchange_reply(x, (unsigned)response->status, type, &response->body);
    if (response->retry_after > 0) {
        snprintf(seconds, sizeof(seconds), "%.0f", response->retry_after);
        exchange_add_header(x, "Retry-After", seconds);
    }
}

static void tell_failure(struct proxy *p, struct exchange *x,
                         const struct error *err)
{
    if (flag_is_set(thread_pool_stop(p->pool)))
        p->refuse(x, 503, "shutting_down", "The server is shutting down.");
    else if (!strcmp(err->code, "timeout"))
        p->refuse(x, 504, "upstream_timeout", err->message);
    else
        p->refuse(x, 502, "upstream_unreachable", err->message);
}

/* The body's model, JSON-escaped; "" = none is told. */
static void read_model(struct exchange *x, char *out, size_t size)
{
    struct strbuf *body = exchange_body(x);
    struct json_doc *doc = body->len ? json_doc_new() : NULL;
    const struct json_node *root, *model = NULL;
    struct error ignored;

    if (doc) {
        root = json_read(doc, body->data, body->len, NULL, &ignored);
        model = json_member(root, "model");
    }
    snprintf(out, size, "%.*s",
             json_is(model, JSON_STRING) ? (int)model->len : 0,
             json_is(model, JSON_STRING) ? model->text : "");
    json_doc_free(doc);
}

/* Those that have the model, the well ones first, in turns. */
static size_t choose(struct proxy *p, struct exchange *x, size_t *order)
{
    size_t n = upstreams_count(p->upstreams), first, i, at, count = 0;
    char model[512];
    bool well;

    read_model(x, model, sizeof(model));
    pthread_mutex_lock(&p->lock);
    first = p->turn++;
    pthread_mutex_unlock(&p->lock);
    for (i = 0; i < 2 * n; i++) {
        at = (first + i) % n;
        well = upstream_is_well(p->upstreams, at);
        if (well == (i < n) && count < n &&
            (!*model ||
             upstreams_serve(p->upstreams, at, model, strlen(model))))
            order[count++] = at;
    }
    return count;
}

static void run_errand(struct proxy *p, struct http *http,
                       const struct errand *e)
{
    struct http_response response = { 0 };
    size_t order[ENDPOINTS_MOST], n = choose(p, e->x, order), i;
    struct error err;
    bool ok = false;

    error_clear(&err);
    strbuf_init(&response.body, MOST_ANSWER);
    for (i = 0; i < n && !ok && !flag_is_set(thread_pool_stop(p->pool)); i++) {
        strbuf_clear(&response.body);
        ok = ask_one(p, http, e, order[i], &response, &err);
        if (!ok && response.sent)
            break;
    }
    if (ok && response.status >= 200 && response.status < 600)
        pass_on(e->x, &response);
    else if (!n)
        p->refuse(e->x, 404, "model_not_found",
                  "No upstream has that model: GET /v1/models lists them.");
    else
        tell_failure(p, e->x, &err);
    strbuf_release(&response.body);
}

/* -- threads -- */

/* What each has of its own. */
struct asker {
    struct http *http; /* NULL = err tells why */
    struct http_settings settings;
    struct error err;
};

static void *begin(void *context)
{
    struct proxy *p = context;
    struct asker *a = calloc(1, sizeof(*a));

    if (!a)
        return NULL;
    a->settings = (struct http_settings){
        .allowed_hosts = p->settings->allowed_hosts ? p->settings->allowed_hosts
                                                    : p->hosts.data,
        .headers = p->settings->headers,
        .header_count = p->settings->header_count
    };
    if (!http_open(&a->http, &a->settings, &a->err))
        a->http = NULL;
    return a;
}

static void end(void *own)
{
    struct asker *a = own;

    if (a && a->http)
        http_close(a->http);
    free(a);
}

static void run(void *context, void *own, void *job)
{
    struct proxy *p = context;
    struct asker *a = own;
    const struct errand *e = job;

    if (a && a->http)
        run_errand(p, a->http, e);
    else
        p->refuse(e->x, 502, "upstream_unreachable",
                  a ? a->err.message : "There is no memory.");
    exchange_resume(e->x);
}

/* Suspended before another thread can resume it. */
void proxy_ask(struct proxy *p, struct exchange *x, const char *method,
               const char *path)
{
    struct errand e = { x, method, path };

    exchange_suspend(x);
    if (thread_pool_put(p->pool, &e))
        return;
    p->refuse(x, 503, "busy", "Too many requests are waiting.");
    exchange_add_header(x, "Retry-After", "5");
    exchange_resume(x);
}

/* -- opening -- */

static void hosts_of(struct proxy *p)
{
    size_t i;

    for (i = 0; i < upstreams_count(p->upstreams); i++)
        upstream_host(upstreams_base(p->upstreams, i), &p->hosts);
}

bool proxy_open(struct proxy **out, const struct runner_settings *settings,
                struct upstreams *upstreams, proxy_refuse *refuse,
                struct error *err)
{
    struct proxy *p = calloc(1, sizeof(*p));
    struct thread_pool_settings pool = { .threads = THREADS,
                                         .waiting = WAITING,
                                         .job_size = sizeof(struct errand),
                                         .run = run,
                                         .begin = begin,
                                         .end = end,
                                         .context = p };

    *out = p;
    if (!p)
        return error_memory(err);
    p->settings = settings;
    p->refuse = refuse;
    pthread_mutex_init(&p->lock, NULL);
    strbuf_init(&p->hosts, 64 * KIB);
    p->upstreams = upstreams;
    hosts_of(p);
    return thread_pool_open(&p->pool, &pool, err);
}

void proxy_close(struct proxy *p)
{
    if (!p)
        return;
    thread_pool_close(p->pool);
    strbuf_release(&p->hosts);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

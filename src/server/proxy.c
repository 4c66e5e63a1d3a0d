#include "server/proxy.h"

#include <pthread.h>
#include <string.h>

#include "provider/http.h"
#include "runner/endpoint.h"

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
    struct endpoints endpoints;
    struct strbuf hosts;
    pthread_t threads[THREADS];
    size_t thread_count;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    volatile bool quit;
    struct errand waiting[WAITING]; /* a ring */
    size_t first, count;
    size_t turn; /* whose it is */
};

/* -- asking -- */

static bool ask_one(struct proxy *p, struct http *http, const struct errand *e,
                    const char *base, struct http_response *response,
                    struct error *err)
{
    struct strbuf *body = exchange_body(e->x);
    struct http_request request = { .method = e->method,
                                    .timeout = p->settings->timeout,
                                    .stop = &p->quit };
    char url[1200];

    snprintf(url, sizeof(url), "%s%s", base, e->path);
    request.url = url;
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
    if (flag_is_set(&p->quit))
        p->refuse(x, 503, "shutting_down", "The server is shutting down.");
    else if (!strcmp(err->code, "timeout"))
        p->refuse(x, 504, "upstream_timeout", err->message);
    else
        p->refuse(x, 502, "upstream_unreachable", err->message);
}

static void run_errand(struct proxy *p, struct http *http,
                       const struct errand *e)
{
    size_t n = p->endpoints.count, i, first;
    struct http_response response = { 0 };
    struct error err;
    bool ok = false;

    pthread_mutex_lock(&p->lock);
    first = p->turn++;
    pthread_mutex_unlock(&p->lock);
    error_clear(&err);
    strbuf_init(&response.body, MOST_ANSWER);
    for (i = 0; i < n && !ok && !flag_is_set(&p->quit); i++) {
        strbuf_clear(&response.body);
        ok = ask_one(p, http, e, p->endpoints.list[(first + i) % n].base,
                     &response, &err);
        if (!ok && response.sent)
            break;
    }
    if (ok && response.status >= 200 && response.status < 600)
        pass_on(e->x, &response);
    else
        tell_failure(p, e->x, &err);
    strbuf_release(&response.body);
    exchange_resume(e->x);
}

/* -- threads -- */

static bool next_errand(struct proxy *p, struct errand *e)
{
    pthread_mutex_lock(&p->lock);
    while (!p->count && !flag_is_set(&p->quit))
        pthread_cond_wait(&p->wake, &p->lock);
    if (p->count) {
        *e = p->waiting[p->first];
        p->first = (p->first + 1) % WAITING;
        p->count--;
        pthread_mutex_unlock(&p->lock);
        return true;
    }
    pthread_mutex_unlock(&p->lock);
    return false;
}

static void *serve(void *context)
{
    struct proxy *p = context;
    struct http_settings s = { .allowed_hosts = p->settings->allowed_hosts
                                                    ? p->settings->allowed_hosts
                                                    : p->hosts.data,
                               .headers = p->settings->headers,
                               .header_count = p->settings->header_count };
    struct http *http = NULL;
    struct errand e;
    struct error err;
    bool ok = http_open(&http, &s, &err);

    while (next_errand(p, &e)) {
        if (ok) {
            run_errand(p, http, &e);
        } else {
            p->refuse(e.x, 502, "upstream_unreachable", err.message);
            exchange_resume(e.x);
        }
    }
    if (ok)
        http_close(http);
    return NULL;
}

void proxy_ask(struct proxy *p, struct exchange *x, const char *method,
               const char *path)
{
    bool room;

    /* Suspended before another thread can resume it. */
    pthread_mutex_lock(&p->lock);
    room = p->count < WAITING && !flag_is_set(&p->quit);
    if (room) {
        exchange_suspend(x);
        p->waiting[(p->first + p->count++) % WAITING] =
            (struct errand){ x, method, path };
        pthread_cond_signal(&p->wake);
    }
    pthread_mutex_unlock(&p->lock);
    if (!room) {
        p->refuse(x, 503, "busy", "Too many requests are waiting.");
        exchange_add_header(x, "Retry-After", "5");
    }
}

/* -- opening -- */

static void hosts_of(struct proxy *p)
{
    const char *at;
    size_t i, len;

    for (i = 0; i < p->endpoints.count; i++) {
        at = strstr(p->endpoints.list[i].base, "://");
        at = at ? at + 3 : p->endpoints.list[i].base;
        len = *at == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/");
        strbuf_addf(&p->hosts, "%s%.*s", i ? "," : "", (int)len, at);
    }
}

static bool start_threads(struct proxy *p, struct error *err)
{
    size_t i;

    for (i = 0; i < THREADS; i++) {
        if (pthread_create(&p->threads[i], NULL, serve, p) != 0)
            return error_set(err, ERROR_RETRY, "cannot start another thread");
        p->thread_count++;
    }
    return true;
}

bool proxy_open(struct proxy **out, const struct runner_settings *settings,
                proxy_refuse *refuse, struct error *err)
{
    struct proxy *p = calloc(1, sizeof(*p));

    *out = p;
    if (!p)
        return error_memory(err);
    p->settings = settings;
    p->refuse = refuse;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    strbuf_init(&p->hosts, 64 * KIB);
    if (!endpoints_open(&p->endpoints, settings->base_url, 1, 1, 1, err))
        return false;
    hosts_of(p);
    return start_threads(p, err);
}

void proxy_close(struct proxy *p)
{
    size_t i;

    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    flag_set(&p->quit, true);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (i = 0; i < p->thread_count; i++)
        pthread_join(p->threads[i], NULL);
    endpoints_close(&p->endpoints);
    strbuf_release(&p->hosts);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->wake);
    free(p);
}

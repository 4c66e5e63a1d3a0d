#include "server/server.h"

#include <string.h>

#include "base/log.h"
#include "server/announce.h"
#include "server/api.h"
#include "server/api_rest.h"
#include "server/page.h"

#define FORM_OVERHEAD (64 * KIB)

struct server {
    const struct server_settings *settings; /* borrowed */
    struct api api;
    struct state *st;
    struct parts *parts;
    struct keys *keys;
    struct announcer *announcer;
    struct upstreams *upstreams;
    struct dispatcher *dispatcher;
    struct proxy *proxy;
    struct page *page;
    struct rest *jobs;
    struct http_route *routes; /* owned: all tables' */
    size_t route_count;
    struct http_server *http;
    struct http_site site;
};

static bool open_keys(struct server *s, struct error *err)
{
    const char *path = s->settings->api_key_file;
    bool local;

    if (!listen_is_local(s->settings->listen, &local, err))
        return false;
    if (path)
        return keys_open(&s->keys, path, err);
    return local ||
           error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "serve.listen is %.100s, which others can reach: set "
                      "serve.api_key_file to a file with a key a line",
                      s->settings->listen);
}

/* OpenAI's API, the page's and the jobs'. */
static const struct {
    const struct http_route *routes;
    const size_t *count;
} tables[] = {
    { api_routes, &api_route_count },
    { page_routes, &page_route_count },
    { api_rest_routes, &api_rest_route_count },
};

static bool join_routes(struct server *s, struct error *err)
{
    size_t n = 0, i;

    for (i = 0; i < ARRAY_LEN(tables); i++)
        n += *tables[i].count;
    s->routes = calloc(n, sizeof(*s->routes));
    if (!s->routes)
        return error_memory(err);
    for (i = 0; i < ARRAY_LEN(tables); i++) {
        memcpy(s->routes + s->route_count, tables[i].routes,
               *tables[i].count * sizeof(*s->routes));
        s->route_count += *tables[i].count;
    }
    return true;
}

static bool open_http(struct server *s, struct error *err)
{
    struct http_server_settings http = { .listen = s->settings->listen };

    s->site = (struct http_site){
        .routes = s->routes,
        .route_count = s->route_count,
        .context = &s->api,
        .most_form = (uint64_t)s->settings->max_upload + FORM_OVERHEAD,
        .refuse = api_refuse,
        .admit = api_admit,
        .part = api_part,
        .done = api_done,
    };
    s->api = (struct api){ .st = s->st,
                           .parts = s->parts,
                           .dispatcher = s->dispatcher,
                           .proxy = s->proxy,
                           .upstreams = s->upstreams,
                           .page = s->page,
                           .rest = s->jobs,
                           .keys = s->keys,
                           .max_upload = s->settings->max_upload };
    return http_server_open(&s->http, &http, &s->site, err);
}

static bool open_all(struct server *s, struct clock *clock, struct error *err)
{
    const struct dispatch_settings *dispatch = &s->settings->dispatch;

    return open_keys(s, err) &&
           state_open(&s->st, s->settings->state, clock, err) &&
           parts_open(&s->parts, s->st, err) &&
           announcer_open(&s->announcer, s->st, &s->settings->notify, err) &&
           upstreams_open(&s->upstreams, &s->settings->upstream, clock, err) &&
           proxy_open(&s->proxy, &dispatch->runner, s->upstreams, api_refuse,
                      err) &&
           dispatcher_open(&s->dispatcher, s->st, s->upstreams, dispatch,
                           err) &&
           page_open(&s->page, s->st, dispatch, err) &&
           rest_open(&s->jobs, &s->settings->jobs, s->st, err) &&
           join_routes(s, err) && open_http(s, err);
}

/* The exchanges that the proxy holds are resumed before the HTTP server
 * ends. */
static void close_all(struct server *s)
{
    dispatcher_quit(s->dispatcher);
    rest_quit(s->jobs);
    http_server_quiesce(s->http);
    proxy_close(s->proxy);
    page_close(s->page);
    http_server_close(s->http);
    rest_close(s->jobs);
    dispatcher_close(s->dispatcher);
    announcer_close(s->announcer);
    upstreams_close(s->upstreams);
    parts_close(s->parts);
    state_close(s->st);
    keys_close(s->keys);
    free(s->routes);
}

bool server_run(const struct server_settings *settings, struct clock *clock,
                const volatile bool *stop,
                void (*told)(void *context, const char *url), void *context,
                struct error *err)
{
    struct server s = { .settings = settings };
    bool ok = open_all(&s, clock, err);

    if (ok) {
        log_info("serving", "url=%s state=%s", http_server_url(s.http),
                 settings->state);
        told(context, http_server_url(s.http));
        while (!flag_is_set(stop))
            clock->sleep(clock, 1, stop);
        log_info("serving_ends", "url=%s", http_server_url(s.http));
    }
    close_all(&s);
    return ok;
}

#include "server/http_server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "server/http_check.h"
#include "server/http_parts.h"

#define HEAD_MEMORY (64 * KIB) /* a connection's: heads, buffers */
#define FORM_MEMORY (64 * KIB)
/* Before 1.0 strictness is that the library itself refuses a missing Host, in
 * HTML, and leaves without a word where a blank is in the URL: both are
 * refused here.  Since then it is about framing. */
#define STRICTNESS (MHD_VERSION < 0x01000000 ? 0 : 1)
#define DRAINED (1 * MIB) /* of a refused body; then it is closed */
#define IDLE_SECONDS 75U
#define TICK_NS 250000000L
#define CONNECTIONS 1000U

/* -- connections and their limits -- */

void wire_phase(struct http_server *server, struct wire *wire, enum phase phase)
{
    pthread_mutex_lock(&server->lock);
    wire->phase = phase;
    wire->since = clock_monotonic();
    wire->moved = 0;
    wire->seen = UINT64_MAX;
    pthread_mutex_unlock(&server->lock);
}

void wire_moved(struct http_server *server, struct wire *wire, size_t bytes)
{
    pthread_mutex_lock(&server->lock);
    wire->moved += bytes;
    pthread_mutex_unlock(&server->lock);
}

static void wire_add(struct http_server *server, struct MHD_Connection *c,
                     void **slot)
{
    struct wire *wire = calloc(1, sizeof(*wire));
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

    *slot = wire;
    if (!wire)
        return;
    wire->fd = info ? info->connect_fd : -1;
    wire->since = clock_monotonic();
    pthread_mutex_lock(&server->lock);
    wire->next = server->wires;
    wire->link = &server->wires;
    if (wire->next)
        wire->next->link = &wire->next;
    server->wires = wire;
    pthread_mutex_unlock(&server->lock);
}

static void wire_remove(struct http_server *server, struct wire *wire)
{
    if (!wire)
        return;
    pthread_mutex_lock(&server->lock);
    *wire->link = wire->next;
    if (wire->next)
        wire->next->link = wire->link;
    pthread_mutex_unlock(&server->lock);
    free(wire);
}

/* The library tells of the end before it closes the socket. */
static void on_connection(void *context, struct MHD_Connection *c, void **slot,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        wire_add(context, c, slot);
    else
        wire_remove(context, *slot);
}

static bool wire_is_late(const struct http_server *s, const struct wire *w,
                         double now)
{
    double over = now - w->since - s->grace;

    switch (w->phase) {
    case PHASE_HEAD: return now - w->since > s->head_seconds;
    case PHASE_BODY:
    case PHASE_REPLY: return over > 0 && (double)w->moved < over * s->slowest;
    case PHASE_WORK: break;
    }
    return false;
}

/* A client that went away in the middle of its body.  The library (0.9.75,
 * epoll) misses an end that arrives together with the last bytes. */
static bool wire_is_left(struct wire *w)
{
    bool still = w->phase == PHASE_BODY && w->moved == w->seen;
    char byte;

    w->seen = w->moved;
    return still && recv(w->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

bool server_quits(struct http_server *s)
{
    bool quits;

    pthread_mutex_lock(&s->lock);
    quits = s->quitting;
    pthread_mutex_unlock(&s->lock);
    return quits;
}

static void *watch(void *context)
{
    struct http_server *s = context;
    struct timespec tick = { 0, TICK_NS };
    struct wire *w;
    double now;

    while (!server_quits(s)) {
        nanosleep(&tick, NULL);
        resume_streams(s);
        now = clock_monotonic();
        pthread_mutex_lock(&s->lock);
        for (w = s->wires; w; w = w->next)
            if (wire_is_late(s, w, now) || wire_is_left(w))
                shutdown(w->fd, SHUT_RDWR);
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

/* -- requests -- */

static bool find_route(struct exchange *x, const char *method, const char *path)
{
    const struct http_site *site = x->server->site;
    bool other_method = false;
    size_t i;

    if (!strcmp(method, "HEAD"))
        method = "GET";
    for (i = 0; i < site->route_count; i++) {
        const struct http_route *r = &site->routes[i];

        if (!path_matches(r->pattern, path, x->param, sizeof(x->param)))
            continue;
        if (!strcmp(r->method, method)) {
            x->route = r;
            return true;
        }
        other_method = true;
    }
    if (other_method)
        exchange_refuse(x, 405, "method_not_allowed",
                        "Not allowed with this method.");
    else
        exchange_refuse(x, 404, "unknown_url", "Unknown request URL.");
    return false;
}

static uint64_t most_of(const struct exchange *x)
{
    const struct http_route *r = x->route;

    if (!r)
        return 0;
    return r->most                ? r->most
           : r->body == BODY_FORM ? x->server->site->most_form
                                  : DRAINED;
}

static uint64_t told_length(const struct exchange *x)
{
    const char *length = exchange_header(x, "Content-Length");

    return length ? strtoull(length, NULL, 10) : 0;
}

static enum MHD_Result take_part(void *context, enum MHD_ValueKind kind,
                                 const char *name, const char *filename,
                                 const char *type, const char *encoding,
                                 const char *data, uint64_t offset, size_t len)
{
    struct exchange *x = context;
    struct http_part part = { name ? name : "", filename, data, offset, len };

    (void)kind;
    (void)type;
    (void)encoding;
    if (!x->response && !x->server->site->part(x, &part) && !x->response)
        exchange_refuse(x, 500, "server_error", "The part could not be taken.");
    return MHD_YES;
}

static bool open_form(struct exchange *x)
{
    const char *type = exchange_header(x, "Content-Type");

    if (type && !strncasecmp(type, "multipart/form-data", 19))
        x->form =
            MHD_create_post_processor(x->connection, FORM_MEMORY, take_part, x);
    if (!x->form)
        exchange_refuse(
            x, 400, "bad_form",
            "The body must be multipart/form-data with a boundary.");
    return x->form;
}

static void check_request(struct exchange *x, const char *method,
                          const char *path)
{
    if (!head_is_fine(x) || !find_route(x, method, path) ||
        !x->server->site->admit(x))
        return;
    if (told_length(x) > most_of(x))
        exchange_refuse(x, 413, "too_large",
                        "The body is larger than is allowed.");
    else if (x->route && x->route->body == BODY_FORM)
        (void)open_form(x);
}

static enum MHD_Result send_reply(struct exchange *x)
{
    if (!x->response)
        return MHD_NO;
    if (x->wire->phase != PHASE_WORK || x->suspended)
        wire_phase(x->server, x->wire, PHASE_REPLY);
    return MHD_queue_response(x->connection, x->status, x->response);
}

static enum MHD_Result begin(struct http_server *s, struct MHD_Connection *c,
                             const char *method, const char *path,
                             const char *version, void **slot)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct exchange *x = calloc(1, sizeof(*x));

    if (!x || !info || !info->socket_context) {
        free(x);
        return MHD_NO;
    }
    *slot = x;
    x->server = s;
    x->connection = c;
    x->wire = info->socket_context;
    strbuf_init(&x->body, 0);
    pthread_mutex_lock(&s->lock);
    x->number = ++s->requests;
    pthread_mutex_unlock(&s->lock);
    x->may_upgrade = !strcmp(method, "GET") && !strcmp(version, "HTTP/1.1");
    wire_phase(s, x->wire, PHASE_BODY);
    check_request(x, method, path);
    x->body.ceiling = (size_t)most_of(x);
    /* With its body unread, the reply closes the connection, and a client
     * that is still sending may lose it: short bodies are read first. */
    if (x->response && (!x->route || told_length(x) > DRAINED ||
                        exchange_header(x, "Transfer-Encoding")))
        return send_reply(x);
    return MHD_YES;
}

static enum MHD_Result take_body(struct exchange *x, const char *data,
                                 size_t *len)
{
    uint64_t most = most_of(x);
    size_t n = *len;

    *len = 0;
    x->taken += n;
    wire_moved(x->server, x->wire, n);
    if (x->taken > most + DRAINED)
        return MHD_NO;
    if (x->taken > most && !x->response)
        exchange_refuse(x, 413, "too_large",
                        "The body is larger than is allowed.");
    if (x->response)
        return MHD_YES;
    if (x->form && MHD_post_process(x->form, data, n) != MHD_YES &&
        !x->response)
        exchange_refuse(x, 400, "bad_form",
                        "The body is no valid multipart form.");
    else if (!x->form && x->route->body == BODY_MEMORY)
        strbuf_add(&x->body, data, n);
    return MHD_YES;
}

static bool close_form(struct exchange *x)
{
    bool whole = true;

    if (x->form)
        whole = MHD_destroy_post_processor(x->form) == MHD_YES;
    x->form = NULL;
    if (!whole && !x->response)
        exchange_refuse(x, 400, "bad_form",
                        "The body is no whole multipart form.");
    return whole;
}

static enum MHD_Result handle(struct exchange *x)
{
    bool suspended;

    if (x->handled)
        return send_reply(x);
    x->handled = true;
    (void)close_form(x);
    if (x->response)
        return send_reply(x);
    if (!strbuf_ok(&x->body)) {
        exchange_refuse(x, 503, "no_memory",
                        "There is no memory for the body.");
        return send_reply(x);
    }
    wire_phase(x->server, x->wire, PHASE_REPLY);
    x->route->handle(x);
    /* Once it is suspended, x belongs to another thread, which never changes
     * this. */
    suspended = x->suspended;
    return suspended ? MHD_YES : send_reply(x);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *c,
                                  const char *path, const char *method,
                                  const char *version, const char *data,
                                  size_t *len, void **slot)
{
    struct exchange *x = *slot;

    if (!x)
        return begin(context, c, method, path, version, slot);
    if (*len)
        return take_body(x, data, len);
    return handle(x);
}

static void on_completed(void *context, struct MHD_Connection *c, void **slot,
                         enum MHD_RequestTerminationCode why)
{
    struct exchange *x = *slot;

    (void)context;
    (void)c;
    (void)why;
    if (!x)
        return;
    if (x->form)
        MHD_destroy_post_processor(x->form);
    upgrade_release(x);
    if (x->server->site->done)
        x->server->site->done(x);
    if (x->response)
        MHD_destroy_response(x->response);
    strbuf_release(&x->body);
    wire_phase(x->server, x->wire, PHASE_HEAD);
    free(x);
    *slot = NULL;
}

/* -- opening -- */

static bool bad_listen(const char *listen, struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "serve.listen is \"%.100s\": say an address and a port, "
                      "as 127.0.0.1:4080 or [::1]:4080",
                      listen);
}

/* The caller frees *found. */
static bool resolve(const char *listen, struct addrinfo **found,
                    struct error *err)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICHOST |
                                          AI_NUMERICSERV };
    const char *colon = strrchr(listen, ':');
    char host[64];
    size_t len;

    *found = NULL;
    if (!colon || !colon[1] || colon == listen)
        return bad_listen(listen, err);
    len = (size_t)(colon - listen);
    if (listen[0] == '[' && listen[len - 1] == ']') {
        listen++;
        len -= 2;
    }
    if (len >= sizeof(host))
        return bad_listen(listen, err);
    memcpy(host, listen, len);
    host[len] = '\0';
    if (!strcmp(host, "localhost"))
        snprintf(host, sizeof(host), "127.0.0.1");
    if (getaddrinfo(host, colon + 1, &hints, found) != 0 || !*found)
        return bad_listen(listen, err);
    return true;
}

static bool address_is_local(const struct sockaddr *a)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (a->sa_family == AF_INET) {
        memcpy(&v4, a, sizeof(v4));
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    if (a->sa_family != AF_INET6)
        return false;
    memcpy(&v6, a, sizeof(v6));
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

bool listen_is_local(const char *listen, bool *local, struct error *err)
{
    struct addrinfo *found;

    if (!resolve(listen, &found, err))
        return false;
    *local = address_is_local(found->ai_addr);
    freeaddrinfo(found);
    return true;
}

static void name_url(struct http_server *s, int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    char host[64] = "", port[16] = "";

    memset(&address, 0, sizeof(address));
    getsockname(fd, (struct sockaddr *)&address, &len);
    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port,
                sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(s->url, sizeof(s->url),
             strchr(host, ':') ? "http://[%s]:%s" : "http://%s:%s", host, port);
}

/* A listening socket, or -1. */
static int listen_on(struct http_server *s, const char *listen_text,
                     struct error *err)
{
    struct addrinfo *found;
    int fd, on = 1;

    if (!resolve(listen_text, &found, err))
        return -1;
    s->local = address_is_local(found->ai_addr);
    fd =
        socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 ||
        listen(fd, 511) != 0) {
        error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                   "cannot listen on %.100s: %s; --listen HOST:PORT names "
                   "another address",
                   listen_text, strerror(errno));
        if (fd >= 0)
            close(fd);
        fd = -1;
    } else {
        name_url(s, fd);
    }
    freeaddrinfo(found);
    return fd;
}

static unsigned connections_of(const struct http_server_settings *settings)
{
    return settings->connections ? settings->connections : CONNECTIONS;
}

static struct MHD_Daemon *start(struct http_server *s,
                                const struct http_server_settings *settings,
                                int fd)
{
    unsigned threads = settings->threads ? settings->threads : 4;
    unsigned most = connections_of(settings);
    unsigned upgrades = can_upgrade() ? MHD_ALLOW_UPGRADE : 0;

    if (most < threads)
        most = threads;
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | upgrades, 0,
        NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_CONNECTION_LIMIT, most,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, STRICTNESS, MHD_OPTION_URI_LOG_CALLBACK,
        head_url, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_END);
}

bool http_server_open(struct http_server **server,
                      const struct http_server_settings *settings,
                      const struct http_site *site, struct error *err)
{
    struct http_server *s = calloc(1, sizeof(*s));
    struct websocket_settings sockets = { .most =
                                              connections_of(settings) / 2 };
    int fd;

    *server = s;
    if (!s)
        return error_memory(err);
    s->site = site;
    s->head_seconds = settings->head_seconds > 0 ? settings->head_seconds : 20;
    s->grace = settings->grace > 0 ? settings->grace : 20;
    s->slowest = settings->slowest > 0 ? settings->slowest : 1000;
    pthread_mutex_init(&s->lock, NULL);
    if (!websockets_open(&s->websockets, &sockets, err))
        return false;
    fd = listen_on(s, settings->listen, err);
    if (fd < 0)
        return false;
    s->daemon = start(s, settings, fd);
    if (!s->daemon) {
        close(fd);
        return error_set(err, ERROR_RETRY, "cannot start the HTTP server");
    }
    s->watching = pthread_create(&s->watchman, NULL, watch, s) == 0;
    return s->watching ||
           error_set(err, ERROR_RETRY, "cannot start another thread");
}

void http_server_quiesce(struct http_server *s)
{
    int fd;

    if (!s || !s->daemon)
        return;
    fd = MHD_quiesce_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    pthread_mutex_lock(&s->lock);
    s->quitting = true;
    pthread_mutex_unlock(&s->lock);
    if (s->watching)
        pthread_join(s->watchman, NULL);
    s->watching = false;
    resume_streams(s);
    websockets_quit(s->websockets);
}

void http_server_close(struct http_server *s)
{
    if (!s)
        return;
    http_server_quiesce(s);
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    websockets_close(s->websockets);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

const char *http_server_url(const struct http_server *s)
{
    return s->url;
}

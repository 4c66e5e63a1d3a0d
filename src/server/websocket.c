#include "server/websocket.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <wslay/wslay.h>

#include "base/clock.h"

#define TICK 0.1
#define PING_SECONDS 15.0
#define PATIENCE 45.0
#define GOODBYE 2.0               /* seconds for the other's close */
#define ALLOWANCE WEBSOCKET_HEARD /* bytes read of a client in a tick */

const bool websockets_are_built = true;

struct websocket {
    struct websockets *all;
    struct websocket_connection c;
    struct event_source source; /* next NULL = it has ended */
    wslay_event_context_ptr wslay;
    char *early; /* owned */
    size_t early_at;
    size_t allowed; /* bytes that may be read in this tick */
    double tick;    /* when it began */
    double heard;   /* when it last said anything */
    double pinged;  /* when it was last asked to */
    double moved;   /* when it last took something, or there was nothing */
    double closing; /* since when, 0 = it is open */
    bool said_all;  /* nothing comes after our close */
    bool broken;    /* there is nobody any more */
    struct websocket *next;
};

struct websockets {
    double ping, patience;
    double now; /* the thread's, of this round */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    unsigned most, count; /* guarded, as all below */
    bool quit;
    struct websocket *added; /* not seen by the thread yet */
    /* The thread's own: */
    struct websocket *open;
    struct pollfd *fds; /* owned; most of them */
};

/* -- bytes, for wslay -- */

static ssize_t failure(struct websocket *s, int error)
{
    bool later = error == EAGAIN || error == EWOULDBLOCK || error == EINTR;

    s->broken = s->broken || !later;
    wslay_event_set_error(s->wslay, later ? WSLAY_ERR_WOULDBLOCK
                                          : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

/* What the handshake's reader has read too far. */
static ssize_t take_early(struct websocket *s, uint8_t *to, size_t len)
{
    size_t left = s->c.early_len - s->early_at;

    if (len > left)
        len = left;
    memcpy(to, s->early + s->early_at, len);
    s->early_at += len;
    return (ssize_t)len;
}

static ssize_t hear(wslay_event_context_ptr ctx, uint8_t *to, size_t len,
                    int flags, void *context)
{
    struct websocket *s = context;
    ssize_t n;

    (void)ctx;
    (void)flags;
    if (s->early_at < s->c.early_len)
        return take_early(s, to, len);
    if (!s->allowed)
        return failure(s, EAGAIN);
    n = recv(s->c.fd, to, len < s->allowed ? len : s->allowed, MSG_DONTWAIT);
    if (n <= 0)
        return failure(s, n < 0 ? errno : EPIPE);
    s->allowed -= (size_t)n;
    s->heard = s->all->now;
    return n;
}

static ssize_t say(wslay_event_context_ptr ctx, const uint8_t *from, size_t len,
                   int flags, void *context)
{
    struct websocket *s = context;
    ssize_t n = send(s->c.fd, from, len, MSG_DONTWAIT | MSG_NOSIGNAL);

    (void)ctx;
    (void)flags;
    if (n < 0)
        return failure(s, errno);
    s->moved = s->all->now;
    return n;
}

/* -- one connection -- */

static void end_source(struct websocket *s)
{
    if (s->source.next)
        s->source.end(s->source.context);
    s->source.next = NULL;
}

static void begin_close(struct websocket *s, uint16_t code)
{
    end_source(s);
    if (s->closing > 0)
        return;
    s->closing = s->all->now;
    if (wslay_event_queue_close(s->wslay, code, NULL, 0) != 0)
        s->broken = true;
}

/* A close frame overtakes messages: it waits till the last one has left. */
static void tell(struct websocket *s)
{
    struct wslay_event_msg message = { .opcode = WSLAY_TEXT_FRAME };
    struct strbuf text;

    if (!s->source.next) {
        begin_close(s, WSLAY_CODE_NORMAL_CLOSURE);
        return;
    }
    strbuf_init(&text, EVENT_MOST);
    if (!s->source.next(s->source.context, &text) || !strbuf_ok(&text))
        end_source(s);
    message.msg = (const uint8_t *)text.data;
    message.msg_length = text.len;
    if (strbuf_ok(&text) && text.len &&
        wslay_event_queue_msg(s->wslay, &message) != 0)
        s->broken = true;
    strbuf_release(&text);
}

static void ping(struct websocket *s)
{
    struct wslay_event_msg message = { .opcode = WSLAY_PING };
    double last = s->heard > s->pinged ? s->heard : s->pinged;

    if (s->all->now < last + s->all->ping)
        return;
    s->pinged = s->all->now;
    if (wslay_event_queue_msg(s->wslay, &message) != 0)
        s->broken = true;
}

/* What comes after we have ended it: unread, it would reset the connection,
 * and the client would not learn why. */
static void drain(struct websocket *s)
{
    char rest[ALLOWANCE];
    ssize_t n = recv(s->c.fd, rest, s->allowed, MSG_DONTWAIT);

    if (n > 0)
        s->allowed -= (size_t)n;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        s->broken = true;
}

static void listen_to(struct websocket *s)
{
    if (s->all->now >= s->tick + TICK) {
        s->tick = s->all->now;
        s->allowed = ALLOWANCE;
    }
    if (!wslay_event_get_read_enabled(s->wslay)) {
        if (s->allowed)
            drain(s);
        return;
    }
    (void)wslay_event_recv(s->wslay);
    /* It closes, or has done what gets it closed: wslay has the answer. */
    if (!wslay_event_get_read_enabled(s->wslay) && s->closing <= 0) {
        s->closing = s->all->now;
        end_source(s);
    }
}

static void flush(struct websocket *s)
{
    if (!wslay_event_want_write(s->wslay))
        s->moved = s->all->now;
    else if (wslay_event_send(s->wslay) != 0)
        s->broken = true;
    if (wslay_event_get_close_sent(s->wslay) && !s->said_all) {
        s->said_all = true;
        shutdown(s->c.fd, SHUT_WR);
    }
}

static bool is_over(const struct websocket *s)
{
    const struct websockets *all = s->all;
    bool said = wslay_event_get_close_sent(s->wslay);

    return s->broken || (said && wslay_event_get_close_received(s->wslay)) ||
           (s->closing > 0 && all->now > s->closing + GOODBYE) ||
           all->now > s->heard + all->patience ||
           all->now > s->moved + all->patience;
}

static void serve(struct websocket *s)
{
    flush(s);
    if (!wslay_event_want_write(s->wslay)) {
        listen_to(s);
        if (s->closing <= 0) {
            ping(s);
            tell(s);
        }
    }
    flush(s);
}

static void drop(struct websocket *s)
{
    end_source(s);
    wslay_event_context_free(s->wslay);
    s->c.close(s->c.handle);
    free(s->early);
    free(s);
}

/* -- the thread -- */

/* Sleeps while there is nobody.  False = it is to end. */
static bool take_added(struct websockets *w)
{
    struct websocket *s, *next;
    bool quit;

    pthread_mutex_lock(&w->lock);
    while (!w->added && !w->open && !w->quit)
        pthread_cond_wait(&w->wake, &w->lock);
    s = w->added;
    w->added = NULL;
    quit = w->quit;
    pthread_mutex_unlock(&w->lock);
    w->now = clock_monotonic();
    for (; s; s = next) {
        next = s->next;
        s->heard = s->pinged = s->moved = w->now;
        s->next = w->open;
        w->open = s;
    }
    return !quit;
}

static short wanted(const struct websocket *s)
{
    if (wslay_event_want_write(s->wslay))
        return POLLOUT;
    return s->allowed ? POLLIN : 0;
}

static void wait_for_bytes(struct websockets *w)
{
    struct websocket *s;
    nfds_t n = 0;

    for (s = w->open; s; s = s->next, n++)
        w->fds[n] = (struct pollfd){ .fd = s->c.fd, .events = wanted(s) };
    (void)poll(w->fds, n, (int)(TICK * 1000));
    w->now = clock_monotonic();
}

static void forget(struct websockets *w, struct websocket **at)
{
    struct websocket *s = *at;

    *at = s->next;
    drop(s);
    websockets_give_back(w);
}

static void serve_all(struct websockets *w)
{
    struct websocket **at = &w->open;

    while (*at) {
        serve(*at);
        if (is_over(*at))
            forget(w, at);
        else
            at = &(*at)->next;
    }
}

static void say_goodbye(struct websockets *w)
{
    double until = w->now + GOODBYE;
    struct websocket *s;

    for (s = w->open; s; s = s->next)
        begin_close(s, WSLAY_CODE_GOING_AWAY);
    while (w->open && w->now < until) {
        serve_all(w);
        if (w->open)
            wait_for_bytes(w);
    }
    while (w->open)
        forget(w, &w->open);
}

static void *work(void *context)
{
    struct websockets *w = context;

    while (take_added(w)) {
        serve_all(w);
        if (w->open)
            wait_for_bytes(w);
    }
    say_goodbye(w);
    return NULL;
}

/* -- others' -- */

bool websockets_open(struct websockets **out,
                     const struct websocket_settings *settings,
                     struct error *err)
{
    struct websockets *w = calloc(1, sizeof(*w));

    *out = w;
    if (!w)
        return error_memory(err);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    w->ping = settings->ping > 0 ? settings->ping : PING_SECONDS;
    w->patience = settings->patience > 0 ? settings->patience : PATIENCE;
    w->most = settings->most;
    w->fds = calloc(w->most + 1, sizeof(*w->fds));
    if (!w->fds)
        return error_memory(err);
    w->running = pthread_create(&w->thread, NULL, work, w) == 0;
    return w->running ||
           error_set(err, ERROR_RETRY, "cannot start another thread");
}

bool websockets_reserve(struct websockets *w)
{
    bool room;

    pthread_mutex_lock(&w->lock);
    room = w->count < w->most && !w->quit;
    w->count += room;
    pthread_mutex_unlock(&w->lock);
    return room;
}

void websockets_give_back(struct websockets *w)
{
    pthread_mutex_lock(&w->lock);
    w->count--;
    pthread_mutex_unlock(&w->lock);
}

static struct websocket *new_websocket(struct websockets *w,
                                       const struct websocket_connection *c,
                                       const struct event_source *source)
{
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = hear, .send_callback = say
    };
    struct websocket *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->all = w;
    s->c = *c;
    s->source = *source;
    s->early = malloc(c->early_len + 1);
    if (!s->early ||
        wslay_event_context_server_init(&s->wslay, &callbacks, s) != 0) {
        free(s->early);
        free(s);
        return NULL;
    }
    memcpy(s->early, c->early_len ? c->early : "", c->early_len);
    wslay_event_config_set_max_recv_msg_length(s->wslay, WEBSOCKET_HEARD);
    return s;
}

void websockets_add(struct websockets *w, const struct websocket_connection *c,
                    const struct event_source *source)
{
    struct websocket *s = new_websocket(w, c, source);
    bool taken;

    pthread_mutex_lock(&w->lock);
    taken = s && !w->quit;
    if (taken) {
        s->next = w->added;
        w->added = s;
        pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
    if (taken)
        return;
    websockets_give_back(w);
    if (s) {
        drop(s);
    } else {
        source->end(source->context);
        c->close(c->handle);
    }
}

void websockets_quit(struct websockets *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->quit = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    if (w->running)
        pthread_join(w->thread, NULL);
    w->running = false;
}

void websockets_close(struct websockets *w)
{
    if (!w)
        return;
    websockets_quit(w);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
    free(w->fds);
    free(w);
}

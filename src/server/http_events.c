#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "server/http_check.h"
#include "server/http_parts.h"

#define ALIVE 15.0 /* seconds of silence */

/* -- server-sent events -- */

struct stream {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct event_source source;
    const char *name; /* static */
    bool ended;
    double last;        /* when something was said */
    struct strbuf text; /* being sent */
    size_t at;
    struct stream *waiting; /* the next in server->streams */
};

void resume_streams(struct http_server *s)
{
    struct stream *stream, *next;

    pthread_mutex_lock(&s->lock);
    stream = s->streams;
    s->streams = NULL;
    pthread_mutex_unlock(&s->lock);
    for (; stream; stream = next) {
        next = stream->waiting; /* it is gone when it goes on */
        MHD_resume_connection(stream->connection);
    }
}

/* The next event, or a word now and then for what stands in between. */
static void fill(struct stream *s)
{
    struct strbuf message;
    double now = clock_monotonic();

    strbuf_clear(&s->text);
    s->at = 0;
    strbuf_init(&message, EVENT_MOST);
    s->ended = !s->source.next(s->source.context, &message);
    if (message.len)
        strbuf_addf(&s->text, "event: %s\ndata: %s\n\n", s->name, message.data);
    else if (!s->ended && now > s->last + ALIVE)
        strbuf_adds(&s->text, ": alive\n\n");
    s->ended = s->ended || !strbuf_ok(&message) || !strbuf_ok(&s->text);
    strbuf_release(&message);
    if (s->text.len)
        s->last = now;
}

/* Nothing new: it sleeps till the watchman's next round. */
static ssize_t sleep_till_tick(struct stream *s)
{
    ssize_t n = 0;

    pthread_mutex_lock(&s->server->lock);
    if (s->server->quitting) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        MHD_suspend_connection(s->connection);
        s->waiting = s->server->streams;
        s->server->streams = s;
    }
    pthread_mutex_unlock(&s->server->lock);
    return n;
}

static ssize_t stream_block(void *context, uint64_t offset, char *out,
                            size_t size)
{
    struct stream *s = context;
    size_t n;

    (void)offset;
    if (server_quits(s->server))
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (s->at == s->text.len && !s->ended)
        fill(s);
    n = s->text.len - s->at;
    if (!n)
        return s->ended ? MHD_CONTENT_READER_END_OF_STREAM : sleep_till_tick(s);
    if (n > size)
        n = size;
    memcpy(out, s->text.data + s->at, n);
    s->at += n;
    return (ssize_t)n;
}

static void stream_end(void *context)
{
    struct stream *s = context;

    s->source.end(s->source.context);
    strbuf_release(&s->text);
    free(s);
}

static void reply_stream(struct exchange *x, const char *name,
                         const struct event_source *source)
{
    struct stream *s = calloc(1, sizeof(*s));

    if (!s) {
        source->end(source->context);
        return;
    }
    s->server = x->server;
    s->connection = x->connection;
    s->source = *source;
    s->name = name;
    s->last = clock_monotonic();
    strbuf_init(&s->text, EVENT_MOST + KIB);
    exchange_set_reply(x, MHD_HTTP_OK, "text/event-stream; charset=utf-8",
                       MHD_create_response_from_callback(MHD_SIZE_UNKNOWN,
                                                         4 * KIB, stream_block,
                                                         s, stream_end));
    if (!x->response)
        stream_end(s);
}

/* -- WebSocket -- */

bool can_upgrade(void)
{
    return websockets_are_built &&
           MHD_is_feature_supported(MHD_FEATURE_UPGRADE) == MHD_YES;
}

/* Why the handshake is none, or NULL. */
static const char *handshake_fault(const struct exchange *x)
{
    if (!x->may_upgrade)
        return "A WebSocket begins with a GET of HTTP/1.1.";
    if (!list_has_token(exchange_header(x, "Connection"), "upgrade"))
        return "A WebSocket needs the header Connection: Upgrade.";
    if (!websocket_key_is_sane(exchange_header(x, "Sec-WebSocket-Key")))
        return "The Sec-WebSocket-Key must be 16 bytes in base64.";
    return NULL;
}

/* False = it has refused. */
static bool check_upgrade(struct exchange *x)
{
    const char *version = exchange_header(x, "Sec-WebSocket-Version");
    const char *fault = handshake_fault(x);

    if (!can_upgrade()) {
        exchange_refuse(
            x, 501, "websocket_unsupported",
            "This server was built without WebSocket (libwslay). The same "
            "comes as server-sent events, without Upgrade.");
    } else if (fault) {
        exchange_refuse(x, 400, "bad_websocket", fault);
    } else if (!version || strcmp(version, "13") != 0) {
        exchange_refuse(x, 426, "bad_websocket",
                        "Version 13 of WebSocket is spoken here (RFC 6455).");
        exchange_add_header(x, "Sec-WebSocket-Version", "13");
    } else if (!websockets_reserve(x->server->websockets)) {
        exchange_refuse(x, 503, "busy", "There are too many WebSockets.");
        exchange_add_header(x, "Retry-After", "5");
    }
    return !x->response;
}

static void close_upgraded(void *handle)
{
    MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

static void hand_over(void *context, struct MHD_Connection *connection,
                      void *slot, const char *early, size_t early_len,
                      MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
    struct exchange *x = context;
    struct event_source source = x->source;
    struct websocket_connection c = { fd, early, early_len, close_upgraded,
                                      handle };

    (void)connection;
    (void)slot;
    x->source.next = NULL;
    websockets_add(x->server->websockets, &c, &source);
}

void upgrade_release(struct exchange *x)
{
    if (!x->source.next)
        return;
    x->source.end(x->source.context);
    x->source.next = NULL;
    websockets_give_back(x->server->websockets);
}

/* The library adds Connection: Upgrade. */
static void reply_upgrade(struct exchange *x, const struct event_source *source)
{
    char accept[DIGEST_ACCEPT];

    x->source = *source;
    digest_websocket(exchange_header(x, "Sec-WebSocket-Key"), accept);
    x->response = MHD_create_response_for_upgrade(hand_over, x);
    x->status = MHD_HTTP_SWITCHING_PROTOCOLS;
    exchange_add_header(x, "Upgrade", "websocket");
    exchange_add_header(x, "Sec-WebSocket-Accept", accept);
}

void exchange_reply_events(struct exchange *x, const char *name,
                           const struct event_source *source)
{
    bool upgrade = list_has_token(exchange_header(x, "Upgrade"), "websocket");

    if (x->response || (upgrade && !check_upgrade(x))) {
        source->end(source->context);
        return;
    }
    if (upgrade)
        reply_upgrade(x, source);
    else
        reply_stream(x, name, source);
    /* It may be silent for long. */
    wire_phase(x->server, x->wire, PHASE_WORK);
}

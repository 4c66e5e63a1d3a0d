/*
 * http_parts.h -- what http_server.c (connections, requests), http_head.c
 * (their heads), http_reply.c (replies) and http_events.c (those that go on)
 * share.  For these alone.
 */
#ifndef SERVER_HTTP_PARTS_H
#define SERVER_HTTP_PARTS_H

#include <microhttpd.h>
#include <pthread.h>

#include "server/http_server.h"
#include "server/websocket.h"

#define PARAM_SIZE 128

enum phase { PHASE_HEAD, PHASE_BODY, PHASE_WORK, PHASE_REPLY };

/* A connection, as the watchman sees it; guarded by server->lock. */
struct wire {
    int fd;
    enum phase phase;
    double since;     /* when the phase began; monotonic */
    uint64_t moved;   /* bytes in this phase */
    uint64_t seen;    /* of them, at the last round */
    size_t url;       /* the request's: bytes, as they came */
    bool url_is_torn; /* a blank or a control character is in it */
    struct wire *next, **link;
};

struct stream; /* http_events.c */

struct http_server {
    struct MHD_Daemon *daemon; /* owned */
    const struct http_site *site;
    double head_seconds, grace, slowest;
    bool local; /* listens on loopback */
    char url[128];
    pthread_mutex_t lock;
    struct wire *wires;            /* all connections */
    struct stream *streams;        /* suspended till the next tick */
    struct websockets *websockets; /* owned */
    pthread_t watchman;
    bool watching;
    bool quitting;
    uint64_t requests; /* for their ids */
};

struct exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct wire *wire;
    const struct http_route *route; /* NULL = none */
    char param[PARAM_SIZE];
    void *own; /* the site's */
    struct strbuf body;
    uint64_t taken; /* bytes of the body */
    struct MHD_PostProcessor *form;
    struct MHD_Response *response; /* owned; NULL = no reply yet */
    unsigned status;
    bool may_upgrade; /* GET of HTTP/1.1 */
    /* Of an upgrade, with a place reserved, till the connection is handed
     * over; next NULL = none. */
    struct event_source source;
    bool suspended; /* another thread replies */
    bool handled;
    uint64_t number;
};

/* Called by the library when the request line has come. */
void *head_url(void *context, const char *url, struct MHD_Connection *c);
/* False = it has refused. */
bool head_is_fine(struct exchange *x);

/* Begins a phase. */
void wire_phase(struct http_server *server, struct wire *wire,
                enum phase phase);
void wire_moved(struct http_server *server, struct wire *wire, size_t bytes);
bool server_quits(struct http_server *server);
/* Those that wait are asked again. */
void resume_streams(struct http_server *server);
/* In the site's form. */
void exchange_refuse(struct exchange *x, unsigned status, const char *code,
                     const char *message);
/* Both libraries can do it. */
bool can_upgrade(void);
/* An upgrade that came to nothing. */
void upgrade_release(struct exchange *x);
/* Without a response (no memory) the connection is closed. */
void exchange_set_reply(struct exchange *x, unsigned status, const char *type,
                        struct MHD_Response *response);

#endif

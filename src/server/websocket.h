/*
 * websocket.h -- connections that speak WebSocket (RFC 6455, by libwslay),
 * all on one thread.
 *
 * Each is told what its source has, as text messages.  What a client says is
 * read and thrown away; more than WEBSOCKET_HEARD bytes of a message, or
 * what the protocol forbids (no mask, reserved bits, bad UTF-8), ends it with
 * the code that the RFC gives; a control frame in pieces or of more than 125
 * bytes without one (libwslay 1.1.1 gives none).  A client
 * that is silent is pinged; one that doesn't answer, or takes nothing, is
 * let go.  A message is asked for only when the last one is on its way, so a
 * connection holds one message at most, and reads only as fast as its
 * answers leave.
 *
 * Without libwslay (configure) nothing is built in and no room is given.
 */
#ifndef SERVER_WEBSOCKET_H
#define SERVER_WEBSOCKET_H

#include "base/error.h"
#include "server/event_source.h"

#define WEBSOCKET_HEARD 4096

struct websockets;

struct websocket_settings {
    unsigned most;   /* connections at once */
    double ping;     /* after so many silent seconds, 0 = 15 */
    double patience; /* seconds till it is given up, 0 = 45 */
};

/* After the handshake. */
struct websocket_connection {
    int fd;                      /* borrowed, till close */
    const void *early;           /* bytes that were read with the handshake; */
    size_t early_len;            /* copied */
    void (*close)(void *handle); /* once, by the thread */
    void *handle;
};

extern const bool websockets_are_built;

MUST_CHECK bool websockets_open(struct websockets **w,
                                const struct websocket_settings *settings,
                                struct error *err);
/* Room for one more; it is taken by websockets_add, or given back. */
MUST_CHECK bool websockets_reserve(struct websockets *w);
void websockets_give_back(struct websockets *w);
/* Takes source. */
void websockets_add(struct websockets *w, const struct websocket_connection *c,
                    const struct event_source *source);
/* Says goodbye (1001) to all, and waits a moment for their answers; what is
 * added later is closed at once. */
void websockets_quit(struct websockets *w);
/* After quit; NULL is fine. */
void websockets_close(struct websockets *w);

#endif

/* websocket_none.c -- instead of websocket.c where libwslay is missing. */
#include "server/websocket.h"

const bool websockets_are_built = false;

bool websockets_open(struct websockets **w,
                     const struct websocket_settings *settings,
                     struct error *err)
{
    (void)settings;
    (void)err;
    *w = NULL;
    return true;
}

bool websockets_reserve(struct websockets *w)
{
    (void)w;
    return false;
}

void websockets_give_back(struct websockets *w)
{
    (void)w;
}

void websockets_add(struct websockets *w, const struct websocket_connection *c,
                    const struct event_source *source)
{
    (void)w;
    source->end(source->context);
    c->close(c->handle);
}

void websockets_quit(struct websockets *w)
{
    (void)w;
}

void websockets_close(struct websockets *w)
{
    (void)w;
}

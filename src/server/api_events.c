/*
 * api_events.c -- a batch as server-sent events: its object whenever it has
 * changed, at most once a second, until it has ended.
 */
#include <string.h>

#include "server/api.h"

#define EVERY 1.0
#define ALIVE 15.0

struct listener {
    struct state *st;       /* borrowed */
    struct served_batch *b; /* stays until the state is closed */
    unsigned version;
    bool told, ended;
    double last;
    struct strbuf text; /* being sent */
    size_t at;
};

static void write_event(struct listener *l, double now)
{
    struct jsonw w;

    l->version = l->b->version;
    l->told = true;
    l->ended = served_is_final(l->b->status);
    strbuf_adds(&l->text, "event: batch\ndata: ");
    jsonw_init(&w, &l->text);
    batch_write(l->b, now, &w);
    strbuf_adds(&l->text, "\n\n");
}

/* False: nothing to say. */
static bool fill(struct listener *l)
{
    struct clock *clock = state_clock(l->st);
    double now = clock->now(clock);

    strbuf_clear(&l->text);
    l->at = 0;
    if (l->told && now < l->last + EVERY)
        return false;
    state_lock(l->st);
    if (!l->told || l->b->version != l->version)
        write_event(l, now);
    else if (now >= l->last + ALIVE)
        strbuf_adds(&l->text, ": alive\n\n");
    state_unlock(l->st);
    if (l->text.len)
        l->last = now;
    return l->text.len > 0;
}

static ssize_t next(void *context, char *out, size_t size)
{
    struct listener *l = context;
    size_t n;

    if (l->at == l->text.len) {
        if (l->ended)
            return -1;
        if (!fill(l))
            return 0;
    }
    n = l->text.len - l->at;
    if (n > size)
        n = size;
    memcpy(out, l->text.data + l->at, n);
    l->at += n;
    return (ssize_t)n;
}

static void end(void *context)
{
    struct listener *l = context;

    strbuf_release(&l->text);
    free(l);
}

void api_batch_events(struct exchange *x)
{
    struct state *st = api_of(x)->st;
    struct listener *l = calloc(1, sizeof(*l));
    struct served_batch *b;

    state_lock(st);
    b = state_batch(st, api_owner(x), exchange_param(x));
    state_unlock(st);
    if (!b || !l) {
        free(l);
        api_not_found(x, "Batch");
        return;
    }
    l->st = st;
    l->b = b;
    strbuf_init(&l->text, MIB);
    exchange_reply_stream(x, "text/event-stream; charset=utf-8", next, end, l);
}

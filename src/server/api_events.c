/*
 * api_events.c -- a batch as events: its object when it has changed, and
 * while it is at work at least once a second, until it has ended.
 */
#include "server/api.h"

/* Asked several times a second, it is told within the second. */
#define EVERY 0.5

struct listener {
    struct state *st;       /* borrowed */
    struct served_batch *b; /* stays until the state is closed */
    unsigned version;
    bool told;
    double last;
};

/* Its rate and the time left change by themselves. */
static bool is_new(const struct listener *l)
{
    return !l->told || l->b->version != l->version || !l->b->paused;
}

static bool next(void *context, struct strbuf *out)
{
    struct listener *l = context;
    struct clock *clock = state_clock(l->st);
    double now = clock->now(clock);
    struct jsonw w;
    bool ended;

    if (l->told && now < l->last + EVERY)
        return true;
    state_lock(l->st);
    if (is_new(l)) {
        jsonw_init(&w, out);
        batch_write(l->b, now, &w);
        l->version = l->b->version;
        l->told = true;
        l->last = now;
    }
    ended = served_is_final(l->b->status);
    state_unlock(l->st);
    return !ended;
}

static void end(void *context)
{
    free(context);
}

void api_batch_events(struct exchange *x)
{
    struct state *st = api_of(x)->st;
    struct listener *l = calloc(1, sizeof(*l));
    struct event_source source = { next, end, l };
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
    exchange_reply_events(x, "batch", &source);
}

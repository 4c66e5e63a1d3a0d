#include "runner/endpoint.h"

#include <math.h>

#include "base/retry.h"

/* What each trouble costs: the first pause, the longest, and how long it may
 * last (0: the run's patience). */
static const struct {
    double base, cap, lasts;
    int least; /* failures in a row before it is serious */
    const char *says;
} troubles[] = {
    [TROUBLE_NONE] = { 0, 0, 0, 0, "" },
    [TROUBLE_DOWN] = { 0.5, 10, 0, 2, "can't be reached" },
    [TROUBLE_SILENT] = { 0.5, 10, 0, 3, "breaks off or stays silent" },
    [TROUBLE_BUSY] = { 0.05, 60, 3600, 8, "has no room for requests" },
    [TROUBLE_LOADING] = { 1, 5, 1800, 8, "is loading its model" },
};

/* -- opening -- */

static bool set_base(struct endpoint *e, const char *url, size_t len,
                     struct error *err)
{
    while (len && url[len - 1] == '/')
        len--;
    if (!len || len >= sizeof(e->base))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "base_url: an address is empty or too long");
    memcpy(e->base, url, len);
    e->base[len] = '\0';
    return true;
}

static size_t count_urls(const char *urls)
{
    size_t n = 1;

    while ((urls = strchr(urls, ','))) {
        urls++;
        n++;
    }
    return n;
}

bool endpoints_open(struct endpoints *e, const char *urls, int64_t concurrency,
                    double slow, double patience, struct error *err)
{
    struct endpoint *one;

    e->patience = patience;
    e->count = 0;
    e->list = calloc(count_urls(urls), sizeof(*e->list));
    if (!e->list)
        return error_memory(err);
    for (;;) {
        urls += strspn(urls, ", ");
        if (!*urls)
            break;
        if (e->count == ENDPOINTS_MOST)
            return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                              "base_url: more than %d addresses",
                              ENDPOINTS_MOST);
        one = &e->list[e->count++];
        if (!set_base(one, urls, strcspn(urls, ", "), err))
            return false;
        adapt_init(&one->adapt, concurrency, slow);
        one->group = -1;
        urls += strcspn(urls, ", ");
    }
    if (!e->count)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "set base_url");
    return true;
}

void endpoints_close(struct endpoints *e)
{
    free(e->list);
    e->list = NULL;
    e->count = 0;
}

/* -- whose turn -- */

int64_t endpoint_room(const struct endpoint *e)
{
    return e->trouble == TROUBLE_NONE ? adapt_limit(&e->adapt) : 1;
}

/* 0 when it may take a request of the group now, else seconds to wait;
 * INFINITY: until one of its own is answered. */
static double busy_for(const struct endpoint *e, int64_t group, double now)
{
    if (now < e->paused)
        return e->paused - now;
    if (now < e->spent)
        return e->spent - now;
    if (e->flying >= endpoint_room(e))
        return INFINITY;
    if (e->by && now < e->priming + PRIME_WAIT &&
        (group < 0 || group == e->group))
        return e->priming + PRIME_WAIT - now;
    return 0;
}

static double load(const struct endpoint *e)
{
    return (double)e->flying / (double)endpoint_room(e);
}

struct endpoint *endpoints_pick(struct endpoints *e, const int64_t *room,
                                int64_t group, double now, double *wait)
{
    struct endpoint *best = NULL, *one;
    double busy;

    *wait = INFINITY;
    for (one = e->list; one < e->list + e->count; one++) {
        if (room && room[one - e->list] <= 0)
            continue;
        busy = busy_for(one, group, now);
        *wait = fmin(*wait, busy);
        if (busy > 0)
            continue;
        if (!best || load(one) < load(best))
            best = one;
    }
    return best;
}

void endpoint_sent(struct endpoint *e, struct flight *f, int64_t group,
                   double now)
{
    e->flying++;
    e->sent++;
    if (group < 0 || group == e->group)
        return;
    e->group = group;
    e->priming = now;
    e->by = f;
}

void endpoint_landed(struct endpoint *e, const struct flight *f)
{
    e->flying--;
    if (e->by == f)
        e->by = NULL;
}

/* -- health -- */

void endpoint_well(struct endpoint *e)
{
    e->trouble = TROUBLE_NONE;
    e->failures = 0;
    if (!e->asked)
        e->paused = 0;
}

/* A failure that says something new.  Many in flight that fail together are
 * one failure, and so is one request that breaks the endpoint each time. */
static bool is_news(const struct endpoint *e, enum trouble trouble,
                    size_t request, double now)
{
    if (!e->failures)
        return true;
    return now >= e->paused && now >= e->spent &&
           (trouble != TROUBLE_SILENT || request != e->suspect);
}

void endpoint_trouble(struct endpoint *e, enum trouble trouble, size_t request,
                      double now, double retry_after, double spread,
                      const struct error *why)
{
    struct retry_policy policy = { .ask_cap = 900 };
    double until;

    if (e->trouble != trouble) {
        e->since = now;
        e->failures = 0;
    }
    e->trouble = trouble;
    e->why = *why;
    if (is_news(e, trouble, request, now))
        e->failures++;
    else if (now < e->paused && retry_after <= 0)
        return;
    e->suspect = request;
    policy.base = troubles[trouble].base;
    policy.cap = troubles[trouble].cap;
    until =
        now + retry_delay(&policy, e->failures, retry_after, 0.5 + spread / 2);
    if (until < e->paused)
        return;
    e->paused = until;
    e->asked = retry_after > 0;
}

static bool hopeless(const struct endpoint *e, double patience, double now)
{
    double lasts = troubles[e->trouble].lasts;

    return e->trouble != TROUBLE_NONE &&
           e->failures >= troubles[e->trouble].least &&
           now - e->since >= (lasts > 0 ? lasts : patience);
}

bool endpoints_hopeless(const struct endpoints *e, uint64_t among, double now,
                        struct error *err)
{
    const struct endpoint *first = NULL;
    size_t i;

    for (i = 0; i < e->count; i++) {
        if (!(among >> i & 1))
            continue;
        if (!hopeless(&e->list[i], e->patience, now))
            return false;
        first = first ? first : &e->list[i];
    }
    if (!first)
        return false;
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "%.200s %s since %.0f s: %.200s", first->base,
               troubles[first->trouble].says, now - first->since,
               first->why.message);
    error_code(err, first->why.code);
    return true;
}

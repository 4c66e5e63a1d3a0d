/*
 * endpoint.h -- the endpoints of a run: who is well, who gets the next
 * request.  Pure: time and chance are arguments.
 *
 * The one with the fewest requests in flight for its size gets the next.
 * One that fails is left alone for a while (capped back-off, or what it
 * asked for); then it gets one request at a time until one is answered.
 *
 * Requests that begin alike (a "group") share a prompt cache, but only when
 * the first has filled it: cold starts at once share nothing
 * (ggml-org/llama.cpp, PR 26204).  So an endpoint's first request of a group
 * goes alone; the others follow when it is answered, or after PRIME_WAIT.
 *
 * When every endpoint has been failing for longer than its trouble allows,
 * the run gives up: that is never the fault of the requests.
 */
#ifndef RUNNER_ENDPOINT_H
#define RUNNER_ENDPOINT_H

#include "base/error.h"
#include "runner/adapt.h"

enum trouble {
    TROUBLE_NONE,
    TROUBLE_DOWN,    /* no connection */
    TROUBLE_SILENT,  /* connections break, or nothing comes back */
    TROUBLE_BUSY,    /* 429, 503 */
    TROUBLE_LOADING, /* of the model */
};

#define PRIME_WAIT 10.0
#define ENDPOINTS_MOST 64

struct endpoint {
    char base[1024]; /* ".../v1", no slash behind it */
    struct adapt adapt;
    int64_t flying;
    uint64_t sent; /* requests, so far */
    enum trouble trouble;
    double since;   /* when the trouble began; monotonic, like all here */
    double paused;  /* until when */
    double spent;   /* until when it said that a limit of its is used up */
    bool asked;     /* by the endpoint itself: Retry-After */
    int failures;   /* in a row */
    size_t suspect; /* the request that failed last */
    struct error why;
    int64_t group;     /* whose first request was sent last, -1 = none */
    double priming;    /* since when, 0 = not */
    struct flight *by; /* borrowed: who does it */
};

struct endpoints {
    struct endpoint *list; /* owned */
    size_t count;
    double patience; /* seconds of no connection that end the run */
};

/* urls are separated by commas. */
MUST_CHECK bool endpoints_open(struct endpoints *e, const char *urls,
                               int64_t concurrency, double slow,
                               double patience, struct error *err);
void endpoints_close(struct endpoints *e);

/* Where a request of that group may go now, NULL = nowhere; *wait is then
 * when to ask again, in seconds, unless an answer comes before.  room: how
 * many more each may get, NULL = as it bears. */
struct endpoint *endpoints_pick(struct endpoints *e, const int64_t *room,
                                int64_t group, double now, double *wait);
/* How many at once it bears now. */
int64_t endpoint_room(const struct endpoint *e);
/* f was sent there. */
void endpoint_sent(struct endpoint *e, struct flight *f, int64_t group,
                   double now);
/* f is no longer in flight, whatever became of it. */
void endpoint_landed(struct endpoint *e, const struct flight *f);

/* It answers: with 200, or with a reasoned refusal. */
void endpoint_well(struct endpoint *e);
/* request is the one that met it: one request that fails again and again is
 * a fault of its own, not the endpoint's. */
void endpoint_trouble(struct endpoint *e, enum trouble trouble, size_t request,
                      double now, double retry_after, double spread,
                      const struct error *why);

/* False while any of these endpoints (a bit each, from the lowest) may still
 * be hoped for; else err (ERROR_RETRY) says what is wrong with the first. */
bool endpoints_hopeless(const struct endpoints *e, uint64_t among, double now,
                        struct error *err);

#endif

/*
 * adapt.h -- how many requests at once one endpoint bears.  Pure.
 *
 * Additive increase, multiplicative decrease: begins at the ceiling (what
 * the operator allows), falls to 0.7 of itself when the endpoint shows that
 * it is overloaded (429, 503, time-out, out of memory), and grows by one a
 * round of answers.  One overload counts once: signs of requests that were
 * sent before the last fall say nothing new.
 *
 * Growing latency counts as overload when answers take twice as long as
 * they did at best, and so long (`slow` seconds) that time-outs are near:
 * servers queue what they can't run, which alone harms nobody.
 */
#ifndef RUNNER_ADAPT_H
#define RUNNER_ADAPT_H

#include "base/base.h"

struct adapt {
    double limit;   /* 1 .. ceiling */
    double ceiling; /* requests at once */
    double slow;    /* seconds, 0 = latency doesn't matter */
    double fell_at; /* monotonic */
    double sum;     /* of seconds in this round */
    int64_t count;
    double best; /* mean seconds of the best round, 0 = none yet */
};

void adapt_init(struct adapt *a, int64_t ceiling, double slow);
int64_t adapt_limit(const struct adapt *a);

/* An answer came, sent and now are monotonic. */
void adapt_success(struct adapt *a, double sent, double now);
/* A sign of overload. */
void adapt_overload(struct adapt *a, double sent, double now);

#endif

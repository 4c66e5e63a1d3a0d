/*
 * climb.h -- how many requests at once pay, found by rounds of them.
 *
 * Rounds of 1, 2, 4 ... at once, until two more gain less than a twentieth or
 * a round has failures.  A machine that is busy elsewhere makes any round
 * slower, and none faster: so the whole climb is repeated, each step keeps its
 * best rate, and it ends when two climbs agree.
 *
 * Knows nothing of time or of HTTP: measure() runs a round and fills in what
 * came of it.  Where it fails, the climb ends with its error.
 */
#ifndef SERVER_CLIMB_H
#define SERVER_CLIMB_H

#include "base/error.h"

#define CLIMB_STEPS 12
#define CLIMB_PASSES 5 /* then the last answer counts */

struct climb_step {
    int64_t concurrency;
    int64_t answered, failed;
    double rate;    /* answers a second */
    double seconds; /* mean of one */
};

struct climb {
    /* Fills the step; its concurrency is set, all else is 0. */
    bool (*measure)(void *context, struct climb_step *step, struct error *err);
    void *context;
    int64_t most;                         /* at once */
    struct climb_step steps[CLIMB_STEPS]; /* the best round of each */
    size_t step_count;
};

/* *best: the smallest within a twentieth of the best rate, 0 = none was
 * answered. */
MUST_CHECK bool climb_run(struct climb *c, int64_t *best, struct error *err);

#endif

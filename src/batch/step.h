/*
 * step.h -- the crank: one function moves a batch as far as it goes.
 *
 * Load, act, compare-and-set; it can die anywhere and be started again.
 * --submit, --check-batch and --continuous are three ways to turn it.
 */
#ifndef BATCH_STEP_H
#define BATCH_STEP_H

#include "batch/worker.h"

/* A named checkpoint between any two effects; tests kill there. */
enum crank_end {
    CRANK_CLOSED,  /* nothing is left to do */
    CRANK_WAITING, /* for the provider, or until b->due_in */
    CRANK_PERSON,  /* unknown: somebody must decide */
    CRANK_STOPPED, /* told to stop */
    CRANK_TAKEN,   /* somebody else holds it */
    CRANK_PAUSED,  /* not sent: a DBA has paused its provider (pause.h) */
};

enum crank_flag {
    CRANK_UNTIL_SUBMITTED = 1, /* no further than to the provider */
    CRANK_LOOK_NOW = 2,        /* poll once even before next_check_at */
};

/* Takes the batch's lease, turns the crank until the batch closes or waits,
 * and lets the lease go.  flags: of enum crank_flag. */
MUST_CHECK bool crank(struct worker *w, struct batch *b, unsigned flags,
                      enum crank_end *end, struct error *err);

/* The same for a batch just claimed, whose lease is ours already. */
MUST_CHECK bool crank_held(struct worker *w, struct batch *b, unsigned flags,
                           enum crank_end *end, struct error *err);

/* Built or uploaded, and no room for it at the provider. */
bool crank_waits_for_room(const struct batch *b);

#endif

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
    CRANK_PAUSED,  /* not sent: a DBA has paused its provider (command.h) */
};

/* Takes the batch's lease, turns the crank until the batch closes, waits or
 * (until_submitted) is submitted, and lets the lease go.  look_now polls a
 * submitted batch even before next_check_at. */
MUST_CHECK bool crank(struct worker *w, struct batch *b, bool until_submitted,
                      bool look_now, enum crank_end *end, struct error *err);

/* The same for a batch just claimed, whose lease is ours already. */
MUST_CHECK bool crank_held(struct worker *w, struct batch *b,
                           bool until_submitted, bool look_now,
                           enum crank_end *end, struct error *err);

/* What --continuous does: submits while rows wait and num_batches is not
 * used up, looks when looks are due, does what a DBA asks (command.h), and
 * sleeps in between.  While its provider is paused it submits nothing and
 * doesn't end.  *submitted counts.
 * Errors of the provider and the database that may pass are logged and
 * waited out. */
struct service_result {
    int64_t submitted;                    /* batches claimed */
    int64_t done, retried, dead, skipped; /* records of batches that closed */
    double cost, saving; /* of those; against single requests */
    char currency[8];
    bool stopped;
};
MUST_CHECK bool service_run(struct worker *w, struct service_result *result,
                            struct error *err);

#endif

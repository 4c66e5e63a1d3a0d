/*
 * service.h -- turning the crank (step.h) until the work is used up.
 *
 * The loop of --continuous and of vitae run.  It keeps nothing of its own:
 * what there is to do is read from the tables each time, so that it may be
 * killed and started anywhere, and several may run beside each other.
 */
#ifndef BATCH_SERVICE_H
#define BATCH_SERVICE_H

#include "batch/worker.h"

/* What --continuous does: submits while rows wait and num_batches is not
 * used up, looks when looks are due, does what a DBA asks (command.h), and
 * sleeps in between.  While its provider is paused it submits nothing and
 * doesn't end.  *submitted counts.
 * Errors of the provider and the database that may pass are logged and
 * waited out. */
struct service_result {
    int64_t submitted;                    /* batches claimed */
    int64_t done, retried, dead, skipped; /* records of batches that closed */
    int64_t unknown;     /* batches that a person must decide on */
    double cost, saving; /* of those closed; against single requests */
    char currency[8];
    bool stopped;
};
MUST_CHECK bool service_run(struct worker *w, struct service_result *result,
                            struct error *err);

#endif

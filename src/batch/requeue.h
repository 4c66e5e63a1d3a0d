/*
 * requeue.h -- processed records sent again, because the profile or the text
 * changed or an operator's condition says so.
 *
 * Old values and LastProcessed stay until they are replaced.  A text that
 * the same profile and model have answered is not paid again (build.h).
 */
#ifndef BATCH_REQUEUE_H
#define BATCH_REQUEUE_H

#include "batch/plan.h"
#include "batch/worker.h"

enum requeue_why { REQUEUE_WHERE, REQUEUE_PROFILE, REQUEUE_TEXT };

/* Sets what is to be sent again; sql only for REQUEUE_WHERE. */
MUST_CHECK bool requeue_choose(struct worker *w, enum requeue_why why,
                               const char *sql, struct error *err);
/* How many, and what they cost (see plan_make). */
MUST_CHECK bool requeue_look(struct worker *w, struct plan_input *in,
                             struct error *err);
/* Claims and submits them in batches of batch_size; *batches counts. */
MUST_CHECK bool requeue_run(struct worker *w, int64_t *batches,
                            struct error *err);

#endif

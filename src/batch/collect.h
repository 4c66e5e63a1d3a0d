/*
 * collect.h -- from files in the spool (download.h) to columns.
 *
 * downloaded -> collected: both files are read in any order; answers belong
 * by custom_id only.  Of repeated ids the first valid one wins; unknown ids
 * are counted on the batch; what has no answer goes back to the pool with
 * its reason.  Reading again changes nothing.
 * collected -> closed: files here and there are tidied away.
 */
#ifndef BATCH_COLLECT_H
#define BATCH_COLLECT_H

#include "batch/worker.h"

MUST_CHECK bool collect_step(struct worker *w, struct batch *b,
                             struct error *err);
MUST_CHECK bool tidy_step(struct worker *w, struct batch *b, struct error *err);

#endif

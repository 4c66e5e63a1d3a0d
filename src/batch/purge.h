/*
 * purge.h -- what is kept has an end.
 *
 * Old values (batch.keep_old_values), stored answers (batch.keep_answers),
 * events and answered commands (batch.keep_events, at least 180 days).
 * Finished items only when an age is given by hand: they are what explain
 * and requeue look at.
 */
#ifndef BATCH_PURGE_H
#define BATCH_PURGE_H

#include "batch/worker.h"

struct purge_result {
    int64_t old_values, events, commands, items;
    int64_t answers; /* of batches */
};

/* older_than > 0: everything beyond that age; 0: by the settings. */
MUST_CHECK bool purge_run(struct worker *w, double older_than,
                          struct purge_result *result, struct error *err);

#endif

/*
 * poll.h -- looking at a batch until it has ended.
 *
 * submitted -> ended, failed, expired, cancelled.  A look that fails changes
 * nothing but when the next one is due, and check_failures: only the
 * provider's word ends a batch.  One that waits for too long is cancelled
 * and its rest goes on elsewhere (forward.h).
 */
#ifndef BATCH_POLL_H
#define BATCH_POLL_H

#include "batch/worker.h"

MUST_CHECK bool poll_step(struct worker *w, struct batch *b, struct error *err);

#endif

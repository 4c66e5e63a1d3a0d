/*
 * cancel.h -- calling a batch off.
 *
 * One that was not sent is cancelled at once.  Of one that was, the provider
 * is asked to cancel; the next polls see it end, and what it finished is
 * collected.  Nothing to cancel is ERROR_REJECT.  The caller has the lease.
 */
#ifndef BATCH_CANCEL_H
#define BATCH_CANCEL_H

#include "batch/worker.h"

MUST_CHECK bool cancel_batch(struct worker *w, struct batch *b,
                             struct error *err);

#endif

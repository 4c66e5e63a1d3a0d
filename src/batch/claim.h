/*
 * claim.h -- waiting rows become a batch: one transaction, the intent.
 *
 * The user's table is only read.  What prevents doubles is the primary key
 * of the claim table.
 */
#ifndef BATCH_CLAIM_H
#define BATCH_CLAIM_H

#include "batch/worker.h"

/* Up to count rows become a new batch under our lease, status claimed.
 * b->key is "" when no row waits. */
MUST_CHECK bool claim_batch(struct worker *w, int64_t count, struct batch *b,
                            struct error *err);

/* The same of processed rows that requeue_choose() chose, unless a batch
 * newer than the key `since` has had them. */
MUST_CHECK bool claim_again(struct worker *w, const char *since, int64_t count,
                            struct batch *b, struct error *err);

#endif

/*
 * claim.h -- waiting rows become a batch: one transaction, the intent.
 *
 * The user's table is only read.  What prevents doubles is the primary key
 * of the claim table.  While a DBA has paused the provider (pause.h)
 * nothing is claimed: ERROR_REJECT, code "paused".  Nor before batches that
 * the database doesn't know are adopted (adopt.h): code "sealed".
 */
#ifndef BATCH_CLAIM_H
#define BATCH_CLAIM_H

#include "batch/worker.h"

/* Up to count rows become a new batch under our lease, status claimed.
 * b->key is "" when no row waits. */
MUST_CHECK bool claim_batch(struct worker *w, int64_t count, struct batch *b,
                            struct error *err);

/* The same at the provider of that section; told of the outcome within the
 * transaction that claims, so that both happen or none. */
typedef bool claim_told(struct db *db, void *context, const char *text,
                        struct error *err);
MUST_CHECK bool claim_asked(struct worker *w, const char *section,
                            int64_t count, claim_told *told, void *context,
                            struct batch *b, struct error *err);

/* The same of processed rows that requeue_choose() chose, unless a batch
 * newer than the key `since` has had them. */
MUST_CHECK bool claim_again(struct worker *w, const char *since, int64_t count,
                            struct batch *b, struct error *err);

#endif

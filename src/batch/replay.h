/*
 * replay.h -- changed rules applied to stored answers, for nothing.
 *
 * The answers of a closed batch (kept for batch.keep_answers) become a batch
 * of their own that is collected at once: with the profile as it is now,
 * the same checks, old values kept, so that it can be undone.  Records that
 * something newer answered, or that are at work, are left out.
 */
#ifndef BATCH_REPLAY_H
#define BATCH_REPLAY_H

#include "batch/worker.h"

/* The new batch, collected and closed, in *replayed. */
MUST_CHECK bool replay_batch(struct worker *w, const struct batch *b,
                             struct batch *replayed, struct error *err);

#endif

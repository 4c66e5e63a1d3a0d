/*
 * kept.h -- whose the answers are that stay in the spool of a closed batch.
 *
 * KEY.records.jsonl: a line that names section, provider and model, then one
 * for each request: custom_id, and the hash of the text it asked about.  With
 * it a database that is set back to before the batch gets its answers from the
 * spool (adopt.h), when the provider has them no more.
 */
#ifndef BATCH_KEPT_H
#define BATCH_KEPT_H

#include "batch/worker.h"

/* Before the request file goes. */
MUST_CHECK bool kept_write(struct worker *w, const struct batch *b,
                           struct error *err);
/* Are answers and this file here? */
MUST_CHECK bool kept_is_here(const struct worker *w, const char *key,
                             bool *here, struct error *err);

#endif

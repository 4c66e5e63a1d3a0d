/*
 * remote.h -- what a provider says of a batch, into the batch's row.
 *
 * Pure; the caller stores the row.  Texts are cut at their columns' size, on
 * a whole character: a database takes no half ones, and the batch would stand
 * still.
 */
#ifndef BATCH_REMOTE_H
#define BATCH_REMOTE_H

#include "batch/batch.h"

/* What a look shows: id, status, files, counts, tokens. */
void remote_take(struct batch *b, const struct remote_batch *r);
/* The same of one that was made or found; its window begins. */
void remote_made(struct batch *b, const struct provider *p,
                 const struct remote_batch *r);
/* A refusal: error_code, "refused" where there is none, and error_message. */
void remote_refused(struct batch *b, const struct error *err);
/* What a batch is whose remote status is final (remote_is_final). */
enum batch_status remote_end(enum remote_status status);

#endif

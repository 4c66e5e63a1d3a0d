/*
 * room.h -- is there room at the provider for one more batch?
 *
 * wave.h decides; here it is told what the database knows.  What other
 * workers have sent to the same host, account and model counts as our own.
 * A batch without room waits where it is, built or uploaded, until one of
 * the others has ended.
 */
#ifndef BATCH_ROOM_H
#define BATCH_ROOM_H

#include "batch/worker.h"

/* How many of `waiting` records to claim for the worker's section; 0: there
 * is no room now. */
MUST_CHECK bool room_for_claim(struct worker *w, int64_t waiting, int64_t *size,
                               struct error *err);

/* No more tokens in one batch than may ever be in use; 0 = no limit. */
MUST_CHECK bool room_of_batch(struct worker *w, struct provider *p,
                              const char *model, int64_t *tokens,
                              struct error *err);

/* May it be uploaded now?  *wait: else when to ask again. */
MUST_CHECK bool room_ask(struct worker *w, const struct batch *b, bool *open,
                         double *wait, struct error *err);
/* Within the transaction that records the intent to create it, under a lock:
 * takes the room and names the batch.  False without room: ERROR_RETRY, code
 * "room", retry_after filled. */
MUST_CHECK bool room_reserve(struct worker *w, struct db *db, struct batch *b,
                             struct error *err);

#endif

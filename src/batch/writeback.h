/*
 * writeback.h -- a chunk of checked values goes back in one transaction:
 * columns, LastProcessed, item, claim, old values.
 *
 * Guarded by the items' state and the lease's fence: a second run changes
 * nothing, a worker that lost its lease can't write.  Rows go in key order.
 * A transient error repeats the chunk (db.h); a permanent one halves it until
 * the guilty record stands alone, which is marked, and the rest goes on.
 * Nothing but the database is waited for inside.
 */
#ifndef BATCH_WRITEBACK_H
#define BATCH_WRITEBACK_H

#include "batch/items.h"
#include "batch/worker.h"

struct writeback; /* a chunk being filled; reused */

MUST_CHECK bool writeback_new(struct writeback **wb, struct worker *w,
                              struct batch *b, struct items *items,
                              struct error *err);
void writeback_free(struct writeback *wb);

/* Takes over w->values, just read for the item; evidence and flags are made
 * from them. */
MUST_CHECK bool writeback_add(struct writeback *wb, struct item *item,
                              struct error *err);
/* Writes what was added and empties the chunk. */
MUST_CHECK bool writeback_flush(struct writeback *wb, struct error *err);
/* Rows the next chunk should have: adapts to how long locks last. */
size_t writeback_size(const struct writeback *wb);

/* Failed items (code set) go back to the pool or are dead. */
MUST_CHECK bool writeback_failures(struct writeback *wb, struct error *err);

#endif

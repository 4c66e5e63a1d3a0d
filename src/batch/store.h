/*
 * store.h -- the rows of batches: read, moved by compare-and-set, counted.
 *
 * Every change of status goes through store_move(), which also writes the
 * event: one transaction, guarded by status and fence.
 */
#ifndef BATCH_STORE_H
#define BATCH_STORE_H

#include "batch/batch.h"
#include "db/db.h"

/* By our key or the provider's id; *found = false when there is none. */
MUST_CHECK bool store_find(struct db *db, const char *id, struct batch *b,
                           bool *found, struct error *err);

/* Within a transaction, till its end: who asks for the same name queues. */
MUST_CHECK bool store_lock(struct db *db, const char *name, struct error *err);

/* Keys of batches that are not closed, oldest first. */
struct batch_keys {
    char (*keys)[BATCH_KEY]; /* owned */
    size_t count, size;
};
void batch_keys_release(struct batch_keys *keys);
MUST_CHECK bool store_open_batches(struct db *db, struct batch_keys *keys,
                                   struct error *err);
/* How many rows wait to be claimed (counted up to most), how many batches
 * are open, and seconds until the next one is due (< 0: none open). */
#define STORE_COUNT_ALL INT32_MAX
struct store_backlog {
    int64_t waiting, open;
    double due_in;
};
MUST_CHECK bool store_backlog(struct db *db, int64_t most,
                              struct store_backlog *backlog, struct error *err);

/*
 * b->status -> to, with every field of b that the move may change; writes an
 * event with detail.  False, ERROR_RETRY and code "lease" when the row is no
 * longer as we knew it.
 */
MUST_CHECK bool store_move(struct db *db, struct batch *b, enum batch_status to,
                           const char *worker, const char *detail,
                           struct error *err);
/* The same within a transaction of the caller. */
MUST_CHECK bool store_move_within(struct db *db, struct batch *b,
                                  enum batch_status to, const char *worker,
                                  const char *detail, struct error *err);
/* An event without a change of status: why it stays where it is.  Once, until
 * something else happens to the batch. */
MUST_CHECK bool store_note(struct db *db, const struct batch *b,
                           const char *worker, const char *why,
                           struct error *err);
/* Counts the items, releases the claims, and closes. */
MUST_CHECK bool store_close(struct db *db, struct batch *b, const char *worker,
                            struct error *err);
/* Reads what became of the items into b; *open counts those still at work. */
MUST_CHECK bool store_count(struct db *db, struct batch *b, int64_t *open,
                            struct error *err);
/* Fields without a change of status; next look in delay seconds. */
MUST_CHECK bool store_save(struct db *db, struct batch *b, double delay,
                           struct error *err);

#endif

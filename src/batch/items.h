/*
 * items.h -- what a batch is to bring back, in memory while it is collected.
 *
 * One small entry a record, found by custom_id or by key in constant time;
 * bounded by the size of a batch (50,000: some 10 MB).
 */
#ifndef BATCH_ITEMS_H
#define BATCH_ITEMS_H

#include "batch/batch.h"
#include "db/db.h"

struct item {
    const char *userid; /* borrowed from the arena, all of them */
    const char *custom_id;
    const char *flags;   /* of the build */
    char hash[33];       /* of the text it was built from */
    char code[40];       /* why it failed so far, "" = no answer yet */
    const char *message; /* of the failure, NULL = none */
    int64_t attempt;
    int64_t input_tokens, cached_tokens, output_tokens;
    uint64_t line_at;  /* where its answer stands in a spool file */
    uint32_t line_len; /* 0: none is known */
    uint8_t line_file; /* which: enum spool_file */
    bool open;         /* still to be brought back */
    bool pending;      /* an answer waits in the chunk */
    bool our_try;      /* the failure counts as an attempt */
};

struct items {
    struct item *list; /* owned */
    size_t count, size;
    uint32_t *by_id, *by_key;  /* owned: index + 1, open addressing */
    size_t slots;              /* a power of two */
    struct arena_block *arena; /* owned */
};

MUST_CHECK bool items_load(struct items *items, struct db *db, const char *key,
                           struct error *err);
/* Only key and hash: records sent again, as they were answered before. */
MUST_CHECK bool items_load_answered(struct items *items, struct db *db,
                                    const struct batch *b, struct error *err);
void items_release(struct items *items);
struct item *items_by_id(const struct items *items, const char *custom_id);
struct item *items_by_key(const struct items *items, const char *userid);
/* A copy that lives as long as the items; NULL without memory. */
const char *items_copy(struct items *items, const char *s);

#endif

/*
 * check.h -- a chunk of answers, checked in a thread of its own (task.h).
 *
 * Checking (values.h) is pure and takes about as long as writing the chunk
 * before it takes the database, so the two go on at once.  The thread sees
 * only the chunk it was given, the worker's values and what doesn't change
 * meanwhile (profile, custom ids, hashes); it touches neither the database
 * nor an item: the outcome of each answer stands in the chunk until the
 * caller has taken it back.
 */
#ifndef BATCH_CHECK_H
#define BATCH_CHECK_H

#include "batch/items.h"
#include "batch/worker.h"
#include "batch/writeback.h"

/* An answer that waits to be checked against its record's text. */
struct waiting {
    struct item *item;   /* borrowed from the items */
    size_t content, len; /* in the chunk's contents */
    size_t text, text_len;
    bool has_text;
    bool later; /* its text did not fit this time */
    /* the outcome: code "" = good, its values are in the write-back */
    char code[40];
    char detail[256];
    bool our_try;
};

/* Half of it is for answers whose texts came too late. */
#define CHUNK_ANSWERS 1000

struct chunk {
    struct waiting *list; /* owned, CHUNK_ANSWERS */
    size_t count;
    struct strbuf contents, texts;
    struct writeback *wb; /* owned */
    double now;           /* when it was handed over */
    bool ok;              /* else err tells why checking broke off */
    struct error err;
};

MUST_CHECK bool chunk_init(struct chunk *c, struct worker *w, struct batch *b,
                           struct items *items, struct error *err);
void chunk_release(struct chunk *c);

/* A task_function: the context is the worker, the job a chunk. */
void chunk_check(void *worker, void *chunk);

#endif

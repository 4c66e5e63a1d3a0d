/*
 * compose.h -- records become the lines of a request file, a chunk at a time,
 * in a thread of its own (task.h): the next records are read meanwhile.
 *
 * The thread has the chunk it was given and the struct compose; it sees what
 * doesn't change of the worker (settings, profile, counter) and asks the
 * provider at most for a count of tokens.  It touches no database: what it
 * found out about each record stands in the chunk, as the JSON of item_built.
 */
#ifndef BATCH_COMPOSE_H
#define BATCH_COMPOSE_H

#include "base/jsonw.h"
#include "batch/items.h"
#include "batch/request_file.h"
#include "batch/worker.h"

#define COMPOSE_RECORDS 250

struct compose_record {
    size_t key, text, len; /* offsets in the chunk's data */
    size_t name;           /* custom_id to be taken as it is; 0 = none */
    bool has_text, is_cut;
};

struct compose_chunk {
    struct compose_record *list; /* owned, COMPOSE_RECORDS */
    size_t count;
    struct strbuf data;        /* keys, texts, names, NUL-terminated */
    struct strbuf rows;        /* JSON: what was found out */
    bool ok;                   /* else err tells why composing broke off */
    bool full;                 /* a limit is reached: the rest waits */
    int64_t requests, skipped; /* in the file so far */
    struct error err;
};

struct compose {
    struct worker *w;
    struct provider *provider;
    const char *key; /* borrowed: the batch's */
    struct request_template template;
    struct request_file file;
    struct strbuf line;   /* one request */
    struct strbuf prompt; /* one user message */
    struct jsonw json;    /* over the chunk's rows */
    struct strbuf last;   /* key of the record added last */
    int64_t requests, skipped;
    int64_t tokens, shared_tokens; /* of all requests; of what they share */
    uint64_t bytes, max_bytes;
    int64_t max_requests;
    int64_t max_tokens;    /* that may ever be enqueued, 0 = no limit */
    struct items answered; /* texts that were answered before */
    bool full;
};

MUST_CHECK bool compose_chunk_init(struct compose_chunk *c, struct error *err);
void compose_chunk_clear(struct compose_chunk *c);
void compose_chunk_release(struct compose_chunk *c);
/* Takes a copy of a row (key, text, state, name); false: out of memory.  At
 * most COMPOSE_RECORDS. */
MUST_CHECK bool compose_add(struct compose_chunk *c, const struct db_rows *row);

void compose_init(struct compose *c);
/* Begins the file. */
MUST_CHECK bool compose_open(struct compose *c, struct worker *w,
                             const struct batch *b, struct provider *provider,
                             struct error *err);
/* A task_function: the context is a struct compose, the job a chunk. */
void compose_run(void *compose, void *chunk);
/* The file is whole and synced, or absent when it has no request; its digest
 * to hex. */
MUST_CHECK bool compose_commit(struct compose *c, char *hex, struct error *err);
void compose_release(struct compose *c);

#endif

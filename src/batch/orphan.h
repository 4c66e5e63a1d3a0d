/*
 * orphan.h -- which records of ours a batch holds that only the provider
 * knows.
 *
 * Its requests (from the spool, or had back from the provider), or else its
 * answers, tell the custom_ids; those of rows that wait give the records.  A
 * record is taken only where the text that was sent is the row's text now:
 * by the request's own line, or by the digest in its id (keyed_id.h) or in
 * what was kept of it (kept.h).  Files
 * are hostile; memory is some 200 bytes a request.
 */
#ifndef BATCH_ORPHAN_H
#define BATCH_ORPHAN_H

#include "base/file.h"
#include "batch/items.h"
#include "batch/worker.h"

#define ORPHAN_CHUNK 250

struct orphan_record {
    const char *id, *record; /* borrowed from the orphan, all of them */
    const char *userid;      /* of the row, NULL = none waits */
    uint64_t line_at;        /* of its request, number from 1 */
    uint32_t line_len, number;
    char text[9]; /* digits of its text's hash, "" = not told */
};

struct orphan {
    struct worker *w;           /* borrowed */
    struct provider *provider;  /* borrowed */
    const char *key;            /* borrowed: the batch's */
    struct orphan_record *list; /* owned: by record, once it is read */
    size_t count, size;
    char model[129];        /* that was asked, "" = not told */
    bool fits;              /* what was kept is of this section's provider */
    size_t lines;           /* that were read */
    bool cut;               /* the last of them had no end */
    struct items names;     /* owned: their copies only */
    struct file_lines file; /* of the requests */
    struct strbuf prompt, text;
    struct strbuf *rows; /* owned: JSON of item_built.sql, ready to be taken */
    size_t chunks;
    int64_t matched; /* records in them */
    int64_t tokens;  /* of their requests */
};

void orphan_init(struct orphan *o, struct worker *w, struct provider *p,
                 const char *key);
void orphan_release(struct orphan *o);
/* Reads a file of requests, of answers, or of what was kept (kept.h). */
MUST_CHECK bool orphan_read_requests(struct orphan *o, const char *path,
                                     struct error *err);
MUST_CHECK bool orphan_read_answers(struct orphan *o, const char *path,
                                    struct error *err);
MUST_CHECK bool orphan_read_kept(struct orphan *o, const char *path,
                                 struct error *err);
/* Finds the waiting rows and fills o->rows. */
MUST_CHECK bool orphan_match(struct orphan *o, struct error *err);

#endif

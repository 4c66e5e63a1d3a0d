/*
 * convert_private.h -- a conversion under way.
 *
 * Records are read by the caller's thread into parcels; threads turn a
 * parcel's texts into lines; the caller's thread takes them back in order,
 * writes and counts.  A parcel belongs to one of them at a time.
 */
#ifndef IO_CONVERT_PRIVATE_H
#define IO_CONVERT_PRIVATE_H

#include "base/crew.h"
#include "base/file.h"
#include "io/convert.h"
#include "io/convert_sample.h"
#include "io/unique.h"

#define PARCEL_RECORDS 128
#define PARCEL_BYTES (128 * KIB) /* of texts, and one more */

/* One record, on its way to a line.  Offsets are of the parcel's buffers. */
struct parcel_record {
    char custom_id[RECORD_ID];
    uint64_t row;
    size_t text, text_len; /* of texts; of a refused one the reason */
    size_t line, line_len; /* of lines */
    size_t prompt_len;
    uint64_t number; /* among the records, from 0 */
    enum record_shape shape;
    bool sampled; /* its prompt is kept, in prompts */
    bool refused; /* the text is the reason */
};

struct parcel {
    struct conversion *conversion; /* borrowed: only what doesn't change */
    struct parcel_record records[PARCEL_RECORDS];
    size_t count;
    struct strbuf texts, lines, prompts, prompt;
    struct prompt_limits limits;   /* with what follows, its own */
    struct redaction *redaction;   /* owned */
    struct token_counter *counter; /* owned; made for the first long text */
    bool failed;                   /* err: all ends */
    struct error err;
};

struct conversion {
    struct convert *c; /* borrowed */
    struct record_reader *reader;
    struct request_template template;
    struct file_writer file;
    struct unique *unique;
    struct crew *crew;
    struct parcel *parcels[CREW_MOST + 1]; /* owned */
    size_t next;                           /* the parcel being filled */
    struct text_sample sample;
    uint64_t records; /* added or refused */
    bool strict;      /* ids of the strict kind only */
    enum record_shape shape;
};

/* -- convert_parcel.c -- */

MUST_CHECK bool parcels_open(struct conversion *v, struct error *err);
void parcels_close(struct conversion *v);
/* Adds a record; a refusal is noted in it. */
MUST_CHECK bool parcels_add(struct conversion *v, const struct record *record,
                            struct error *err);
/* Notes why the reader refused one. */
MUST_CHECK bool parcels_refuse(struct conversion *v, const struct error *why,
                               struct error *err);
/* Waits for all that was added, and writes it. */
MUST_CHECK bool parcels_finish(struct conversion *v, struct error *err);

/* -- convert.c -- */

/* A parcel that is done: writes, counts, tells. */
MUST_CHECK bool conversion_take(struct conversion *v, struct parcel *p,
                                struct error *err);
/* Tells of a refusal, and whether the work goes on. */
MUST_CHECK bool conversion_refuse(struct conversion *v, struct error *err);
/* Tells of progress; false when told to stop. */
MUST_CHECK bool conversion_step(struct conversion *v, struct error *err);

/* -- convert_pages.c: all of a list of addresses -- */
MUST_CHECK bool conversion_fetch(struct conversion *v, struct error *err);

#endif

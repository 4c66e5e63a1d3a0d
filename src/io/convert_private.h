/*
 * convert_private.h -- a conversion under way.
 */
#ifndef IO_CONVERT_PRIVATE_H
#define IO_CONVERT_PRIVATE_H

#include "base/file.h"
#include "io/convert.h"
#include "io/unique.h"

struct conversion {
    struct convert *c; /* borrowed */
    struct record_reader *reader;
    struct request_template template;
    struct file_writer file;
    struct unique *unique;
    struct strbuf prompt, line;
    uint64_t counted_bytes, counted_tokens; /* of texts */
    uint64_t text_bytes;
    bool strict; /* ids of the strict kind only */
    enum record_shape shape;
};

/* One record to its line; refusals: ERROR_REJECT, code "record". */
MUST_CHECK bool conversion_add(struct conversion *v,
                               const struct record *record, struct error *err);
/* Tells of a refusal, and whether the work goes on. */
MUST_CHECK bool conversion_refuse(struct conversion *v, struct error *err);
/* All of a list of addresses: convert_pages.c. */
MUST_CHECK bool conversion_fetch(struct conversion *v, struct error *err);
/* Counts the record, tells of progress; false when told to stop. */
MUST_CHECK bool conversion_step(struct conversion *v, struct error *err);

#endif

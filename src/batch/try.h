/*
 * try.h -- a few records through the model at once, nothing written.
 *
 * Asks the section's endpoint in realtime (at the realtime price), reads the
 * answers by the same rules as a batch's, and tells old and new values.
 * Nothing is claimed and no table is changed; the files lie in a folder of
 * the spool that is removed again.  For providers that speak OpenAI's chat
 * completions.
 */
#ifndef BATCH_TRY_H
#define BATCH_TRY_H

#include "batch/price.h"
#include "batch/worker.h"

struct try_value {
    const char *column;
    const char *before; /* NULL = SQL NULL, all borrowed */
    const char *after;  /* not NUL-terminated */
    size_t after_len;
    bool written; /* false: the column's rule keeps the old value */
};

struct try_watch {
    /* reason NULL: values were read; else why not (values is empty). */
    void (*record)(void *context, const char *userid, const char *reason,
                   const struct try_value *values, size_t count,
                   const char *flags);
    void *context;
};

struct try_result {
    int64_t asked, good;
    int64_t input_tokens, output_tokens;
    double cost; /* < 0 = no price known */
};

MUST_CHECK bool try_rows(struct worker *w, int64_t rows,
                         const struct try_watch *watch,
                         struct try_result *result, struct error *err);

#endif

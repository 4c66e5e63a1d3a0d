/*
 * spool.h -- where a batch's files lie: names made from our key alone, so
 * that nothing a provider says ever names a file.
 *
 * Files hold people's data: mode 0600 (file.h), removed when the batch
 * closes, answers after batch.keep_answers.  A path that is too long is
 * ERROR_SETUP.
 */
#ifndef BATCH_SPOOL_H
#define BATCH_SPOOL_H

#include "batch/batch.h"

enum spool_file {
    SPOOL_REQUESTS,
    SPOOL_OUTPUT,
    SPOOL_ERRORS,
    SPOOL_RECORDS, /* kept.h */
};

#define SPOOL_PATH 4096

/* Writes the path; out holds SPOOL_PATH bytes. */
MUST_CHECK bool spool_path(const char *spool, const char *key,
                           enum spool_file which, char *out, struct error *err);
/* "vitae-<key>.jsonl": what the provider calls the request file. */
void spool_upload_name(const char *key, char *out, size_t size);
/* Removes the request file of a batch, and its answers if told to; missing
 * ones are fine. */
MUST_CHECK bool spool_clear(const char *spool, const char *key, bool answers,
                            struct error *err);

#endif

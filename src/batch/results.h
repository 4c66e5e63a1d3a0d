/*
 * results.h -- what a batch in the database asked and what it got.
 *
 * One result a record, in key order, which is the order it was built in.
 * The prompt is the record's text as it stands in the database now; the
 * response comes out of the answers in the spool folder (batch.keep_answers)
 * and is NULL when these are gone.  Memory: a small entry an answer, and one
 * record.
 */
#ifndef BATCH_RESULTS_H
#define BATCH_RESULTS_H

#include "batch/job.h"
#include "batch/worker.h"

/* prompts: false = they are left out. */
MUST_CHECK bool batch_results(struct worker *w, const struct batch *b,
                              bool prompts, job_result_function *each,
                              void *context, struct error *err);
/* The answers of the batch are in the spool folder. */
bool batch_has_answers(const struct worker *w, const struct batch *b);

#endif

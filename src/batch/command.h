/*
 * command.h -- what a DBA asks by INSERT into {command}, and who is paused.
 *
 *   submit [N] [PROVIDER]   claim up to N waiting records (batch.batch_size)
 *   check  [BATCH|all]      look now
 *   cancel BATCH
 *   pause  [PROVIDER|all]   nothing new is claimed or sent; what was sent is
 *   resume [PROVIDER|all]   collected
 *
 * A worker takes a row by compare-and-set (asked -> taken), does it, and
 * answers in the row: state done or failed, answer, done_at, worker.  A row
 * whose worker did not come to answer is taken again after a lease, so all
 * of it may happen twice without harm: a submit claims its rows in the very
 * transaction that answers, the others change nothing the second time.
 *
 * Errors: what a command meets stands in its answer; only a database that
 * doesn't answer is an error here.
 */
#ifndef BATCH_COMMAND_H
#define BATCH_COMMAND_H

#include "batch/worker.h"

/* Executes what is asked, oldest first; *count (may be NULL): how many are
 * answered. */
MUST_CHECK bool command_run_all(struct worker *w, int64_t *count,
                                struct error *err);

#endif

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
 * A pause needs no worker: who is paused is read from the rows themselves,
 * the newest pause or resume that names the provider (its section, its kind,
 * or all) wins.  Thus it outlives every restart.
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

/* Is the section ("" = [provider]), or a provider of that kind, paused? */
MUST_CHECK bool command_is_paused(struct db *db, const char *section,
                                  const char *provider, bool *paused,
                                  struct error *err);

/* Who is paused, for people: "openai for 3 h 02 min (by Ann)"; nothing when
 * nobody is. */
MUST_CHECK bool command_paused_text(struct db *db, struct strbuf *out,
                                    struct error *err);

/* The id of the newest row: another one means that something was asked. */
MUST_CHECK bool command_newest(struct db *db, int64_t *id, struct error *err);

/* Within the transaction that does it: the row's answer.  False, code
 * "lease", when another worker has taken the row over. */
MUST_CHECK bool command_answer_within(struct db *db, int64_t id,
                                      const char *worker, const char *answer,
                                      struct error *err);

#endif

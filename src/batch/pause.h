/*
 * pause.h -- who is paused by what a DBA asked (command.h).
 *
 * A pause needs no worker: who is paused is read from the rows themselves,
 * the newest pause or resume that names the provider (its section, its kind,
 * or all) wins.  Thus it outlives every restart.
 */
#ifndef BATCH_PAUSE_H
#define BATCH_PAUSE_H

#include "base/strbuf.h"
#include "batch/batch.h"
#include "db/db.h"

/* Is the section ("" = [provider]), or a provider of that kind, paused? */
MUST_CHECK bool pause_holds(struct db *db, const char *section,
                            const char *provider, bool *paused,
                            struct error *err);

/* Nothing leaves for a provider that is paused, not even the file; what is
 * there already is looked at and collected. */
MUST_CHECK bool pause_holds_batch(struct db *db, const struct batch *b,
                                  bool *paused, struct error *err);

/* Who is paused, for people: "openai for 3 h 02 min (by Ann)"; nothing when
 * nobody is. */
MUST_CHECK bool pause_text(struct db *db, struct strbuf *out,
                           struct error *err);

/* The id of the newest row of the command table: another one means that
 * something was asked. */
MUST_CHECK bool pause_newest(struct db *db, int64_t *id, struct error *err);

#endif

/*
 * source.h -- the user's own table, as the settings and the catalogue say.
 *
 * Checks that the table and its columns are there, tells the statements
 * their names, and maps the profile's columns to it: a column the table
 * lacks or computes itself is left out, and said once.
 */
#ifndef BATCH_SOURCE_H
#define BATCH_SOURCE_H

#include "batch/worker.h"

/* Fills w->targets and the names of w->db. */
MUST_CHECK bool source_map(struct worker *w, struct error *err);
/* Without looking: the columns are there, named as the settings and the
 * profile say, keys whole numbers, all else text.  To show statements where
 * there is no connection. */
MUST_CHECK bool source_assume(struct worker *w, struct error *err);
/* Only the names: for commands that need no profile. */
MUST_CHECK bool source_names(struct db *db,
                             const struct source_settings *source,
                             struct error *err);

#endif

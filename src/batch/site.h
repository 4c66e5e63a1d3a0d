/*
 * site.h -- whose a batch is when nothing but its key is left.
 *
 * A batch key is a UUIDv7 whose last twelve digits are the site's: a digest
 * of where the database is, its table and vitae's own tables (or of
 * batch.site, where that is set).  The provider keeps the key, so that after
 * a restore of the database its batches are known for this site's, and those
 * of another site on the same account are not.
 */
#ifndef BATCH_SITE_H
#define BATCH_SITE_H

#include "batch/worker.h"

/* Are requests named by us?  Else (jobs) by the user's own file, and can't be
 * known again. */
bool site_names_requests(const struct worker *w);
/* Fills w->site; for worker_open(). */
MUST_CHECK bool site_open(struct worker *w, struct error *err);
/* A key for a new batch; out holds BATCH_KEY bytes. */
MUST_CHECK bool site_key(struct worker *w, char *out, struct error *err);
/* The site's digits within a key; NULL: no key of vitae's. */
const char *site_of_key(const char *key);
/* Unix time at which the key was made. */
double site_key_time(const char *key);

#endif

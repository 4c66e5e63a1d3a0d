/*
 * undo.h -- the old values of a batch come back, where nobody has changed
 * ours since.
 *
 * One transaction a hundred records; a record's stored old values go with
 * it, so that a second run changes nothing.  The records count as not
 * processed, but are not taken again until somebody says vitae retry.
 */
#ifndef BATCH_UNDO_H
#define BATCH_UNDO_H

#include "batch/worker.h"

MUST_CHECK bool undo_batch(struct worker *w, const struct batch *b,
                           int64_t *records, struct error *err);

#endif

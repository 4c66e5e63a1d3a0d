/*
 * build.h -- the texts of a claimed batch become its request file.
 *
 * Streaming: a chunk of rows at a time, in key order; nothing is left open
 * in the database while the disk is awaited.  The file is whole and synced
 * before the batch is `built`.  Where a limit of the provider (requests,
 * bytes) is reached, the rest of the rows becomes a batch of its own.
 * Building again makes the same bytes.
 */
#ifndef BATCH_BUILD_H
#define BATCH_BUILD_H

#include "batch/worker.h"

/* claimed -> built, or -> closed when no record had a usable text. */
MUST_CHECK bool build_step(struct worker *w, struct batch *b,
                           struct error *err);

#endif

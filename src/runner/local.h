/*
 * local.h -- provider `local`: any OpenAI-compatible chat endpoint, with
 * vitae itself as the one who runs the batch.
 *
 * The spool folder is the provider: a file's id is its name there, a batch
 * is a small manifest whose id comes from our key, so that creating it again
 * changes nothing and finding it is looking for the file.  poll() does the
 * work (runner.h) until it is finished or stopped; the answers files are the
 * checkpoint.  A lock keeps a batch to one process at a time; another that
 * polls it is told that it runs.
 *
 * base_url may name several endpoints, separated by commas.
 */
#ifndef RUNNER_LOCAL_H
#define RUNNER_LOCAL_H

#include "provider/provider.h"

extern const struct provider_ops provider_local;

/* Is this the id of a batch that is run here? */
bool local_made(const char *id);

#endif

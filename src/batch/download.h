/*
 * download.h -- the answers' files, from the provider to the spool.
 *
 * ended, failed, expired, cancelled -> downloaded: output and error file,
 * whole.  Breaks are taken up where they happened (provider.h); a file that
 * the provider no longer has is absent in the spool too, and its records go
 * back to the pool when the answers are read.  May be repeated.
 */
#ifndef BATCH_DOWNLOAD_H
#define BATCH_DOWNLOAD_H

#include "batch/worker.h"

MUST_CHECK bool download_step(struct worker *w, struct batch *b,
                              struct error *err);

#endif

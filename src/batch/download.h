/*
 * download.h -- the answers' files, from the provider to the spool.
 *
 * ended, failed, expired, cancelled -> downloaded: output and error file,
 * whole.  Breaks are taken up where they happened (provider.h).  A file that
 * the provider has no more is looked for again, some check_intervals long;
 * without its answers the batch is unknown then, for a person: to ask again is
 * to pay again.  Without the error file alone it goes on, and what failed
 * returns to the pool.  May be repeated.
 */
#ifndef BATCH_DOWNLOAD_H
#define BATCH_DOWNLOAD_H

#include "batch/worker.h"

MUST_CHECK bool download_step(struct worker *w, struct batch *b,
                              struct error *err);

#endif

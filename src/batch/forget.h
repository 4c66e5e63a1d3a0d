/*
 * forget.h -- a person is removed from everything that is ours.
 *
 * Lines of the record in the spool (requests, answers), old values, items
 * and the files at the provider.  The record in the user's own table is not
 * ours to remove.  Refused while a batch that has the record is open.
 * May be repeated; the receipt counts what was removed.
 */
#ifndef BATCH_FORGET_H
#define BATCH_FORGET_H

#include "batch/worker.h"

struct forget_receipt {
    int64_t batches; /* that had the record */
    int64_t lines;   /* removed from files in the spool */
    int64_t old_values;
    int64_t items;
    int64_t provider_files;      /* removed, or gone already */
    int64_t provider_files_left; /* could not be removed: see the log */
};

MUST_CHECK bool forget_person(struct worker *w, const char *userid,
                              struct forget_receipt *receipt,
                              struct error *err);

#endif

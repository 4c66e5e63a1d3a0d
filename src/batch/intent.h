/*
 * intent.h -- the row of a new batch, with its first event.
 */
#ifndef BATCH_INTENT_H
#define BATCH_INTENT_H

#include "batch/worker.h"

struct batch_intent {
    const char *key;
    const char *section;
    const struct provider *provider;
    const char *model;  /* "" or NULL = the settings' */
    const char *detail; /* of the event */
    bool held;          /* under our lease; else nobody's */
};

/* Within the transaction that gives it records: status claimed, of the
 * worker's profile. */
MUST_CHECK bool intent_insert(const struct worker *w, struct db *db,
                              const struct batch_intent *intent,
                              struct error *err);

#endif

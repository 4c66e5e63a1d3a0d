/*
 * submit.h -- from a request file to a batch at the provider, once.
 *
 * built -> uploaded: may be repeated, a lost upload costs nothing.
 * uploaded -> creating: the intent, on record before the request is sent.
 * creating -> submitted: sent once.  After a lost answer, a crash or a
 * server error the provider is searched for a batch with our key; only
 * after two complete listings, create_grace apart, that show nothing is the
 * request sent again.  Where batches can't be seen into before they end
 * (Anthropic), that is waited for: creating, error_code sealed.  One that
 * can't be searched: unknown, for a person.
 */
#ifndef BATCH_SUBMIT_H
#define BATCH_SUBMIT_H

#include "batch/worker.h"

MUST_CHECK bool upload_step(struct worker *w, struct batch *b,
                            struct error *err);
MUST_CHECK bool intend_step(struct worker *w, struct batch *b,
                            struct error *err);
MUST_CHECK bool create_step(struct worker *w, struct batch *b,
                            struct error *err);

#endif

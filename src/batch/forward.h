/*
 * forward.h -- what one provider left over goes to the next.
 *
 * Failover: a batch that has been at its provider for longer than
 * failover_after is cancelled there; what it finished is kept, the rest goes
 * to the section behind it in failover_to as a batch of its own.  So does
 * what is left of one that expired.  Cascade: records whose answers did not
 * hold (no JSON, not by the schema, cut, empty, refused) go to the section
 * behind it in cascade_to.  Both are off until sections are named.  The
 * target must have a price within the budget, as any batch; where the
 * section that made the batch names allowed_hosts, the target's host must be
 * among them.  A section that is last in its list hands nothing on, so that
 * nothing goes in circles.
 */
#ifndef BATCH_FORWARD_H
#define BATCH_FORWARD_H

#include "batch/worker.h"

/* Has it waited too long?  Then it is named where its rest goes to, on
 * record, and cancelled at its provider. */
bool forward_is_due(const struct worker *w, const struct batch *b);
MUST_CHECK bool forward_cancel(struct worker *w, struct batch *b,
                               struct error *err);
/* A batch that is collected, before it is closed: makes the next one. */
MUST_CHECK bool forward_rest(struct worker *w, struct batch *b,
                             struct error *err);

#endif

/*
 * brake.h -- when the database refuses everything for one reason.
 *
 * One bad record is marked and the rest goes on; but a right that is
 * missing, a trigger that raises or a column of another type refuses every
 * record, and marking them all dead would throw paid answers away.  So a
 * batch of which nothing could be written, and whose first chunk was refused
 * with one and the same error, stops for an operator: the answers lie in the
 * spool and are written by the next look.  Pure.
 */
#ifndef BATCH_BRAKE_H
#define BATCH_BRAKE_H

#include "base/error.h"

struct brake {
    bool wrote; /* a record of this batch */
    bool mixed; /* more than one cause */
    int64_t refused;
    char code[48]; /* of the first refusal */
    long native;
};

void brake_reset(struct brake *b);
void brake_wrote(struct brake *b);
void brake_refused(struct brake *b, const struct error *why);
/* Asked after each chunk: false (ERROR_SETUP) when the batch must stop, since
 * most records or more were refused so; most = 0: never. */
MUST_CHECK bool brake_check(const struct brake *b, int64_t most,
                            struct error *err);

#endif

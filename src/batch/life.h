/*
 * life.h -- the life of a batch and of its items, as tables.
 *
 * A status is stored by its name and moved only along a row of the table,
 * by compare-and-set (store.h).  `vitae help life` and the manual print the
 * picture from the same table.
 */
#ifndef BATCH_LIFE_H
#define BATCH_LIFE_H

#include "base/strbuf.h"

enum batch_status {
    BATCH_CLAIMED,    /* rows are ours, nothing on disk yet */
    BATCH_BUILT,      /* the request file is whole and synced */
    BATCH_UPLOADED,   /* the provider has the file */
    BATCH_CREATING,   /* the create request may have been sent */
    BATCH_UNKNOWN,    /* sent, and no answer to be had: for a person */
    BATCH_SUBMITTED,  /* the provider works on it */
    BATCH_ENDED,      /* finished by the provider */
    BATCH_FAILED,     /* refused or broken by the provider */
    BATCH_EXPIRED,    /* its window passed */
    BATCH_CANCELLED,  /* by somebody */
    BATCH_DOWNLOADED, /* answers are in the spool, whole */
    BATCH_COLLECTED,  /* every answer is applied */
    BATCH_CLOSED,     /* nothing is left to do */
};
#define BATCH_STATUSES (BATCH_CLOSED + 1)

struct batch_transition {
    enum batch_status from, to;
    const char *why;
};
extern const struct batch_transition batch_transitions[];
extern const size_t batch_transition_count;

const char *batch_status_name(enum batch_status status);
MUST_CHECK bool batch_status_parse(const char *name, enum batch_status *status);
/* The reason of the row, NULL when there is none. */
const char *batch_may_go(enum batch_status from, enum batch_status to);
/* A line for each row, or a Graphviz picture. */
void batch_life_print(bool dot, struct strbuf *out);

/* What became of a record in a batch. */
enum item_state {
    ITEM_CLAIMED,
    ITEM_SUBMITTED,
    ITEM_DONE,
    ITEM_RETRY,   /* back in the pool */
    ITEM_DEAD,    /* attempts used up */
    ITEM_SKIPPED, /* nothing to read */
};
const char *item_state_name(enum item_state state);

#endif

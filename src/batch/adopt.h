/*
 * adopt.h -- batches of this site that the database doesn't know.
 *
 * After a restore, or a failover with loss, the provider (and this spool) may
 * hold batches whose rows are gone: their records look unprocessed and would
 * be paid twice.  Before a process claims anything, and now and then, the
 * account's batches are listed.  Those whose key has our site's digits
 * (site.h), no older than batch.adopt and unknown here, are adopted: row,
 * items and claims are made again for the records that still wait with the
 * text that was sent, and the batch goes on as any other: its answers are
 * applied by the same rules.  Batches of other sites and programs are counted
 * and left alone, and so is one of which no record waits.
 *
 * What it holds is told by the request file in the spool, or had back from
 * the provider, or else (PROVIDER_KEYED_IDS) by the answers.  One of ours that
 * can't be seen into before it has ended is waited for: nothing is claimed
 * meanwhile.  One of unknown origin isn't (`unseen`).  A request file of ours
 * in the spool whose batch nobody knows goes on as built: the search by its
 * key (submit.h) finds what was made of it.
 */
#ifndef BATCH_ADOPT_H
#define BATCH_ADOPT_H

#include "batch/worker.h"

struct adopt_report {
    int64_t batches, records; /* adopted */
    int64_t others;           /* left alone */
    int64_t unseen;           /* running: whose they are can't be seen yet */
    int64_t sealed;           /* ours: what they hold can't be seen yet */
    char waits[REMOTE_ID];    /* the id of one of these */
    bool listed;              /* else the provider has no listing */
};

/* Looks now, at the provider of the worker's section, then at those of all
 * others, as far as these can be asked; whole: as far back as batch.adopt
 * says, else no further than a restore may have lost. */
MUST_CHECK bool adopt_look(struct worker *w, bool whole,
                           struct adopt_report *report, struct error *err);
/* Before a claim: looks if it is time to.  False (ERROR_REJECT, code
 * "sealed") while a batch of ours has to be waited for. */
MUST_CHECK bool adopt_before_claim(struct worker *w, struct error *err);

#endif

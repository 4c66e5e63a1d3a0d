/*
 * announce.h -- the thread that tells of ended batches (provider/notify.h).
 *
 * What is still to be told is a bit a way in the batch's record, set with
 * its last status and cleared when it was told: so each end is told once,
 * also after a kill, and what can't be told now is tried again for a day.
 * A kill between telling and noting tells it twice, with the same id.
 * Nothing of this touches the batch itself.
 */
#ifndef SERVER_ANNOUNCE_H
#define SERVER_ANNOUNCE_H

#include "provider/notify.h"
#include "server/state.h"

struct announcer;

/* Both are borrowed.  Settings that are not sane are ERROR_SETUP; with none
 * there is no thread and *a is NULL.  To be closed whether it worked or
 * not. */
MUST_CHECK bool announcer_open(struct announcer **a, struct state *st,
                               const struct notify_settings *settings,
                               struct error *err);
void announcer_close(struct announcer *a);

#endif

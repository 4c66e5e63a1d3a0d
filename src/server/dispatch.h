/*
 * dispatch.h -- the threads that run batches, several at once.
 *
 * Validate, run (runner/runner.h: the answers file is the checkpoint), end.
 * Highest priority first, where each hour of waiting counts as one, so that
 * nothing starves; then the oldest.  Those that run share the upstreams
 * (runner/fleet.h), ten of priority being twice the share; a batch that
 * waits makes one of lower rank step aside.  What is done is kept whatever
 * happens: after a kill the same steps are simply taken again.
 *
 * An upstream that is down or overloaded, a full disk and a refused key
 * make a batch wait, and say so in its metadata; an unknown model or
 * address fails it.  When its window is over, what was not asked becomes
 * lines with batch_expired.
 */
#ifndef SERVER_DISPATCH_H
#define SERVER_DISPATCH_H

#include "runner/runner.h"
#include "server/state.h"
#include "server/upstreams.h"

struct dispatch_settings {
    struct runner_settings runner;
    int64_t max_requests;
    int64_t batches;   /* at once, 0 = 4 */
    int64_t log_every; /* a line of progress after so many requests, 0 = none */
};

struct dispatcher;

/* settings, st and upstreams are borrowed until it is closed, which it is to
 * be whether it worked or not. */
MUST_CHECK bool dispatcher_open(struct dispatcher **d, struct state *st,
                                struct upstreams *upstreams,
                                const struct dispatch_settings *settings,
                                struct error *err);
/* Asks it to end: what is in flight has some seconds. */
void dispatcher_quit(struct dispatcher *d);
/* Waits for that. */
void dispatcher_close(struct dispatcher *d);

/* Something changed for this batch (new, cancelled, paused, resumed); the
 * caller doesn't hold the state's lock. */
void dispatcher_tell(struct dispatcher *d, struct served_batch *b);

/* Moves the batch to that status, now; locked by the caller. */
void served_move(struct state *st, struct served_batch *b,
                 enum served_status to);

#endif

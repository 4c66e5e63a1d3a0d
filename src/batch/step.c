#include "batch/step.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "batch/build.h"
#include "batch/collect.h"
#include "batch/download.h"
#include "batch/pause.h"
#include "batch/poll.h"
#include "batch/submit.h"

/* What to do in each status.  NULL: nothing (closed, or for a person). */
static bool (*const steps[BATCH_STATUSES])(struct worker *, struct batch *,
                                           struct error *) = {
    [BATCH_CLAIMED] = build_step,      [BATCH_BUILT] = upload_step,
    [BATCH_UPLOADED] = intend_step,    [BATCH_CREATING] = create_step,
    [BATCH_SUBMITTED] = poll_step,     [BATCH_ENDED] = download_step,
    [BATCH_FAILED] = download_step,    [BATCH_EXPIRED] = download_step,
    [BATCH_CANCELLED] = download_step, [BATCH_DOWNLOADED] = collect_step,
    [BATCH_COLLECTED] = tidy_step,
};

/* Built or uploaded, and no room for it at the provider. */
bool crank_waits_for_room(const struct batch *b)
{
    return (b->status == BATCH_BUILT || b->status == BATCH_UPLOADED) &&
           b->due_in > 0;
}

/* CRANK_LOOK_NOW is used up by the first look. */
static bool may_step(const struct batch *b, unsigned *flags)
{
    bool look_now = *flags & CRANK_LOOK_NOW;

    if (b->status == BATCH_SUBMITTED) {
        *flags &= ~(unsigned)CRANK_LOOK_NOW;
        return !(*flags & CRANK_UNTIL_SUBMITTED) &&
               (look_now || b->due_in <= 0);
    }
    if (crank_waits_for_room(b)) {
        *flags &= ~(unsigned)CRANK_LOOK_NOW;
        return look_now;
    }
    /* For these a time is set: between two listings or two looks for the
     * answers, until the window for writing opens. */
    if (b->status >= BATCH_CREATING && b->status <= BATCH_DOWNLOADED)
        return steps[b->status] && b->due_in <= 0;
    return steps[b->status];
}

static enum crank_end end_of(const struct worker *w, const struct batch *b)
{
    if (b->status == BATCH_CLOSED)
        return CRANK_CLOSED;
    if (b->status == BATCH_UNKNOWN)
        return CRANK_PERSON;
    return worker_should_stop(w) ? CRANK_STOPPED : CRANK_WAITING;
}

/* What a step needed for a whole batch is free by then, but in pieces, which
 * the next step may not fit into. */
static void give_memory_back(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

bool crank_held(struct worker *w, struct batch *b, unsigned flags,
                enum crank_end *end, struct error *err)
{
    bool ok = true, paused = false;

    while (ok && !worker_should_stop(w) && may_step(b, &flags)) {
        ok = pause_holds_batch(w->db, b, &paused, err);
        if (!ok || paused)
            break;
        if (w->watch)
            w->watch->step(w->watch->context, b, batch_status_name(b->status),
                           b->completed_count, b->failed_count,
                           b->request_count);
        ok = worker_beat(w, err) && steps[b->status](w, b, err);
        give_memory_back();
    }
    worker_drop(w, b);
    *end = paused ? CRANK_PAUSED : end_of(w, b);
    /* Told to stop on the way is not a failure. */
    if (!ok && strcmp(err->code, "stopped") == 0 && worker_should_stop(w)) {
        *end = CRANK_STOPPED;
        return true;
    }
    return ok;
}

bool crank(struct worker *w, struct batch *b, unsigned flags,
           enum crank_end *end, struct error *err)
{
    bool taken = false;

    if (!worker_take(w, b, &taken, err))
        return false;
    if (!taken) {
        *end = CRANK_TAKEN;
        return true;
    }
    return crank_held(w, b, flags, end, err);
}

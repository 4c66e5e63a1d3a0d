#include "batch/service.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/retry.h"
#include "batch/claim.h"
#include "batch/command.h"
#include "batch/pause.h"
#include "batch/room.h"
#include "batch/step.h"
#include "batch/store.h"

/* A failure that the service lives through: logged, then waited out. */
static bool survivable(const struct error *err)
{
    return err->kind == ERROR_RETRY || strcmp(err->code, "lease") == 0;
}

struct service {
    struct worker *w;
    struct service_result *result;
    double pause;             /* before anything new is submitted */
    int failures;             /* in a row */
    struct error budget;      /* kind set: a limit is reached */
    int64_t waiting;          /* open batches that wait for money */
    bool no_room;             /* at the provider, for one more */
    bool freed, freed_before; /* a batch has ended in this round, the last */
    bool paused;              /* the provider of new batches */
    int64_t held;             /* open batches whose provider is paused */
    int64_t asked;            /* the newest command known */
};

/* So long no room is taken for granted. */
#define ROOM_LOOK 60.0
/* How soon a DBA's INSERT is noticed while there is nothing else to do. */
#define COMMAND_INTERVAL 5.0

/* Whether and about how much waits is enough to know. */
#define COUNT_MOST 100000

static const struct retry_policy service_policy = {
    .base = 2,
    .cap = 300,
    .ask_cap = 900,
};

static bool survive(struct service *s, struct error *err)
{
    /* Since we looked: the next round sees it.  And what must end first
     * (adopt.h) is asked for again. */
    if (!strcmp(err->code, "paused") || !strcmp(err->code, "sealed")) {
        error_clear(err);
        return true;
    }
    /* Nothing new is sent; what was sent is still collected. */
    if (strcmp(err->code, "budget") == 0) {
        if (!s->budget.kind)
            log_warn("budget_reached", "reason=%s", err->message);
        s->budget = *err;
        return true;
    }
    if (!survivable(err))
        return false;
    s->failures++;
    s->pause = retry_delay(&service_policy, s->failures, err->retry_after,
                           random_unit());
    log_warn("service_waits", "wait=%.0f reason=%s", s->pause, err->message);
    error_clear(err);
    return true;
}

static void note_cost(struct service_result *r, const struct batch *b)
{
    if (b->actual_cost < 0)
        return;
    r->cost += b->actual_cost;
    if (b->standard_cost >= 0)
        r->saving += b->standard_cost - b->actual_cost;
    snprintf(r->currency, sizeof(r->currency), "%s", b->currency);
}

/* A batch that the provider refused whole (its token limit, say) must not be
 * followed by the next at once. */
static void note_end(struct service *s, const struct batch *b)
{
    s->result->unknown += b->status == BATCH_UNKNOWN;
    if (b->status == BATCH_CLOSED) {
        s->result->done += b->done_count;
        s->result->retried += b->retry_count;
        s->result->dead += b->dead_count;
        s->result->skipped += b->skipped_count;
        note_cost(s->result, b);
    }
    /* What the provider takes at once is learned from it (wave.h). */
    if (b->status != BATCH_CLOSED || !b->error_code[0] || b->done_count ||
        strcmp(b->error_code, "token_limit_exceeded") == 0) {
        s->failures = 0;
        return;
    }
    s->failures++;
    s->pause = retry_delay(&service_policy, s->failures, 0, random_unit());
    log_warn("batch_refused", "batch=%s code=%s wait=%.0f", b->key,
             b->error_code, s->pause);
}

/* Waits for room, and some was made: an older batch has ended. */
static bool has_new_room(const struct service *s, const struct batch *b)
{
    return (s->freed || s->freed_before) && crank_waits_for_room(b) &&
           !b->error_code[0];
}

/* A limit is reached, and its next step would send something. */
static bool waits_for_money(const struct service *s, const struct batch *b)
{
    return s->budget.kind &&
           (b->status == BATCH_BUILT || b->status == BATCH_UPLOADED);
}

/* Turns it, unless it is paused. */
static bool turn(struct service *s, struct batch *b, struct error *err)
{
    bool was_out = b->status == BATCH_SUBMITTED;
    bool ok, paused = false;
    enum crank_end end;

    if (!pause_holds_batch(s->w->db, b, &paused, err))
        return false;
    if (paused) {
        s->held++;
        return true;
    }
    ok = crank(s->w, b, has_new_room(s, b) ? CRANK_LOOK_NOW : 0, &end, err);
    if (ok)
        note_end(s, b);
    else
        ok = survive(s, err);
    s->freed = s->freed || (was_out && b->status > BATCH_SUBMITTED);
    return ok;
}

static bool look_round(struct service *s, struct error *err)
{
    struct batch_keys keys = { 0 };
    struct batch b;
    bool found, ok;
    size_t i;

    ok = store_open_batches(s->w->db, &keys, err);
    for (i = 0; ok && i < keys.count && !worker_should_stop(s->w); i++) {
        ok = store_find(s->w->db, keys.keys[i], &b, &found, err);
        if (!ok || !found)
            continue;
        if (b.status == BATCH_UNKNOWN)
            s->result->unknown++;
        else if (waits_for_money(s, &b))
            s->waiting++;
        else if (b.due_in <= 0 || has_new_room(s, &b))
            ok = turn(s, &b, err);
    }
    batch_keys_release(&keys);
    return ok || survive(s, err);
}

/* Is there work for a batch of ours, were it not paused? */
static bool wants_more(const struct service *s,
                       const struct store_backlog *backlog)
{
    const struct batch_settings *settings = s->w->settings.batch;

    if (s->budget.kind)
        return false;
    if (settings->num_batches && s->result->submitted >= settings->num_batches)
        return false;
    if (settings->max_open && backlog->open >= settings->max_open)
        return false;
    return backlog->waiting > 0;
}

static bool more_to_submit(const struct service *s,
                           const struct store_backlog *backlog)
{
    return !s->paused && wants_more(s, backlog);
}

static bool submit_one(struct service *s, int64_t waiting, struct error *err)
{
    enum crank_end end;
    struct batch b;
    int64_t size;

    if (!room_for_claim(s->w, waiting, &size, err))
        return survive(s, err);
    s->no_room = size == 0;
    if (s->no_room)
        return true;
    if (!claim_batch(s->w, size, &b, err)) {
        s->no_room = strcmp(err->code, "sealed") == 0;
        return survive(s, err);
    }
    if (!b.key[0])
        return true;
    s->result->submitted++;
    if (!crank_held(s->w, &b, 0, &end, err))
        return survive(s, err);
    note_end(s, &b);
    return true;
}

/* How long nothing is to be done, or < 0 when the work is at its end. */
static double idle_time(const struct service *s,
                        const struct store_backlog *backlog)
{
    const struct batch_settings *settings = s->w->settings.batch;
    double wait = settings->check_interval;
    bool standing = s->held || s->waiting;

    if (!wants_more(s, backlog) && backlog->open <= s->waiting)
        return -1;
    if (s->pause > 0)
        wait = s->pause;
    else if (more_to_submit(s, backlog))
        wait = !s->no_room ? 0 : wait < ROOM_LOOK ? wait : ROOM_LOOK;
    /* What stands still is always due; somebody else's may be as well. */
    if (standing && backlog->due_in <= 0)
        wait = wait < settings->lease ? wait : settings->lease;
    else if (backlog->open && backlog->due_in < wait)
        wait = backlog->due_in;
    return wait > 0 ? wait : 0;
}

/* What a DBA asks, and whether our provider is paused. */
static bool obey(struct service *s, int64_t *count, struct error *err)
{
    struct worker *w = s->w;
    const char *section = w->settings.section ? w->settings.section : "";
    const struct provider_settings *p =
        w->settings.provider(w->settings.context, section);

    if ((pause_newest(w->db, &s->asked, err) &&
         command_run_all(w, count, err) &&
         pause_holds(w->db, section, p ? p->name : "", &s->paused, err)))
        return true;
    return survive(s, err);
}

/* Sleeps in slices: an INSERT ends it early. */
static bool rest(struct service *s, double wait, struct error *err)
{
    struct worker *w = s->w;
    int64_t count = 0, before = s->asked;
    double slice;

    for (;;) {
        slice = wait < COMMAND_INTERVAL ? wait : COMMAND_INTERVAL;
        w->clock->sleep(w->clock, slice, w->stop);
        wait -= slice;
        if (wait <= 0 || worker_should_stop(w))
            return true;
        if (!obey(s, &count, err))
            return false;
        if (count || s->asked != before)
            return true;
    }
}

static void begin_round(struct service *s)
{
    s->pause = 0;
    s->result->unknown = 0;
    s->waiting = s->held = 0;
    s->freed_before = s->freed;
    s->no_room = s->freed = false;
}

/* One more batch where there is work and room for it. */
static bool submit_more(struct service *s, const struct store_backlog *backlog,
                        bool *submitted, struct error *err)
{
    *submitted = false;
    if (s->pause > 0 || !more_to_submit(s, backlog))
        return true;
    if (!submit_one(s, backlog->waiting, err))
        return false;
    *submitted = s->pause <= 0 && !s->no_room;
    return true;
}

bool service_run(struct worker *w, struct service_result *result,
                 struct error *err)
{
    struct service s = { .w = w, .result = result };
    struct store_backlog backlog = { 0 };
    bool submitted;
    double wait;

    memset(result, 0, sizeof(*result));
    while (!worker_should_stop(w)) {
        begin_round(&s);
        if (!obey(&s, NULL, err) || !look_round(&s, err))
            return false;
        submitted = false;
        if (!store_backlog(w->db, COUNT_MOST, &backlog, err)
                ? !survive(&s, err)
                : !submit_more(&s, &backlog, &submitted, err))
            return false;
        if (submitted)
            continue;
        wait = idle_time(&s, &backlog);
        if (wait < 0 && s.budget.kind) {
            *err = s.budget;
            return false;
        }
        if (wait < 0)
            return true;
        /* A floor: an overdue batch that somebody else holds. */
        if (!rest(&s, wait < 0.05 ? 0.05 : wait, err))
            return false;
    }
    result->stopped = true;
    return true;
}

#include "batch/submit.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/retry.h"
#include "batch/budget.h"
#include "batch/forward.h"
#include "batch/room.h"
#include "batch/site.h"
#include "batch/spool.h"
#include "batch/store.h"

/* The listing is searched from a little before the batch was claimed. */
#define CLOCK_SKEW 3600.0
/* After an upload the file may not be visible at once (complaint 8). */
static const struct retry_policy upload_policy = { 6, 1, 30, 900 };
static const struct retry_policy poll_policy = { 0, 5, 900, 900 };
/* Too much at once, says the provider: soon minutes, and it may be hours. */
static const struct retry_policy door_policy = { 0, 5, 1800, 1800 };
/* What is being validated may be refused within a minute. */
#define TRIAL_LOOK 60.0

static void sleep_for(struct worker *w, double seconds)
{
    w->clock->sleep(w->clock, seconds, w->stop);
}

static bool again(struct worker *w, const struct retry_policy *policy,
                  int tried, const struct error *err)
{
    double wait =
        err->kind == ERROR_RETRY && strcmp(err->code, "stopped") &&
                strcmp(err->code, "lease")
            ? retry_delay(policy, tried, err->retry_after, random_unit())
            : -1;

    if (wait < 0 || worker_should_stop(w))
        return false;
    log_info("provider_retry", "code=%s wait=%.1f reason=%s", err->code, wait,
             err->message);
    sleep_for(w, wait);
    return !worker_should_stop(w);
}

/* The file a crash or a new host left behind: ours, whole, or not at all. */
static bool file_is_ours(struct worker *w, const struct batch *b, char *path,
                         bool *ours, struct error *err)
{
    char hex[DIGEST_HEX];

    if (!spool_path(w->spool, b->key, SPOOL_REQUESTS, path, err))
        return false;
    *ours = file_exists(path);
    if (!*ours)
        return true;
    if (!digest_of_file(path, hex, err))
        return false;
    *ours = strcmp(hex, b->request_hash) == 0;
    return true;
}

static void refuse(struct batch *b, const struct error *err)
{
    snprintf(b->error_code, sizeof(b->error_code), "%s",
             err->code[0] ? err->code : "refused");
    snprintf(b->error_message, sizeof(b->error_message), "%.399s",
             err->message);
    /* The database takes no half characters, and the batch would stand. */
    utf8_trim_cut(b->error_message);
}

/* A limit is reached: the batch stays where it is, and its row says why. */
static bool note_budget(struct worker *w, struct batch *b, struct error *err)
{
    struct error reason = *err;

    if (strcmp(reason.code, "budget") != 0)
        return false;
    refuse(b, &reason);
    if (!store_save(w->db, b, 0, err))
        return false;
    *err = reason;
    return false;
}

/* No room yet: nothing is uploaded that would only lie there. */
static bool wait_for_room(struct worker *w, struct batch *b, bool *waiting,
                          struct error *err)
{
    bool open = false;
    double wait = 0;

    *waiting = false;
    if (!room_ask(w, b, &open, &wait, err))
        return false;
    *waiting = !open;
    if (open)
        return true;
    log_info("batch_waits_for_room", "batch=%s tokens=%lld ask_again=%.0f",
             b->key, (long long)b->request_tokens, wait);
    return store_save(w->db, b, wait, err);
}

bool upload_step(struct worker *w, struct batch *b, struct error *err)
{
    struct provider_watch watch = worker_provider_watch(w);
    struct provider *p;
    char path[SPOOL_PATH];
    char name[64];
    bool ours = false, waiting;
    int tried = 0;

    if (!worker_may_write(w, b, err))
        return false;
    if (!budget_allows(w, b, err))
        return note_budget(w, b, err);
    if (!wait_for_room(w, b, &waiting, err))
        return false;
    if (waiting)
        return true;
    if (!worker_provider_of(w, b, &p, err) || !provider_ready(p, err) ||
        !file_is_ours(w, b, path, &ours, err))
        return false;
    if (!ours)
        return store_move(w->db, b, BATCH_CLAIMED, w->name, NULL, err);
    spool_upload_name(b->key, name, sizeof(name));
    while (!p->ops->upload(p, path, name, b->input_file, &watch, err)) {
        if (err->kind == ERROR_REJECT) {
            refuse(b, err);
            return store_move(w->db, b, BATCH_FAILED, w->name, err->message,
                              err);
        }
        if (!again(w, &upload_policy, ++tried, err))
            return error_context(err, "uploading batch %s", b->key);
        if (!worker_beat(w, err))
            return false;
    }
    return store_move(w->db, b, BATCH_UPLOADED, w->name, NULL, err);
}

struct intent {
    struct worker *w;
    struct batch *b;
};

static bool intend_body(struct db *db, void *context, struct error *err)
{
    struct intent *i = context;

    return budget_reserve(i->w, db, i->b, err) &&
           room_reserve(i->w, db, i->b, err) &&
           store_move_within(db, i->b, BATCH_CREATING, i->w->name, NULL, err);
}

bool intend_step(struct worker *w, struct batch *b, struct error *err)
{
    struct intent intent = { w, b };
    bool ok;

    if (!worker_may_write(w, b, err))
        return false;
    b->create_tries = 0;
    b->listed = LISTED_NEVER;
    ok = db_transaction(w->db, "intend", intend_body, &intent, NULL, err);
    if (!ok && strcmp(err->code, "room") == 0) {
        b->listed = LISTED_KEEP;
        return store_save(w->db, b, err->retry_after, err);
    }
    if (!ok)
        return note_budget(w, b, err);
    b->status = BATCH_CREATING;
    b->listed = LISTED_KEEP;
    return true;
}

static void take_remote(struct batch *b, const struct remote_batch *r)
{
    snprintf(b->id, sizeof(b->id), "%s", r->id);
    snprintf(b->provider_status, sizeof(b->provider_status), "%s", r->word);
    if (r->output_file[0])
        snprintf(b->output_file, sizeof(b->output_file), "%s", r->output_file);
    if (r->error_file[0])
        snprintf(b->error_file, sizeof(b->error_file), "%s", r->error_file);
    b->completed_count = r->completed;
    b->failed_count = r->failed;
    if (r->input_tokens >= 0)
        b->input_tokens = r->input_tokens;
    if (r->cached_tokens >= 0)
        b->cached_tokens = r->cached_tokens;
    if (r->output_tokens >= 0)
        b->output_tokens = r->output_tokens;
    b->checked = true;
}

/* "24h" in seconds; a model of our own takes what it takes. */
static double window_of(const struct provider *p)
{
    static const struct {
        char unit;
        double seconds;
    } units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    const char *text = p->settings->completion_window;
    char *end = NULL;
    long n = text ? strtol(text, &end, 10) : 0;
    size_t i;

    for (i = 0; n > 0 && i < ARRAY_LEN(units); i++)
        if (*end == units[i].unit && !(p->ops->caps & PROVIDER_RUNS_HERE))
            return (double)n * units[i].seconds;
    return 0;
}

void submit_take(struct batch *b, const struct provider *p,
                 const struct remote_batch *r)
{
    b->window = window_of(p);
    take_remote(b, r);
    b->error_code[0] = b->error_message[0] = '\0';
    b->check_failures = 0;
}

static bool submitted(struct worker *w, struct batch *b,
                      const struct remote_batch *r, const char *how,
                      struct error *err)
{
    struct provider *p;

    if (!worker_provider_of(w, b, &p, err))
        return false;
    submit_take(b, p, r);
    if (!store_move(w->db, b, BATCH_SUBMITTED, w->name, how, err))
        return false;
    log_info("batch_submitted", "batch=%s id=%s requests=%lld", b->key, b->id,
             (long long)b->request_count);
    return true;
}

/* Refused because too much is there already (429): nothing of this account
 * and model is sent for a while, what is there is still collected. */
static bool hold_at_the_door(struct worker *w, struct batch *b,
                             const struct error *failure, struct error *err)
{
    double wait;

    b->check_failures++;
    wait = retry_delay(&door_policy, (int)b->check_failures,
                       failure->retry_after, random_unit());
    /* Jitter is for many who come at once; this is one queue. */
    if (failure->retry_after <= 0 && wait < door_policy.base / 2)
        wait = door_policy.base / 2;
    log_warn("refused_at_the_door", "batch=%s times=%lld wait=%.0f reason=%s",
             b->key, (long long)b->check_failures, wait, failure->message);
    return store_save(w->db, b, wait, err);
}

/* What a failed create means: was it taken, will it be, or never? */
static bool create_failed(struct worker *w, struct batch *b, struct error *err)
{
    struct error failure = *err;

    if (strcmp(failure.code, "unknown") == 0) {
        log_warn("create_unknown", "batch=%s reason=%s", b->key,
                 failure.message);
        b->checked = true;
        return store_save(w->db, b, 0, err);
    }
    refuse(b, &failure);
    if (failure.kind == ERROR_REJECT)
        return store_move(w->db, b, BATCH_FAILED, w->name, failure.message,
                          err);
    /* Clearly not taken: the next try is a first one again. */
    if (!store_move(w->db, b, BATCH_UPLOADED, w->name, failure.message, err))
        return false;
    if (strcmp(failure.code, "rate_limit") == 0)
        return hold_at_the_door(w, b, &failure, err);
    *err = failure;
    return error_context(err, "creating batch %s", b->key);
}

static bool send_create(struct worker *w, struct batch *b, struct provider *p,
                        struct error *err)
{
    struct remote_batch remote;

    b->create_tries++;
    b->listed = LISTED_NEVER;
    b->checked = true;
    if (!store_save(w->db, b, 0, err))
        return false;
    b->listed_ago = -1;
    snprintf(p->batch_name, sizeof(p->batch_name), "%.63s", b->wave);
    if (p->ops->create(p, b->input_file, b->key, b->model, &remote, err))
        return submitted(w, b, &remote, "the provider made it", err);
    return create_failed(w, b, err);
}

/* Where it is found by the names of its requests alone, they must be ours,
 * not the user's own. */
static bool is_searchable(const struct worker *w, const struct provider *p)
{
    bool by_ids = p->ops->identify && (p->ops->caps & PROVIDER_KEYED_IDS);

    return (p->ops->caps & PROVIDER_FIND) &&
           (!by_ids || site_names_requests(w));
}

static bool search(struct worker *w, struct batch *b, struct provider *p,
                   bool *found, struct remote_batch *remote, struct error *err)
{
    double now = w->clock->now(w->clock);
    double until = b->checked_ago < 0 ? 0 : now - b->checked_ago + CLOCK_SKEW;

    *found = false;
    /* Its row may be younger than what was sent under its key (adopt.h). */
    return p->ops->find(p, b->key, site_key_time(b->key) - CLOCK_SKEW, until,
                        found, remote, err) ||
           error_context(err, "looking for batch %s", b->key);
}

/* One that may be it runs, and can't be seen into before it has ended: at
 * the latest when its window has. */
static bool wait_till_seen(struct worker *w, struct batch *b, struct error *err)
{
    struct error failure = *err;

    if (strcmp(failure.code, "sealed") != 0)
        return false;
    refuse(b, &failure);
    b->checked = b->checked_ago < 0; /* what is made later isn't it */
    log_info("create_waits", "batch=%s reason=%s", b->key, failure.message);
    return store_save(
        w->db, b,
        w->settings.batch->check_interval * (0.9 + 0.2 * random_unit()), err);
}

/* A request may be under way: look for it before sending another. */
static bool look_for_it(struct worker *w, struct batch *b, struct provider *p,
                        struct error *err)
{
    double grace = w->settings.batch->create_grace;
    struct remote_batch remote;
    bool found;

    if (!is_searchable(w, p))
        return store_move(w->db, b, BATCH_UNKNOWN, w->name, NULL, err);
    if (!search(w, b, p, &found, &remote, err))
        return wait_till_seen(w, b, err);
    if (found)
        return submitted(w, b, &remote, "found by its key and adopted", err);
    if (b->listed_ago >= grace) {
        log_info("create_again", "batch=%s tries=%lld", b->key,
                 (long long)b->create_tries);
        return send_create(w, b, p, err);
    }
    if (b->listed_ago < 0) {
        b->listed = LISTED_NOW;
        b->listed_ago = 0;
        return store_save(w->db, b, grace, err);
    }
    return store_save(w->db, b, grace - b->listed_ago, err);
}

/* Certainly not sent yet?  The row of a batch that we didn't claim may be
 * older than the create: the database was set back (a restore, a failover
 * with loss). */
static bool is_first(const struct worker *w, const struct batch *b,
                     const struct provider *p)
{
    return b->create_tries == 0 &&
           (strcmp(w->claimed, b->key) == 0 || !is_searchable(w, p));
}

bool create_step(struct worker *w, struct batch *b, struct error *err)
{
    struct provider *p;

    if (!worker_provider_of(w, b, &p, err))
        return false;
    return is_first(w, b, p) ? send_create(w, b, p, err)
                             : look_for_it(w, b, p, err);
}

static enum batch_status status_of(enum remote_status status)
{
    static const enum batch_status ends[] = {
        [REMOTE_COMPLETED] = BATCH_ENDED,
        [REMOTE_FAILED] = BATCH_FAILED,
        [REMOTE_EXPIRED] = BATCH_EXPIRED,
        [REMOTE_CANCELLED] = BATCH_CANCELLED,
    };

    return ends[status];
}

/* A look that failed: the batch goes on, only the next look is later. */
static bool poll_failed(struct worker *w, struct batch *b, struct error *err)
{
    struct error failure = *err;
    double wait;

    if (failure.kind == ERROR_SETUP || strcmp(failure.code, "lease") == 0)
        return error_context(err, "looking at batch %s", b->key);
    b->check_failures++;
    b->checked = true;
    refuse(b, &failure);
    wait = retry_delay(&poll_policy, (int)b->check_failures,
                       failure.retry_after, random_unit());
    log_warn("check_failed", "batch=%s failures=%lld wait=%.0f reason=%s",
             b->key, (long long)b->check_failures, wait, failure.message);
    if (!store_save(w->db, b, wait, err))
        return false;
    *err = failure;
    return error_context(err, "looking at batch %s", b->key);
}

static bool still_running(struct worker *w, struct batch *b, struct provider *p,
                          enum remote_status status, struct error *err)
{
    double wait = w->settings.batch->check_interval;

    if (p->ops->caps & PROVIDER_RUNS_HERE)
        wait = 0; /* stopped on the way: to be gone on with at once */
    else if (status <= REMOTE_VALIDATING && b->created_ago < 900 &&
             wait > TRIAL_LOOK)
        wait = TRIAL_LOOK;
    if (wait < p->ops->limits.poll_floor)
        wait = p->ops->limits.poll_floor;
    return store_save(w->db, b, wait * (0.9 + 0.2 * random_unit()), err);
}

bool poll_step(struct worker *w, struct batch *b, struct error *err)
{
    struct provider_watch watch = worker_provider_watch(w);
    struct remote_batch remote;
    struct provider *p;

    if (!worker_provider_of(w, b, &p, err))
        return false;
    if (!p->ops->poll(p, b->id, &watch, &remote, err))
        return poll_failed(w, b, err);
    take_remote(b, &remote);
    b->check_failures = 0;
    b->error_code[0] = b->error_message[0] = '\0';
    if (!remote_is_final(remote.status) && remote.status != REMOTE_CANCELLING &&
        forward_is_due(w, b))
        return forward_cancel(w, b, err);
    if (!remote_is_final(remote.status))
        return still_running(w, b, p, remote.status, err);
    b->token_limit = remote.token_limit;
    snprintf(b->error_code, sizeof(b->error_code), "%s", remote.error_code);
    snprintf(b->error_message, sizeof(b->error_message), "%.399s",
             remote.error_message);
    return store_move(w->db, b, status_of(remote.status), w->name,
                      remote.error_message[0] ? remote.error_message : NULL,
                      err);
}

bool cancel_batch(struct worker *w, struct batch *b, struct error *err)
{
    struct remote_batch remote;
    struct provider *p;

    if (b->status < BATCH_CREATING || b->status == BATCH_UNKNOWN)
        return store_move(w->db, b, BATCH_CANCELLED, w->name, NULL, err);
    if (b->status != BATCH_SUBMITTED)
        return error_set(err, ERROR_REJECT,
                         "batch %s is %s: there is nothing to cancel", b->key,
                         batch_status_name(b->status));
    if (!worker_provider_of(w, b, &p, err) ||
        !p->ops->cancel(p, b->id, &remote, err))
        return error_context(err, "cancelling batch %s", b->key);
    take_remote(b, &remote);
    if (remote_is_final(remote.status))
        return store_move(w->db, b, status_of(remote.status), w->name, NULL,
                          err);
    return store_save(w->db, b, 0, err);
}

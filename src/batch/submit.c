#include "batch/submit.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/retry.h"
#include "batch/budget.h"
#include "batch/remote.h"
#include "batch/room.h"
#include "batch/site.h"
#include "batch/spool.h"
#include "batch/store.h"

/* The listing is searched from a little before the batch was claimed. */
#define CLOCK_SKEW 3600.0
/* A file just uploaded may not be visible at once (bespokelabsai/curator#116).
 */
static const struct retry_policy upload_policy = {
    .attempts = 6,
    .base = 1,
    .cap = 30,
    .ask_cap = 900,
};
/* Too much at once, says the provider: soon minutes, and it may be hours. */
static const struct retry_policy limit_policy = {
    .base = 5,
    .cap = 1800,
    .ask_cap = 1800,
};

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

/* A limit is reached: the batch stays where it is, and its row says why. */
static bool note_budget(struct worker *w, struct batch *b, struct error *err)
{
    struct error reason = *err;

    if (strcmp(reason.code, "budget") != 0)
        return false;
    remote_refused(b, &reason);
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
            remote_refused(b, err);
            return store_move(w->db, b, BATCH_FAILED, w->name, err->message,
                              err);
        }
        if (!worker_try_again(w, &upload_policy, ++tried, err))
            return error_context(err, "uploading batch %s", b->key);
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

static bool submitted(struct worker *w, struct batch *b,
                      const struct remote_batch *r, const char *how,
                      struct error *err)
{
    struct provider *p;

    if (!worker_provider_of(w, b, &p, err))
        return false;
    remote_made(b, p, r);
    if (!store_move(w->db, b, BATCH_SUBMITTED, w->name, how, err))
        return false;
    log_info("batch_submitted", "batch=%s id=%s requests=%lld", b->key, b->id,
             (long long)b->request_count);
    return true;
}

/* Refused because too much is there already (429): nothing of this account
 * and model is sent for a while, what is there is still collected. */
static bool hold_back(struct worker *w, struct batch *b,
                      const struct error *failure, struct error *err)
{
    double wait;

    b->check_failures++;
    wait = retry_delay(&limit_policy, (int)b->check_failures,
                       failure->retry_after, random_unit());
    /* Jitter is for many who come at once; this is one queue. */
    if (failure->retry_after <= 0 && wait < limit_policy.base / 2)
        wait = limit_policy.base / 2;
    log_warn("rate_limited", "batch=%s times=%lld wait=%.0f reason=%s", b->key,
             (long long)b->check_failures, wait, failure->message);
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
    remote_refused(b, &failure);
    if (failure.kind == ERROR_REJECT)
        return store_move(w->db, b, BATCH_FAILED, w->name, failure.message,
                          err);
    /* Clearly not taken: the next try is a first one again. */
    if (!store_move(w->db, b, BATCH_UPLOADED, w->name, failure.message, err))
        return false;
    if (strcmp(failure.code, "rate_limit") == 0)
        return hold_back(w, b, &failure, err);
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
    remote_refused(b, &failure);
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

/* Certainly not sent yet?  The row of a batch that another process made may be
 * older than the create: the database was set back (a restore, a failover
 * with loss). */
static bool is_first(const struct worker *w, const struct batch *b,
                     const struct provider *p)
{
    return b->create_tries == 0 &&
           (worker_has_made(w, b->key) || !is_searchable(w, p));
}

bool create_step(struct worker *w, struct batch *b, struct error *err)
{
    struct provider *p;

    if (!worker_provider_of(w, b, &p, err))
        return false;
    return is_first(w, b, p) ? send_create(w, b, p, err)
                             : look_for_it(w, b, p, err);
}

#include "batch/poll.h"

#include "base/digest.h"
#include "base/log.h"
#include "base/retry.h"
#include "batch/forward.h"
#include "batch/remote.h"
#include "batch/store.h"

static const struct retry_policy poll_policy = {
    .base = 5,
    .cap = 900,
    .ask_cap = 900,
};
/* What is being validated may be refused within a minute: for so long it is
 * looked at so often. */
#define TRIAL 900.0
#define TRIAL_LOOK 60.0

/* A look that failed: the batch goes on, only the next look is later. */
static bool poll_failed(struct worker *w, struct batch *b, struct error *err)
{
    struct error failure = *err;
    double wait;

    if (failure.kind == ERROR_SETUP || strcmp(failure.code, "lease") == 0)
        return error_context(err, "looking at batch %s", b->key);
    b->check_failures++;
    b->checked = true;
    remote_refused(b, &failure);
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
    else if (status <= REMOTE_VALIDATING && b->created_ago < TRIAL &&
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
    remote_take(b, &remote);
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
    return store_move(w->db, b, remote_end(remote.status), w->name,
                      remote.error_message[0] ? remote.error_message : NULL,
                      err);
}

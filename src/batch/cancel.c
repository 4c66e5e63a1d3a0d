#include "batch/cancel.h"

#include "batch/remote.h"
#include "batch/store.h"

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
    remote_take(b, &remote);
    if (remote_is_final(remote.status))
        return store_move(w->db, b, remote_end(remote.status), w->name, NULL,
                          err);
    return store_save(w->db, b, 0, err);
}

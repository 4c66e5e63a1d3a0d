#include "batch/replay.h"

#include <errno.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "batch/site.h"
#include "batch/spool.h"
#include "batch/step.h"
#include "batch/store.h"

#define REPLAY "replay"

/* The new batch's files are the old one's, under another name: a link costs
 * nothing, and each may be removed without the other. */
static bool link_file(struct worker *w, const char *from, const char *to,
                      enum spool_file which, int *linked, struct error *err)
{
    char old[SPOOL_PATH], new[SPOOL_PATH];

    if (!spool_path(w->spool, from, which, old, err) ||
        !spool_path(w->spool, to, which, new, err))
        return false;
    if (!file_exists(old))
        return true;
    if (link(old, new) != 0)
        return error_set(err, ERROR_SETUP, "cannot link %s: %s", new,
                         strerror(errno));
    ++*linked;
    return true;
}

struct replay {
    struct worker *w;
    const struct batch *from;
    struct batch *to;
};

static bool replay_body(struct db *db, void *context, struct error *err)
{
    struct replay *r = context;
    const struct db_value values[] = {
        db_text("to", r->to->key),
        db_text("from", r->from->key),
        db_text("section", r->from->section),
        db_text("host", r->from->host),
        db_text("account", r->from->account),
        db_text("model", r->from->model),
        db_text("profile", r->w->profile->name),
        db_text("profile_hash", r->w->profile->hash),
        db_integer("request_count", r->from->request_count),
        db_text("spool", r->w->spool),
        db_text("worker", r->w->name),
        db_real("lease", r->w->settings.batch->lease),
        db_text("currency", r->from->currency),
    };
    const struct db_value event[] = {
        db_text("key", r->to->key),
        db_null("from"),
        db_text("to", batch_status_name(BATCH_DOWNLOADED)),
        db_text("worker", r->w->name),
        db_text("detail", "the stored answers of another batch"),
    };

    return db_run(db, "replay_insert", values, ARRAY_LEN(values), NULL, err) &&
           db_run(db, "batch_event", event, ARRAY_LEN(event), NULL, err) &&
           db_run(db, "replay_items", values, ARRAY_LEN(values), NULL, err) &&
           db_run(db, "replay_claims", values, ARRAY_LEN(values), NULL, err);
}

static bool make(struct replay *r, struct error *err)
{
    struct worker *w = r->w;
    int linked = 0;

    if (r->from->status != BATCH_CLOSED)
        return error_exit(err, ERROR_REJECT, EXIT_USAGE,
                          "batch %s is %s: only a closed batch can be "
                          "replayed",
                          r->from->key, batch_status_name(r->from->status));
    if (!site_key(w, r->to->key, err) ||
        !link_file(w, r->from->key, r->to->key, SPOOL_OUTPUT, &linked, err) ||
        !link_file(w, r->from->key, r->to->key, SPOOL_ERRORS, &linked, err))
        return false;
    if (!linked)
        return error_exit(err, ERROR_REJECT, EXIT_SOME_FAILED,
                          "the answers of batch %s are not kept here (%s; "
                          "batch.keep_answers says how long they are)",
                          r->from->key, w->spool);
    return db_transaction(w->db, REPLAY, replay_body, r, NULL, err);
}

bool replay_batch(struct worker *w, const struct batch *b,
                  struct batch *replayed, struct error *err)
{
    struct replay r = { w, b, replayed };
    enum crank_end end;

    memset(replayed, 0, sizeof(*replayed));
    return make(&r, err) && crank(w, replayed, CRANK_LOOK_NOW, &end, err);
}

#include "batch/requeue.h"

#include "base/digest.h"
#include "batch/claim.h"
#include "batch/step.h"

static const char profile_changed[] =
    "AND EXISTS (SELECT 1 FROM {item} d WHERE d.userid = c.{key}"
    " AND d.state = 'done')"
    " AND NOT EXISTS (SELECT 1 FROM {item} d JOIN {status} s"
    " ON s.batch_key = d.batch_key WHERE d.userid = c.{key}"
    " AND d.state = 'done' AND s.profile_hash = :profile_hash)";

static const char text_changed[] =
    "AND EXISTS (SELECT 1 FROM {item} d WHERE d.userid = c.{key}"
    " AND d.state = 'done' AND d.source_changed <> c.{changed}"
    " AND NOT EXISTS (SELECT 1 FROM {item} n WHERE n.userid = d.userid"
    " AND n.state = 'done' AND n.batch_key > d.batch_key))";

bool requeue_choose(struct worker *w, enum requeue_why why, const char *sql,
                    struct error *err)
{
    const struct source_settings *s = w->settings.source;
    struct strbuf where;
    bool ok;

    if (why == REQUEUE_PROFILE)
        return db_set_fragment(w->db, "requeue", profile_changed, err);
    if (why == REQUEUE_TEXT) {
        if (!s->changed_column || !s->changed_column[0])
            return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                              "source.changed_column names no column: "
                              "nothing tells which texts changed");
        return db_set_fragment(w->db, "requeue", text_changed, err);
    }
    strbuf_init(&where, 64 * KIB);
    strbuf_addf(&where, "AND (%s)", sql);
    ok = strbuf_ok(&where) ? db_set_fragment(w->db, "requeue", where.data, err)
                           : error_exit(err, ERROR_SETUP, EXIT_USAGE,
                                        "the condition is too long");
    strbuf_release(&where);
    return ok;
}

bool requeue_look(struct worker *w, struct plan_input *in, struct error *err)
{
    return plan_look_at(w, "requeue_count", "requeue_sample", in, err);
}

bool requeue_run(struct worker *w, int64_t *batches, struct error *err)
{
    enum crank_end end;
    char since[UUID_TEXT];
    struct batch b;

    *batches = 0;
    /* Keys sort by time: what is newer than this has been taken. */
    if (!uuid_make(w->clock->now(w->clock), since, err))
        return false;
    while (!worker_should_stop(w)) {
        if (!claim_again(w, since, w->settings.batch->batch_size, &b, err))
            return false;
        if (!b.key[0])
            break;
        ++*batches;
        if (!crank_held(w, &b, CRANK_UNTIL_SUBMITTED, &end, err))
            return false;
    }
    return true;
}

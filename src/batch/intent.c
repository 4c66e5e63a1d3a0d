#include "batch/intent.h"

bool intent_insert(const struct worker *w, struct db *db,
                   const struct batch_intent *intent, struct error *err)
{
    const struct provider *p = intent->provider;
    const char *model =
        intent->model && intent->model[0] ? intent->model : p->settings->model;
    const struct db_value values[] = {
        db_text("key", intent->key),
        db_text("section", intent->section),
        db_text("provider", p->ops->name),
        db_text("host", p->host),
        db_text("account", p->account),
        db_text("model", model),
        db_text("profile", w->profile->name),
        db_text("profile_hash", w->profile->hash),
        db_text("spool", w->spool),
        db_text("worker", intent->held ? w->name : NULL),
        db_real("lease", intent->held ? w->settings.batch->lease : 0),
    };
    const struct db_value event[] = {
        db_text("key", intent->key),
        db_null("from"),
        db_text("to", batch_status_name(BATCH_CLAIMED)),
        db_text("worker", w->name),
        db_text("detail", intent->detail),
    };

    return db_run(db, "batch_insert", values, ARRAY_LEN(values), NULL, err) &&
           db_run(db, "batch_event", event, ARRAY_LEN(event), NULL, err);
}

#include "batch/purge.h"

#include "base/file.h"
#include "batch/spool.h"

#define EVENTS_LEAST (180 * 86400.0)

static bool run(struct worker *w, const char *statement, double seconds,
                int64_t *changed, struct error *err)
{
    const struct db_value values[] = { db_real("seconds", seconds) };

    return db_run(w->db, statement, values, ARRAY_LEN(values), changed, err);
}

struct answers {
    struct worker *w;
    int64_t *count;
};

static bool clear_answers(void *context, const struct db_rows *row,
                          struct error *err)
{
    struct answers *a = context;
    const char *key = db_rows_text(row, 0, NULL);
    char path[SPOOL_PATH];

    if (!key || !spool_path(a->w->spool, key, SPOOL_OUTPUT, path, err))
        return false;
    *a->count += file_exists(path);
    return spool_clear(a->w->spool, key, true, err);
}

bool purge_run(struct worker *w, double older_than, struct purge_result *result,
               struct error *err)
{
    const struct batch_settings *s = w->settings.batch;
    double old_values = older_than > 0 ? older_than : s->keep_old_values;
    double answers = older_than > 0 ? older_than : s->keep_answers;
    double events = older_than > 0 ? older_than : s->keep_events;
    const struct db_value age[] = { db_real("seconds", answers) };
    struct answers a = { w, &result->answers };

    memset(result, 0, sizeof(*result));
    if (events < EVENTS_LEAST)
        events = EVENTS_LEAST;
    if (!run(w, "purge_before", old_values, &result->old_values, err) ||
        !run(w, "purge_events", events, &result->events, err) ||
        !run(w, "purge_commands", events, &result->commands, err))
        return false;
    if (older_than > 0 &&
        !run(w, "purge_items", older_than, &result->items, err))
        return false;
    return db_each(w->db, "purge_answers", age, ARRAY_LEN(age), clear_answers,
                   &a, NULL, err);
}

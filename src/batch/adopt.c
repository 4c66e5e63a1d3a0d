#include "batch/adopt.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/log.h"
#include "batch/budget.h"
#include "batch/intent.h"
#include "batch/orphan.h"
#include "batch/site.h"
#include "batch/spool.h"
#include "batch/store.h"
#include "batch/submit.h"
#include "provider/batches.h"

/* Looked for again after so long, or when the database was lost meanwhile. */
#define LOOK_AGAIN 3600.0
/* At once; the rest at the next look. */
#define ORPHANS_MOST 1000

struct adopt {
    struct worker *w;
    struct provider *p;
    struct adopt_report *report;
    double since;
    struct remote_batch *list; /* owned: ours, not known here */
    size_t count;
};

/* -- which -- */

static bool is_ours(const struct worker *w, const char *key)
{
    const char *site = site_of_key(key);

    return site && strcmp(site, w->site) == 0;
}

static bool keep(struct adopt *a, const struct remote_batch *b,
                 struct error *err)
{
    struct remote_batch *grown;

    if (a->count == ORPHANS_MOST)
        return true;
    grown = realloc(a->list, (a->count + 1) * sizeof(*grown));
    if (!grown)
        return error_memory(err);
    a->list = grown;
    a->list[a->count++] = *b;
    return true;
}

static bool is_known(struct adopt *a, const char *id, bool *known,
                     struct error *err)
{
    struct batch row;

    return store_find(a->w->db, id, &row, known, err);
}

static bool consider(void *context, const struct remote_batch *entry,
                     struct error *err)
{
    struct adopt *a = context;
    struct remote_batch b = *entry;
    bool known = false;

    if ((b.created_at > 0 && b.created_at < a->since) ||
        (b.key[0] && !is_ours(a->w, b.key))) {
        a->report->others++;
        return true;
    }
    if (!is_known(a, b.id, &known, err))
        return false;
    if (known)
        return true;
    if (!b.key[0] && a->p->ops->identify && !a->p->ops->identify(a->p, &b, err))
        return error_context(err, "listing the batches");
    if (b.sealed) {
        a->report->unseen++;
        snprintf(a->report->waits, sizeof(a->report->waits), "%s", b.id);
        return true;
    }
    if (!is_ours(a->w, b.key)) {
        a->report->others++;
        return true;
    }
    return is_known(a, b.key, &known, err) && (known || keep(a, &b, err));
}

/* -- one of them -- */

/* The records, their claims and items, and the row, all at once. */
struct adoption {
    struct adopt *a;
    const struct orphan *orphan;
    struct batch *b;
    enum batch_status to;
    const char *detail;
    int64_t won;
    bool known; /* somebody was quicker */
};

static bool ignore_row(void *context, const struct db_rows *row,
                       struct error *err)
{
    (void)context, (void)row, (void)err;
    return true;
}

static bool run_chunks(const struct adoption *n, struct db *db,
                       const char *statement, int64_t *won, struct error *err)
{
    const struct orphan *o = n->orphan;
    int64_t changed = 0;
    size_t i;

    for (i = 0; i < o->chunks; i++) {
        const struct db_value values[] = {
            db_text_len("rows", o->rows[i].data, o->rows[i].len),
            db_text("batch", n->b->key),
        };

        if (!db_run(db, statement, values, ARRAY_LEN(values), &changed, err))
            return false;
        if (won)
            *won += changed;
    }
    return true;
}

static bool insert_records(struct adoption *n, struct db *db, struct error *err)
{
    const struct db_value batch[] = { db_text("batch", n->b->key) };

    n->won = 0;
    return run_chunks(n, db, "orphan_claim", &n->won, err) &&
           db_run(db, "claim_items", batch, 1, NULL, err) &&
           run_chunks(n, db, "item_built", NULL, err);
}

static bool adopt_body(struct db *db, void *context, struct error *err)
{
    const struct db_value lock[] = { db_text("name", "vitae claim") };
    struct adoption *n = context;
    struct worker *w = n->a->w;
    const struct batch_intent intent = { .key = n->b->key,
                                         .section = w->settings.section,
                                         .provider = n->a->p,
                                         .detail = n->detail };
    struct batch row;

    if (!db_each(db, "claim_lock", lock, ARRAY_LEN(lock), ignore_row, NULL,
                 NULL, err) ||
        !store_find(db, n->b->key, &row, &n->known, err))
        return false;
    if (n->known)
        return true;
    n->b->status = BATCH_CLAIMED;
    n->b->fence = 1;
    return intent_insert(w, db, &intent, err) && insert_records(n, db, err) &&
           (n->to == BATCH_CLAIMED ||
            store_move_within(db, n->b, n->to, w->name, n->detail, err));
}

static bool insert(struct adoption *n, struct error *err)
{
    struct adopt *a = n->a;
    struct batch *b = n->b;
    const char *model = a->p->settings->model;

    snprintf(b->host, sizeof(b->host), "%s", a->p->host);
    snprintf(b->model, sizeof(b->model), "%s", model ? model : "");
    b->request_count = (int64_t)n->orphan->count;
    b->request_tokens = n->orphan->tokens;
    budget_estimate(a->w, a->p, b, n->orphan->tokens);
    if (!db_transaction(a->w->db, "adopt", adopt_body, n, NULL, err))
        return error_context(err, "adopting batch %s", b->key);
    if (n->known)
        return true;
    a->report->batches++;
    a->report->records += n->won;
    log_warn(
        "batch_adopted",
        "batch=%s id=%s status=%s requests=%lld records=%lld reason=\"%s\"",
        b->key, b->id, batch_status_name(n->to), (long long)b->request_count,
        (long long)n->won, n->detail);
    return true;
}

/* Where its requests, or the answers, may be read: in the spool, or had back.
 * *path "" = nowhere (any more). */
static bool fetch(struct adopt *a, const char *key, const char *file_id,
                  enum spool_file which, char *path, struct error *err)
{
    struct provider_watch watch = worker_provider_watch(a->w);

    if (!spool_path(a->w->spool, key, which, path, err))
        return false;
    if (file_exists(path))
        return true;
    if (file_id[0] && a->p->ops->download(a->p, file_id, path, &watch, err))
        return true;
    path[0] = '\0';
    if (!file_id[0] || err->kind == ERROR_REJECT) {
        error_clear(err);
        return true;
    }
    return error_context(err, "looking into batch %s", key);
}

static bool read_records(struct adopt *a, const struct remote_batch *remote,
                         struct orphan *o, bool *sealed, struct error *err)
{
    bool keyed = a->p->ops->caps & PROVIDER_KEYED_IDS;
    char path[SPOOL_PATH];

    /* What was sent can't be had back where ids are keyed. */
    if (!fetch(a, remote->key, keyed ? "" : remote->input_file, SPOOL_REQUESTS,
               path, err))
        return false;
    if (path[0])
        return orphan_read_requests(o, path, err);
    *sealed = keyed && !remote_is_final(remote->status);
    if (*sealed)
        return true;
    if (!fetch(a, remote->key, remote->output_file, SPOOL_OUTPUT, path, err))
        return false;
    return !path[0] || orphan_read_answers(o, path, err);
}

/* Nothing but names that we can't read: for a person. */
static bool is_unreadable(const struct orphan *o)
{
    return o->lines > 0 && o->count == 0;
}

static void set_unreadable(struct adoption *n)
{
    n->to = BATCH_UNKNOWN;
    n->detail = "it is of this site, but the names of its requests can't be "
                "read: see at the provider whether its answers are needed, "
                "then vitae cancel it";
    snprintf(n->b->error_code, sizeof(n->b->error_code), "unreadable");
    snprintf(n->b->error_message, sizeof(n->b->error_message), "%s", n->detail);
}

static bool adopt_remote(struct adopt *a, const struct remote_batch *remote,
                         struct error *err)
{
    struct batch b = { .estimated_cost = -1,
                       .actual_cost = -1,
                       .standard_cost = -1 };
    struct orphan o;
    struct adoption n = { .a = a,
                          .orphan = &o,
                          .b = &b,
                          .to = BATCH_SUBMITTED,
                          .detail = "found at the provider and adopted" };
    bool sealed = false, ok;

    snprintf(b.key, sizeof(b.key), "%.36s", remote->key);
    snprintf(b.input_file, sizeof(b.input_file), "%s", remote->input_file);
    orphan_init(&o, a->w, a->p, b.key);
    ok = read_records(a, remote, &o, &sealed, err) &&
         (sealed || orphan_match(&o, err));
    if (ok && sealed) {
        a->report->sealed++;
        snprintf(a->report->waits, sizeof(a->report->waits), "%s", remote->id);
    } else if (ok) {
        submit_take(&b, a->p, remote);
        if (is_unreadable(&o))
            set_unreadable(&n);
        ok = insert(&n, err);
    }
    orphan_release(&o);
    return ok;
}

/* -- what the spool tells -- */

/* A request file of ours whose batch nobody knows: sent or not, its records
 * go on from there, under the key that the provider may have. */
static bool adopt_built(struct adopt *a, const char *key, struct error *err)
{
    struct batch b = { .estimated_cost = -1 };
    char path[SPOOL_PATH];
    struct orphan o;
    struct adoption n = { .a = a,
                          .orphan = &o,
                          .b = &b,
                          .to = BATCH_CLAIMED,
                          .detail = "its request file was found in the spool" };
    bool ok;

    snprintf(b.key, sizeof(b.key), "%.36s", key);
    orphan_init(&o, a->w, a->p, b.key);
    ok = spool_path(a->w->spool, key, SPOOL_REQUESTS, path, err) &&
         orphan_read_requests(&o, path, err) && orphan_match(&o, err);
    /* Else what it asks is done, or asked otherwise. */
    if (ok && o.matched)
        ok = insert(&n, err);
    orphan_release(&o);
    return ok;
}

/* "KEY.requests.jsonl" of this site. */
static bool is_request_file(const struct adopt *a, const char *name, char *key)
{
    snprintf(key, BATCH_KEY, "%.36s", name);
    return is_ours(a->w, key) &&
           strcmp(name + strlen(key), ".requests.jsonl") == 0 &&
           site_key_time(key) >= a->since;
}

static bool look_into_spool(struct adopt *a, struct error *err)
{
    DIR *folder = opendir(a->w->spool);
    char key[BATCH_KEY];
    struct dirent *entry;
    bool ok = true, known;

    while (ok && folder && (entry = readdir(folder))) {
        if (!is_request_file(a, entry->d_name, key))
            continue;
        known = false;
        ok = is_known(a, key, &known, err) &&
             (known || adopt_built(a, key, err));
    }
    if (folder)
        closedir(folder);
    return ok;
}

/* -- all of it -- */

static int oldest_first(const void *a, const void *b)
{
    const struct remote_batch *x = a, *y = b;

    return strcmp(x->key, y->key);
}

/* Each in turn; one that can't be read now doesn't keep the others. */
static bool adopt_all(struct adopt *a, struct error *err)
{
    struct error first;
    size_t i;

    error_clear(&first);
    if (a->count)
        qsort(a->list, a->count, sizeof(*a->list), oldest_first);
    for (i = 0; i < a->count && !worker_should_stop(a->w); i++)
        if (!adopt_remote(a, &a->list[i], err) && !first.kind)
            first = *err;
    if (first.kind)
        *err = first;
    return !first.kind;
}

/* Where names are the user's own, or batches run here, there is nothing to
 * be adopted. */
static bool is_possible(const struct worker *w, const struct provider *p)
{
    const struct source_settings *s = w->settings.source;

    return w->settings.batch->adopt > 0 && !s->requests && !s->custom_column &&
           !(p->ops->caps & PROVIDER_RUNS_HERE);
}

/* A server that can't list stays of use: said, and gone without. */
static bool is_unlisted(const struct error *err)
{
    return err->exit == EXIT_PROVIDER && err->kind != ERROR_RETRY;
}

bool adopt_look(struct worker *w, struct adopt_report *report,
                struct error *err)
{
    struct adopt a = { .w = w, .report = report };
    bool ok;

    memset(report, 0, sizeof(*report));
    if (!worker_provider(w, w->settings.section, &a.p, err))
        return false;
    if (!is_possible(w, a.p))
        return true;
    a.since = w->clock->now(w->clock) - w->settings.batch->adopt;
    report->listed = a.p->ops->listing;
    ok = !report->listed || batch_list(a.p, a.since, consider, &a, err);
    if (!ok && is_unlisted(err)) {
        log_warn("batches_not_listed", "provider=%s reason=%s", a.p->ops->name,
                 err->message);
        error_clear(err);
        report->listed = false;
        ok = true;
    }
    ok = ok && adopt_all(&a, err) && look_into_spool(&a, err);
    free(a.list);
    return ok;
}

/* -- before a claim -- */

static bool is_due(const struct worker *w)
{
    const struct adopt_state *s = &w->adopted;

    return !s->done || s->session != db_sessions(w->db) ||
           strcmp(s->section, w->settings.section) != 0 ||
           w->clock->monotonic(w->clock) - s->at >= LOOK_AGAIN;
}

static bool must_wait(const struct adopt_report *r, struct error *err)
{
    error_exit(err, ERROR_REJECT, EXIT_RUNNING,
               "batch %.80s is of this site and unknown to the database; what "
               "it holds can't be seen before it has ended, so that nothing "
               "is claimed until then",
               r->waits);
    error_code(err, "sealed");
    return false;
}

bool adopt_before_claim(struct worker *w, struct error *err)
{
    struct adopt_state *s = &w->adopted;
    struct adopt_report r;
    unsigned session = db_sessions(w->db);

    if (!is_due(w))
        return true;
    if (!adopt_look(w, &r, err))
        return error_context(err, "looking for unknown batches");
    if (r.sealed)
        return must_wait(&r, err);
    if (r.unseen && !s->done)
        log_info("batches_unseen", "running=%lld one=%s", (long long)r.unseen,
                 r.waits);
    s->done = true;
    s->session = session;
    s->at = w->clock->monotonic(w->clock);
    snprintf(s->section, sizeof(s->section), "%s", w->settings.section);
    return true;
}

#include "batch/adopt.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/retry.h"
#include "batch/budget.h"
#include "batch/intent.h"
#include "batch/kept.h"
#include "batch/orphan.h"
#include "batch/remote.h"
#include "batch/site.h"
#include "batch/spool.h"
#include "batch/store.h"
#include "provider/batches.h"

/* Looked for again after so long, or when the database was lost meanwhile. */
#define LOOK_AGAIN 3600.0
/* Each takes some 2 KB for a moment. */
#define ORPHANS_MOST 10000
/* Of others', whose name costs a request or two. */
#define IDENTIFIED_MOST 1000
/* Longer than any batch keeps what it holds to itself. */
#define LONGEST_SEALED (50 * 3600.0)

static const struct retry_policy identify_policy = {
    .attempts = 6,
    .base = 1,
    .cap = 60,
    .ask_cap = 120,
};

struct adopt {
    struct worker *w;
    struct provider *p;
    struct adopt_report *report;
    double since;
    struct remote_batch *list; /* owned: ours, not known here */
    size_t count;
    size_t identified;
    char fetched[SPOOL_PATH]; /* had back to look into one, "" = nothing */
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
        return error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                          "more than %d batches of this site are unknown to "
                          "the database: set batch.adopt to a shorter time",
                          ORPHANS_MOST);
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

/* Whose is one that carries no key?  Newest first, up to a number.  Where
 * others have many, these are more requests a minute than an account may
 * have: it is waited for. */
static bool identify(struct adopt *a, struct remote_batch *b, struct error *err)
{
    int tried = 0;

    if (b->key[0] || !a->p->ops->identify || a->identified == IDENTIFIED_MOST)
        return true;
    a->identified++;
    while (!a->p->ops->identify(a->p, b, err))
        if (!worker_try_again(a->w, &identify_policy, ++tried, err))
            return error_context(err, "listing the batches");
    return true;
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
    if (!identify(a, &b, err))
        return false;
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
    struct orphan *orphan;
    struct batch *b;
    enum batch_status to;
    const char *detail;
    int64_t won;
    bool known; /* somebody was quicker */
};

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
    struct adoption *n = context;
    struct worker *w = n->a->w;
    const struct batch_intent intent = { .key = n->b->key,
                                         .section = w->settings.section,
                                         .provider = n->a->p,
                                         .model = n->b->model,
                                         .detail = n->detail };
    struct batch row;

    if (!store_lock(db, "vitae claim", err) ||
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
    const char *own = a->p->settings->model;

    snprintf(b->host, sizeof(b->host), "%s", a->p->host);
    snprintf(b->model, sizeof(b->model), "%s",
             n->orphan->model[0] ? n->orphan->model
             : own               ? own
                                 : "");
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

/* Some say forbidden of a file that is gone. */
static bool is_gone(const struct error *err)
{
    return err->kind == ERROR_REJECT || !strcmp(err->code, "forbidden") ||
           !strcmp(err->code, "not_found");
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
    if (file_id[0] && a->p->ops->download(a->p, file_id, path, &watch, err)) {
        snprintf(a->fetched, sizeof(a->fetched), "%s", path);
        return true;
    }
    path[0] = '\0';
    if (!file_id[0] || is_gone(err)) {
        error_clear(err);
        return true;
    }
    return error_context(err, "looking into batch %s", key);
}

/* By a full disk, say: it tells less than was sent. */
static bool is_cut(const struct orphan *o)
{
    return !o->lines || o->cut;
}

static bool drop_cut(struct adopt *a, struct orphan *o, const char *path,
                     struct error *err)
{
    const char *key = o->key;

    log_warn("requests_cut", "batch=%s file=%s requests=%zu", key, path,
             o->count);
    orphan_release(o);
    orphan_init(o, a->w, a->p, key);
    return file_remove(path, err);
}

/* *read: they could be. */
static bool read_requests(struct adopt *a, const struct remote_batch *remote,
                          struct orphan *o, bool *read, struct error *err)
{
    bool keyed = a->p->ops->caps & PROVIDER_KEYED_IDS;
    char path[SPOOL_PATH];

    for (;;) {
        /* What was sent can't be had back where ids are keyed. */
        if (!fetch(a, remote->key, keyed ? "" : remote->input_file,
                   SPOOL_REQUESTS, path, err))
            return false;
        *read = path[0] != '\0';
        if (!*read)
            return true;
        if (!orphan_read_requests(o, path, err))
            return false;
        if (a->fetched[0] || !is_cut(o))
            return true;
        if (!drop_cut(a, o, path, err))
            return false;
    }
}

static bool read_records(struct adopt *a, const struct remote_batch *remote,
                         struct orphan *o, bool *sealed, struct error *err)
{
    bool keyed = a->p->ops->caps & PROVIDER_KEYED_IDS, read;
    char path[SPOOL_PATH];

    if (!read_requests(a, remote, o, &read, err))
        return false;
    if (read)
        return true;
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

/* Nothing is left of it, or no record waits with the text that it asks about:
 * its answers are of no use here, and those of a namesake (another database
 * whose name and place are the same) are not ours to tidy away. */
static bool leave_alone(struct adopt *a, const char *key, struct error *err)
{
    a->report->others++;
    log_info("batch_left_alone", "batch=%s", key);
    return !a->fetched[0] || file_remove(a->fetched, err);
}

static void adoption_init(struct adoption *n, struct adopt *a, struct orphan *o,
                          struct batch *b, const char *key)
{
    memset(b, 0, sizeof(*b));
    b->estimated_cost = b->actual_cost = b->standard_cost = -1;
    snprintf(b->key, sizeof(b->key), "%.36s", key);
    orphan_init(o, a->w, a->p, b->key);
    *n = (struct adoption){ .a = a, .orphan = o, .b = b };
}

static bool adopt_remote(struct adopt *a, const struct remote_batch *remote,
                         struct error *err)
{
    struct adoption n;
    struct orphan o;
    struct batch b;
    bool sealed = false, ok;

    adoption_init(&n, a, &o, &b, remote->key);
    n.to = BATCH_SUBMITTED;
    n.detail = "found at the provider and adopted";
    snprintf(b.input_file, sizeof(b.input_file), "%s", remote->input_file);
    a->fetched[0] = '\0';
    ok = read_records(a, remote, &o, &sealed, err) &&
         (sealed || orphan_match(&o, err));
    if (ok && sealed) {
        a->report->sealed++;
        snprintf(a->report->waits, sizeof(a->report->waits), "%s", remote->id);
    } else if (ok && !o.matched && !is_unreadable(&o)) {
        ok = leave_alone(a, b.key, err);
    } else if (ok) {
        remote_made(&b, a->p, remote);
        if (is_unreadable(&o))
            set_unreadable(&n);
        ok = insert(&n, err);
    }
    orphan_release(&o);
    return ok;
}

/* -- what the spool tells -- */

/* What it asks is done, or asked otherwise, where no record is left. */
static bool insert_rest(struct adoption *n, struct error *err)
{
    return orphan_match(n->orphan, err) &&
           (!n->orphan->matched || insert(n, err));
}

/* A request file of ours whose batch nobody knows: sent or not, its records
 * go on from there, under the key that the provider may have. */
static bool adopt_built(struct adopt *a, const char *key, const char *path,
                        struct error *err)
{
    struct adoption n;
    struct orphan o;
    struct batch b;
    bool ok;

    adoption_init(&n, a, &o, &b, key);
    n.to = BATCH_CLAIMED;
    n.detail = "its request file was found in the spool";
    ok = orphan_read_requests(&o, path, err) && insert_rest(&n, err);
    orphan_release(&o);
    return ok;
}

/* Answers that were collected before; the provider has them no more. */
static bool adopt_kept(struct adopt *a, const char *key, const char *path,
                       struct error *err)
{
    struct adoption n;
    struct orphan o;
    struct batch b;
    bool here = false, ok;

    if (!kept_is_here(a->w, key, &here, err))
        return false;
    if (!here)
        return true;
    adoption_init(&n, a, &o, &b, key);
    n.to = BATCH_DOWNLOADED;
    n.detail = "its answers were found in the spool";
    ok = orphan_read_kept(&o, path, err) && insert_rest(&n, err);
    orphan_release(&o);
    return ok;
}

/* Files of the spool, "KEY.SUFFIX", that tell of a batch. */
enum tale { TALE_KEPT, TALE_REQUESTS };
static const struct {
    enum spool_file file;
    bool (*adopt)(struct adopt *a, const char *key, const char *path,
                  struct error *err);
} tales[] = {
    [TALE_KEPT] = { SPOOL_RECORDS, adopt_kept },
    [TALE_REQUESTS] = { SPOOL_REQUESTS, adopt_built },
};

struct spool_look {
    struct adopt *a;
    enum tale which;
};

static bool adopt_file(void *context, const char *found, const char *name,
                       struct error *err)
{
    const struct spool_look *look = context;
    struct adopt *a = look->a;
    char key[BATCH_KEY], path[SPOOL_PATH];
    bool known = false;

    snprintf(key, sizeof(key), "%.36s", name);
    if (!is_ours(a->w, key) || site_key_time(key) < a->since)
        return true;
    if (!spool_path(a->w->spool, key, tales[look->which].file, path, err))
        return false;
    if (strcmp(path, found) != 0)
        return true;
    return is_known(a, key, &known, err) &&
           (known || tales[look->which].adopt(a, key, path, err));
}

static bool look_into_spool(struct adopt *a, enum tale which, struct error *err)
{
    struct spool_look look = { a, which };

    return file_each_name(a->w->spool, adopt_file, &look, err);
}

/* -- all of it -- */

static int oldest_first(const void *a, const void *b)
{
    const struct remote_batch *x = a, *y = b;

    return strcmp(x->key, y->key);
}

/* In turn, so that what is older than the newest that is known was seen to. */
static bool adopt_all(struct adopt *a, struct error *err)
{
    size_t i;

    if (a->count)
        qsort(a->list, a->count, sizeof(*a->list), oldest_first);
    for (i = 0; i < a->count; i++)
        if (!adopt_remote(a, &a->list[i], err))
            return false;
    return true;
}

static bool is_possible(const struct worker *w, const struct provider *p)
{
    return w->settings.batch->adopt > 0 && site_names_requests(w) &&
           !(p->ops->caps & PROVIDER_RUNS_HERE);
}

/* A server that can't list stays of use: said, and gone without. */
static bool is_unlisted(const struct error *err)
{
    return err->exit == EXIT_PROVIDER && err->kind != ERROR_RETRY;
}

static bool look_at_list(struct adopt *a, struct error *err)
{
    a->report->listed = a->p->ops->listing;
    if (!a->report->listed || batch_list(a->p, a->since, consider, a, err))
        return true;
    if (!is_unlisted(err))
        return false;
    log_warn("batches_not_listed", "provider=%s reason=%s", a->p->ops->name,
             err->message);
    error_clear(err);
    a->report->listed = false;
    return true;
}

static bool take_newest(void *context, const struct db_rows *row,
                        struct error *err)
{
    const char *key = db_rows_text(row, 0, NULL);
    double *newest = context;

    (void)err;
    if (key && site_of_key(key))
        *newest = site_key_time(key);
    return true;
}

/* How far back.  What is older than the newest batch that the database knows
 * was found by the look before that one was claimed, unless it was sealed. */
static bool find_since(struct worker *w, bool whole, double *since,
                       struct error *err)
{
    double newest = 0;

    *since = w->clock->now(w->clock) - w->settings.batch->adopt;
    if (whole)
        return true;
    if (!db_each(w->db, "batch_newest", NULL, 0, take_newest, &newest, NULL,
                 err))
        return false;
    if (*since < newest - LONGEST_SEALED)
        *since = newest - LONGEST_SEALED;
    return true;
}

/* At the provider of the worker's section. */
static bool look(struct worker *w, double since, struct adopt_report *report,
                 struct error *err)
{
    struct adopt a = { .w = w, .report = report, .since = since };
    bool ok;

    if (!worker_provider(w, w->settings.section, &a.p, err) ||
        !provider_ready(a.p, err))
        return false;
    if (!is_possible(w, a.p))
        return true;
    /* Answers that are here already first: the provider may still list the
     * batch, but has them no more.  What it doesn't list last. */
    ok = look_into_spool(&a, TALE_KEPT, err) && look_at_list(&a, err) &&
         adopt_all(&a, err) && look_into_spool(&a, TALE_REQUESTS, err);
    free(a.list);
    return ok;
}

/* One that can't be asked now holds nothing up: its batches are few, and
 * looked for again. */
static bool look_at_section(struct worker *w, const char *section, double since,
                            struct adopt_report *report, struct error *err)
{
    const char *own = w->settings.section;
    bool ok;

    w->settings.section = section;
    ok = look(w, since, report, err);
    w->settings.section = own;
    if (ok || err->exit == EXIT_DATABASE)
        return ok;
    log_info("section_not_asked", "section=%s reason=%s", section,
             err->message);
    error_clear(err);
    return true;
}

bool adopt_look(struct worker *w, bool whole, struct adopt_report *report,
                struct error *err)
{
    const char *own = w->settings.section, *name = "";
    double since;
    size_t i = 0;

    memset(report, 0, sizeof(*report));
    if (!find_since(w, whole, &since, err) || !look(w, since, report, err))
        return false;
    while (w->settings.sections && name) {
        if (strcmp(name, own) != 0 &&
            !look_at_section(w, name, since, report, err))
            return false;
        name = w->settings.sections(w->settings.context, i++);
    }
    return true;
}

/* -- before a claim -- */

static bool is_due(const struct worker *w)
{
    const struct adopt_state *s = &w->adopted;

    return !s->done || s->session != db_sessions(w->db) ||
           w->clock->monotonic(w->clock) - s->at >= LOOK_AGAIN;
}

static bool must_wait(const struct adopt_report *r, struct error *err)
{
    error_exit(err, ERROR_REJECT, EXIT_RUNNING,
               "batch %.80s is of this site and unknown to the database; what "
               "it holds can't be seen before it has ended, so that nothing "
               "is claimed until then (batch.adopt=0: not to wait, and perhaps "
               "to pay twice)",
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
    if (!adopt_look(w, false, &r, err))
        return error_context(err, "looking for unknown batches (not without "
                                  "batch.adopt=0)");
    if (r.sealed)
        return must_wait(&r, err);
    if (r.unseen && !s->done)
        log_info("batches_unseen", "running=%lld one=%s", (long long)r.unseen,
                 r.waits);
    s->done = true;
    s->session = session;
    s->at = w->clock->monotonic(w->clock);
    return true;
}

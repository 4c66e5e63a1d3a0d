#include "batch/claim.h"

#include "base/digest.h"
#include "base/log.h"
#include "batch/adopt.h"
#include "batch/budget.h"
#include "batch/intent.h"
#include "batch/pause.h"
#include "batch/site.h"
#include "batch/store.h"
#include "db/rights.h"

/* Empty rows are marked in passing; not all of a large table at once. */
#define MARK_EMPTY 5000

struct claim_work {
    struct worker *w;
    struct batch *b;
    struct provider *provider;
    int64_t count;
    const char *since; /* NULL: rows that wait; else rows to be sent again */
    claim_told *told;  /* NULL = nobody is to be told */
    void *context;     /* its */
    int64_t won, skipped;
};

static bool tell(const struct claim_work *c, struct db *db, struct error *err)
{
    char text[160];

    if (c->won + c->skipped == 0)
        snprintf(text, sizeof(text), "no record waits");
    else
        snprintf(text, sizeof(text),
                 "batch %s: %lld records claimed, %lld without text", c->b->key,
                 (long long)c->won, (long long)c->skipped);
    return c->told(db, c->context, text, err);
}

static bool claim_within(struct db *db, struct claim_work *c, struct error *err)
{
    const struct db_value rows[] = {
        db_integer("count", c->count),
        db_text("batch", c->b->key),
        db_text("since", c->since),
        db_text("profile_hash", c->w->profile->hash),
    };
    const struct db_value empty[] = {
        db_integer("count", MARK_EMPTY),
        db_text("batch", c->b->key),
    };
    const struct batch_intent intent = { .key = c->b->key,
                                         .section = c->w->settings.section,
                                         .provider = c->provider,
                                         .detail = "rows are claimed",
                                         .held = true };

    c->won = c->skipped = 0;
    if (!store_lock(db, "vitae claim", err) ||
        !db_run(db, c->since ? "requeue_claim" : "claim_rows", rows,
                ARRAY_LEN(rows), &c->won, err))
        return false;
    if (!c->since &&
        !db_run(db, "claim_empty", empty, ARRAY_LEN(empty), &c->skipped, err))
        return false;
    if (c->won + c->skipped == 0)
        return true;
    return intent_insert(c->w, db, &intent, err) &&
           db_run(db, "claim_items", rows, ARRAY_LEN(rows), NULL, err);
}

/* Was it claimed by the run before, whose commit went unanswered?  Then what
 * that run counted holds. */
static bool is_claimed(const struct claim_work *c, struct db *db, bool *claimed,
                       struct error *err)
{
    struct batch b;

    *claimed = false;
    return !db_is_repeat(db) || store_find(db, c->b->key, &b, claimed, err);
}

static bool claim_body(struct db *db, void *context, struct error *err)
{
    struct claim_work *c = context;
    bool claimed = false;

    if (!is_claimed(c, db, &claimed, err))
        return false;
    if (claimed)
        return true;
    return claim_within(db, c, err) && (!c->told || tell(c, db, err));
}

static bool may_claim(const struct claim_work *c, struct error *err)
{
    const char *section = c->w->settings.section;
    bool paused = false;

    if (!pause_holds(c->w->db, section, c->provider->ops->name, &paused, err))
        return false;
    if (!paused)
        return true;
    error_set(err, ERROR_REJECT,
              "the provider %s is paused by a row of the command table; "
              "INSERT a resume there",
              section && section[0] ? section : c->provider->ops->name);
    error_code(err, "paused");
    return false;
}

static bool claim(struct claim_work *c, struct error *err)
{
    struct worker *w = c->w;
    struct batch *b = c->b;
    bool taken = false;

    memset(b, 0, sizeof(*b));
    if (!db_check_rights(w->db, err))
        return error_context(err, "nothing is sent");
    /* Others' providers may be opened for it: before ours. */
    if (!c->since && !adopt_before_claim(w, err))
        return false;
    if (!worker_provider(w, w->settings.section, &c->provider, err) ||
        !provider_ready(c->provider, err) ||
        !budget_knows_price(w, c->provider, err) || !may_claim(c, err) ||
        !site_key(w, b->key, err) ||
        !db_transaction(w->db, "claim", claim_body, c, NULL, err))
        return error_context(err, "claiming rows");
    if (c->won + c->skipped == 0) {
        b->key[0] = '\0';
        return true;
    }
    worker_made(w, b->key);
    log_info("batch_claimed", "batch=%s rows=%lld without_text=%lld", b->key,
             (long long)c->won, (long long)c->skipped);
    if (!worker_take(w, b, &taken, err))
        return false;
    if (!taken) {
        error_exit(err, ERROR_RETRY, EXIT_DATABASE,
                   "batch %s went to another worker", b->key);
        error_code(err, "lease");
        return false;
    }
    return true;
}

bool claim_batch(struct worker *w, int64_t count, struct batch *b,
                 struct error *err)
{
    struct claim_work c = { .w = w, .b = b, .count = count };

    return claim(&c, err);
}

bool claim_asked(struct worker *w, const char *section, int64_t count,
                 claim_told *told, void *context, struct batch *b,
                 struct error *err)
{
    struct claim_work c = {
        .w = w, .b = b, .count = count, .told = told, .context = context
    };
    const char *own = w->settings.section;
    bool ok;

    w->settings.section = section;
    ok = claim(&c, err);
    w->settings.section = own;
    return ok;
}

bool claim_again(struct worker *w, const char *since, int64_t count,
                 struct batch *b, struct error *err)
{
    struct claim_work c = { .w = w, .b = b, .count = count, .since = since };

    return claim(&c, err);
}

#include <string.h>

#include "base/log.h"
#include "db/connect.h"
#include "db/odbc.h"

const struct retry_policy odbc_policy = { .attempts = 8,
                                          .base = 0.2,
                                          .cap = 10 };

/* xorshift64*: spreads retries, decides nothing. */
static double spread(struct db *db)
{
    uint64_t x = db->chance | 1;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    db->chance = x;
    return (double)((x * 2685821657736338717u) >> 11) / 9007199254740992.0;
}

bool odbc_wait(struct db *db, const struct retry_policy *policy,
               const char *what, int tried, const struct error *err)
{
    double delay;

    if (flag_is_set(db->stop) || db->settings.at_once)
        return false;
    delay = retry_delay(policy, tried, err->retry_after, spread(db));
    if (delay < 0)
        return false;
    log_warn("database_retry", "what=%s try=%d code=%s native=%ld wait=%.2f",
             what, tried, err->code, err->native, delay);
    db->clock->sleep(db->clock, delay, db->stop);
    return !flag_is_set(db->stop);
}

bool db_is_repeat(const struct db *db)
{
    return db->is_repeat;
}

static void roll_back(struct db *db)
{
    struct error ignored;

    db->in_body = false;
    if (db->is_gone || !db->is_connected)
        return;
    /* The engine may have rolled back already (SQLite on a full disk) and
     * then refuse, or a transaction is still open: a new connection is the
     * one sure way out of both. */
    if (!odbc_direct(db, "rollback", dialect_of(db->engine)->rollback,
                     &ignored))
        db->is_gone = true;
}

static bool attempt(struct db *db, db_body *body, void *context,
                    struct error *err)
{
    const struct dialect *d = dialect_of(db->engine);
    bool ok;

    if (!odbc_ready(db, err) || !odbc_direct(db, "begin", d->begin, err))
        return false;
    db->in_body = true;
    ok = body(db, context, err);
    db_rows_close(&db->rows);
    /* A statement that failed dooms the transaction, whatever body made of
     * it: PostgreSQL answers COMMIT with success then and rolls back. */
    if (ok && db->has_failed) {
        *err = db->failure;
        ok = false;
    }
    if (!ok) {
        roll_back(db);
        return false;
    }
    if (odbc_direct(db, "commit", d->commit, err)) {
        db->in_body = false;
        return true;
    }
    db->is_repeat = db->is_repeat || db->is_unknown;
    roll_back(db);
    return false;
}

bool db_transaction(struct db *db, const char *name, db_body *body,
                    void *context, const struct retry_policy *policy,
                    struct error *err)
{
    bool ok = false, again = true;
    int tried;

    if (db->in_body || db->rows.prepared)
        return error_set(err, ERROR_SETUP,
                         "%s: a transaction or a result is open already", name);
    db->is_repeat = false;
    for (tried = 1; !ok && again; tried++) {
        db->has_failed = db->is_unknown = false;
        error_clear(&db->failure);
        ok = attempt(db, body, context, err);
        /* What body says by itself is no matter of trying again. */
        again = !ok && err->kind == ERROR_RETRY && db->has_failed &&
                odbc_wait(db, policy ? policy : &odbc_policy, name, tried, err);
    }
    db->is_repeat = false;
    return ok;
}

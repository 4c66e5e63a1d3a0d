/* Two connections on one SQLite file: who waits, and for how long. */
#include <string.h>

#include "db/db.h"
#include "db/statements.h"
#include "tests/db/hook.h"
#include "tests/db/site.h"
#include "tests/folder.h"
#include "tests/tap.h"

static struct error err;
static struct db *other; /* the connection in the way */
static volatile bool stop;

static const char *extra(const char *name)
{
    if (strcmp(name, "t_add") == 0)
        return "INSERT INTO t (id) VALUES (:id)";
    return strcmp(name, "t_ids") == 0 ? "SELECT id FROM t ORDER BY id" : NULL;
}

static struct db *open_with(struct hook *hook)
{
    struct db_settings settings = site_sqlite("busy.db");
    struct db *db = NULL;

    settings.lock_timeout = 0.1;
    ok(db_open(&db, &settings, &hook->clock, &stop, &err), "opened");
    return db;
}

static void let_go(void *context, int sleeps)
{
    (void)context;
    if (sleeps == 2)
        ok(site_exec(other, "COMMIT"), "the other one lets go");
}

static void never_mind(void *context, int sleeps)
{
    (void)context;
    (void)sleeps;
}

static void stop_now(void *context, int sleeps)
{
    (void)context;
    (void)sleeps;
    stop = true;
}

static bool add(struct db *db, int64_t id)
{
    const struct db_value values[] = { db_integer("id", id) };

    return db_run(db, "t_add", values, 1, NULL, &err);
}

static bool body(struct db *db, void *context, struct error *error)
{
    ++*(int *)context;
    if (add(db, 100 + *(int *)context))
        return true;
    *error = err;
    return false;
}

static void a_transaction_waits_for_the_lock(void)
{
    struct hook hook;
    struct db *db;
    int runs = 0;

    hook_init(&hook, let_go, NULL);
    db = open_with(&hook);
    site_exec(other, "BEGIN IMMEDIATE");
    ok(db_transaction(db, "test", body, &runs, NULL, &err), "it comes through");
    is_int(hook.sleeps, 2, "at the third try");
    is_int(runs, 1, "the body ran once: BEGIN had to wait");
    db_close(db);
}

static void a_statement_waits_too(void)
{
    struct hook hook;
    struct db *db;

    hook_init(&hook, let_go, NULL);
    db = open_with(&hook);
    site_exec(other, "BEGIN IMMEDIATE");
    ok(add(db, 1), "it comes through: %s", err.message);
    is_int(hook.sleeps, 2, "at the third try");
    db_close(db);
}

static void for_ever_is_too_long(void)
{
    const struct retry_policy twice = { .attempts = 3, .base = 0.01 };
    struct hook hook;
    struct db *db;
    int runs = 0;

    hook_init(&hook, never_mind, NULL);
    db = open_with(&hook);
    site_exec(other, "BEGIN IMMEDIATE");
    ok(!db_transaction(db, "test", body, &runs, &twice, &err) &&
           err.kind == ERROR_RETRY && strcmp(err.code, "busy") == 0,
       "it gives up: %s", err.message);
    is_int(hook.sleeps, 2, "after three tries");
    site_exec(other, "ROLLBACK");
    ok(add(db, 2), "and works again when it can");
    db_close(db);
}

static void who_is_told_to_stop_does_not_wait(void)
{
    struct hook hook;
    struct db *db;
    int runs = 0;

    hook_init(&hook, stop_now, NULL);
    db = open_with(&hook);
    site_exec(other, "BEGIN IMMEDIATE");
    ok(!db_transaction(db, "test", body, &runs, NULL, &err), "it ends");
    is_int(hook.sleeps, 1, "in its first wait");
    site_exec(other, "ROLLBACK");
    stop = false;
    db_close(db);
}

static void reading_is_in_nobody_s_way(void)
{
    struct hook hook;
    struct db_rows *rows;
    struct db *db;
    bool more = false;

    hook_init(&hook, never_mind, NULL);
    db = open_with(&hook);
    ok(db_query(db, "t_ids", NULL, 0, &rows, &err) &&
           db_rows_next(rows, &more, &err) && more,
       "one reads");
    ok(site_exec(other, "INSERT INTO t (id) VALUES (50)"), "the other writes");
    db_rows_close(rows);
    /* A read left open would make this one SQLITE_BUSY_SNAPSHOT. */
    ok(add(db, 51) && hook.sleeps == 0, "then the first one writes");
    db_close(db);
}

int main(void)
{
    folder_enter();
    statement_extra = extra;
    other = site_open_sqlite("busy.db");
    site_exec(other, "CREATE TABLE t (id integer PRIMARY KEY)");
    a_transaction_waits_for_the_lock();
    a_statement_waits_too();
    for_ever_is_too_long();
    who_is_told_to_stop_does_not_wait();
    reading_is_in_nobody_s_way();
    db_close(other);
    return tap_done();
}

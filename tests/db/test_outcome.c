/*
 * Every statement and every commit fails once, in each transient way, also
 * with the answer lost after the fact: what was to be done is done once.
 */
#include <string.h>

#include "db/db.h"
#include "db/statements.h"
#include "tests/db/hook.h"
#include "tests/db/odbc_shim.h"
#include "tests/db/site.h"
#include "tests/folder.h"
#include "tests/tap.h"

#define ROWS 2

static const struct shim_plan nothing = { 0 };
static struct hook hook; /* nobody sleeps */
static struct db *watch; /* looks on; the plan is off then */

static const char *extra(const char *name)
{
    static const char *const texts[][2] = {
        { "t_log", "INSERT INTO journal (id)"
                   " SELECT id FROM t WHERE id = :id AND state = 'new'" },
        { "t_do", "UPDATE t SET state = 'done', n = n + 1"
                  " WHERE id = :id AND state = 'new'" },
        { "t_left", "SELECT COUNT(*) FROM t WHERE state = 'new'" },
        { "t_touch", "-- repeatable\nUPDATE t SET touched = 1" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(texts); i++)
        if (strcmp(texts[i][0], name) == 0)
            return texts[i][1];
    return NULL;
}

static bool count_row(void *context, const struct db_rows *row,
                      struct error *err)
{
    (void)err;
    *(int64_t *)context = db_rows_integer(row, 0);
    return true;
}

struct job {
    int64_t id;
    int repeats; /* how often it was told that a commit is unknown */
};

static bool body(struct db *db, void *context, struct error *err)
{
    struct job *job = context;
    const struct db_value values[] = { db_integer("id", job->id) };

    job->repeats += db_is_repeat(db);
    return db_run(db, "t_log", values, 1, NULL, err) &&
           db_run(db, "t_do", values, 1, NULL, err);
}

/* The work: two transactions, a SELECT, a statement that may be repeated.
 * err tells why not. */
static bool work(struct db *db, int *repeats, struct error *err)
{
    struct job job = { 0 };
    int64_t left = -1;

    for (job.id = 1; job.id <= ROWS; job.id++)
        if (!db_transaction(db, "job", body, &job, NULL, err))
            return false;
    *repeats = job.repeats;
    if (!db_each(db, "t_left", NULL, 0, count_row, &left, NULL, err) ||
        !db_run(db, "t_touch", NULL, 0, NULL, err))
        return false;
    return left == 0 || error_set(err, ERROR_SETUP, "%d are left", (int)left);
}

static void begin_anew(void)
{
    shim_set(&nothing);
    if (!site_exec(watch, "DELETE FROM t") ||
        !site_exec(watch, "DELETE FROM journal") ||
        !site_exec(watch, "INSERT INTO t (id, state, n) VALUES (1, 'new', 0),"
                          " (2, 'new', 0)"))
        ok(false, "it begins anew");
}

/* Each row done once, and once in the journal; or, half way, not at all. */
static bool is_sound(bool whole)
{
    const char *once = "SELECT COUNT(*) FROM t WHERE state = 'done' AND n = 1"
                       " AND (SELECT COUNT(*) FROM journal j"
                       " WHERE j.id = t.id) = 1";
    const char *half = "SELECT COUNT(*) FROM t WHERE (state = 'done')"
                       " <> (n = 1) OR n > 1 OR (SELECT COUNT(*)"
                       " FROM journal j WHERE j.id = t.id) <> n";

    shim_set(&nothing);
    return strcmp(site_get(watch, half), "0") == 0 &&
           (!whole || strcmp(site_get(watch, once), "2") == 0);
}

static const struct {
    const char *why;
    enum shim_how how;
    const char *state;
    long native;
} faults[] = {
    { "deadlock", SHIM_ROLLED_BACK, "40P01", 0 },
    { "serialization", SHIM_REFUSE, "40001", 0 },
    { "a lock timeout", SHIM_REFUSE, "55P03", 5 },
    { "a time-out that was none", SHIM_LOST_AFTER, "HYT00", 0 },
    { "a time-out", SHIM_LOST_BEFORE, "HYT00", 0 },
    { "a connection lost before", SHIM_LOST_BEFORE, "08S01", 0 },
    { "a connection lost after", SHIM_LOST_AFTER, "08S01", 0 },
    { "an error without a name, the connection dead", SHIM_LOST_AFTER, "HY000",
      0 },
};

static bool once(struct db *db, size_t fault, long at, bool commits,
                 long *calls, int *repeats)
{
    struct shim_plan plan = { .at = at,
                              .times = 1,
                              .commits_only = commits,
                              .how = faults[fault].how,
                              .native = faults[fault].native };
    struct error err = { 0 };
    bool good;

    snprintf(plan.state, sizeof(plan.state), "%s", faults[fault].state);
    begin_anew();
    shim_set(&plan);
    good = work(db, repeats, &err);
    *calls = shim_count();
    if (!good)
        tap_note("%s at %ld: %s", faults[fault].why, at, err.message);
    if (is_sound(true))
        return good;
    tap_note("%s at %ld: not sound", faults[fault].why, at);
    return false;
}

static void at_every_statement(struct db *db)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(faults); i++) {
        long calls = 1, at;
        int repeats, bad = 0;

        for (at = 1; at <= calls; at++)
            bad += !once(db, i, at, false, &calls, &repeats);
        ok(!bad && at > 10, "%s at each of %ld statements", faults[i].why,
           at - 1);
    }
}

static void at_every_commit(struct db *db)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(faults); i++) {
        int repeats = 0, told = 0, bad = 0;
        long calls, at;

        for (at = 1; at <= ROWS; at++) {
            bad += !once(db, i, at, true, &calls, &repeats);
            told += repeats > 0;
        }
        ok(!bad, "%s at each commit", faults[i].why);
        /* The body is told when it may find its work done. */
        is_int(told, faults[i].how >= SHIM_LOST_BEFORE ? ROWS : 0,
               "%s: the body was told", faults[i].why);
    }
}

static void a_fault_that_stays(struct db *db)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(faults); i++) {
        struct shim_plan plan = { .at = 8,
                                  .how = faults[i].how,
                                  .native = faults[i].native };
        struct error err = { 0 };
        int repeats;
        long calls;

        snprintf(plan.state, sizeof(plan.state), "%s", faults[i].state);
        begin_anew();
        shim_set(&plan);
        ok(!work(db, &repeats, &err) && err.kind == ERROR_RETRY,
           "%s for ever: %s", faults[i].why, err.message);
        calls = shim_count();
        ok(calls < 100 && is_sound(false),
           "%s for ever: %ld calls, nothing half", faults[i].why, calls);
    }
}

static void check(enum db_engine engine)
{
    struct db_settings settings;
    struct error err;
    struct db *db;

    watch = site_open(engine);
    if (!watch) {
        site_missing(engine);
        return;
    }
    site_exec(watch, "CREATE TABLE t (id int PRIMARY KEY, state varchar(9),"
                     " n int, touched int)");
    site_exec(watch, "CREATE TABLE journal (id int)");
    if (engine == DB_SQLITE)
        site_exec(watch, "PRAGMA synchronous = OFF");
    site_settings(engine, &settings);
    ok(db_open(&db, &settings, &hook.clock, NULL, &err), "opened");
    at_every_statement(db);
    at_every_commit(db);
    a_fault_that_stays(db);
    db_close(db);
    db_close(watch);
}

int main(int argc, char **argv)
{
    (void)argc;
    site_with_postgres(argv, true);
    folder_enter();
    hook_init(&hook, NULL, NULL);
    statement_extra = extra;
    check(DB_SQLITE);
    check(DB_POSTGRESQL);
    return tap_done();
}

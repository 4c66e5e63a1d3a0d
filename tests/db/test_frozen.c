/*
 * A server that stands still, its connections open: nobody waits for ever.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/db.h"
#include "db/statements.h"
#include "tests/db/hook.h"
#include "tests/db/site.h"
#include "tests/folder.h"
#include "tests/tap.h"

#define PATIENCE 120 /* seconds: else it would wait for ever */
#define LIMIT 1.0    /* of a statement; the watchdog adds one */

static struct hook hook; /* nobody sleeps between tries */

static const char *extra(const char *name)
{
    static const char *const texts[][2] = {
        { "t_bump", "-- repeatable\nUPDATE t SET n = n + 1" },
        { "t_add", "UPDATE t SET n = n + 1" },
        { "t_pid", "SELECT pg_backend_pid()" },
        { "t_many", "SELECT generate_series(1, 5000)" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(texts); i++)
        if (strcmp(texts[i][0], name) == 0)
            return texts[i][1];
    return NULL;
}

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool take_number(void *context, const struct db_rows *row,
                        struct error *err)
{
    (void)err;
    *(int64_t *)context = db_rows_integer(row, 0);
    return true;
}

static pid_t backend(struct db *db)
{
    int64_t pid = 0;
    struct error err;

    if (!db_each(db, "t_pid", NULL, 0, take_number, &pid, NULL, &err))
        ok(false, "its backend: %s", err.message);
    return (pid_t)pid;
}

static bool add(struct db *db, void *context, struct error *err)
{
    (void)context;
    return db_run(db, "t_add", NULL, 0, NULL, err);
}

/* The backend of this connection stands still; others are made. */
static void a_frozen_backend(struct db *db)
{
    struct error err = { 0 };
    pid_t pid = backend(db);
    double begun = now();

    kill(pid, SIGSTOP);
    ok(db_run(db, "t_bump", NULL, 0, NULL, &err),
       "a statement goes on by another connection %s", err.message);
    ok(now() - begun < PATIENCE, "after %.1f s", now() - begun);
    kill(pid, SIGCONT);
    pid = backend(db);
    begun = now();
    kill(pid, SIGSTOP);
    ok(db_transaction(db, "add", add, NULL, NULL, &err),
       "so does a transaction %s", err.message);
    ok(now() - begun < PATIENCE, "after %.1f s", now() - begun);
    kill(pid, SIGCONT);
}

/* In the middle of a result that comes in portions. */
static void a_frozen_result(struct db *db)
{
    struct error err = { 0 };
    struct db_rows *rows = NULL;
    bool more = true, good;
    pid_t pid = backend(db);
    double begun;
    int i;

    ok(db_query(db, "t_many", NULL, 0, &rows, &err), "a long result");
    for (i = 0; i < 10; i++)
        good = db_rows_next(rows, &more, &err);
    kill(pid, SIGSTOP);
    begun = now();
    while ((good = db_rows_next(rows, &more, &err)) && more)
        continue;
    db_rows_close(rows);
    kill(pid, SIGCONT);
    ok(!good && err.kind == ERROR_RETRY, "the rest is refused: %s",
       err.message);
    ok(now() - begun < PATIENCE, "after %.1f s", now() - begun);
}

/* The postmaster too: connecting waits for its own limit. */
static void a_frozen_server(struct db *db, pid_t postmaster)
{
    static const struct retry_policy twice = { .attempts = 2 };
    struct error err = { 0 };
    pid_t pid = backend(db);
    double begun = now();

    kill(postmaster, SIGSTOP);
    kill(pid, SIGSTOP);
    ok(!db_transaction(db, "add", add, NULL, &twice, &err) &&
           err.kind == ERROR_RETRY,
       "a server that stands still is given up: %s", err.message);
    ok(now() - begun < PATIENCE, "after %.1f s", now() - begun);
    kill(postmaster, SIGCONT);
    kill(pid, SIGCONT);
    ok(db_run(db, "t_bump", NULL, 0, NULL, &err), "and used when it goes on %s",
       err.message);
}

int main(int argc, char **argv)
{
    struct db_settings settings;
    struct error err = { 0 };
    const char *control;
    char path[600];
    struct db *watch, *db;
    FILE *f;
    int postmaster = 0;

    (void)argc;
    site_with_postgres(argv, false);
    folder_enter();
    hook_init(&hook, NULL, NULL);
    statement_extra = extra;
    watch = site_open(DB_POSTGRESQL);
    control = getenv("VITAE_TEST_PG_CONTROL");
    if (!watch || !control)
        tap_skip_all("no PostgreSQL here");
    site_exec(watch, "CREATE TABLE t (n int)");
    site_exec(watch, "INSERT INTO t VALUES (0)");
    db_close(watch);
    site_settings(DB_POSTGRESQL, &settings);
    settings.statement_timeout = LIMIT;
    settings.login_timeout = 3;
    ok(db_open(&db, &settings, &hook.clock, NULL, &err), "opened %s",
       err.message);
    a_frozen_backend(db);
    a_frozen_result(db);
    snprintf(path, sizeof(path), "%.*s/data/postmaster.pid",
             (int)(strrchr(control, '/') - control), control);
    f = fopen(path, "r");
    if (ok(f && fscanf(f, "%d", &postmaster) == 1, "the server's process"))
        a_frozen_server(db, postmaster);
    if (f)
        fclose(f);
    db_close(db);
    return tap_done();
}

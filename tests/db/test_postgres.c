/*
 * A real PostgreSQL server of the test's own: deadlocks, serialization,
 * lock timeouts, terminated backends, a server that goes and comes.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "db/attributes.h"
#include "db/connect.h"
#include "db/db.h"
#include "db/statements.h"
#include "tests/db/hook.h"
#include "tests/db/site.h"
#include "tests/folder.h"
#include "tests/tap.h"

static struct db *other;

static const char *extra(const char *name)
{
    static const char *const texts[][2] = {
        { "t_add", "INSERT INTO t (id, n) VALUES (:id, 0)" },
        { "t_bump", "UPDATE t SET n = n + 1 WHERE id = :id" },
        { "t_sum", "SELECT SUM(n) FROM t" },
        { "t_snapshot", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE" },
        { "t_readonly", "SET default_transaction_read_only = on" },
        { "t_pid", "SELECT pg_backend_pid()" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(texts); i++)
        if (strcmp(texts[i][0], name) == 0)
            return texts[i][1];
    return NULL;
}

static struct db *open_with(struct clock *clock, double lock_timeout)
{
    struct db_settings settings;
    struct error err = { 0 };
    struct db *db = NULL;

    site_settings(DB_POSTGRESQL, &settings);
    settings.lock_timeout = lock_timeout;
    if (!db_open(&db, &settings, clock, NULL, &err))
        ok(false, "opened: %s", err.message);
    return db;
}

static bool with_id(struct db *db, const char *statement, int64_t id,
                    struct error *err)
{
    const struct db_value values[] = { db_integer("id", id) };

    return db_run(db, statement, values, 1, NULL, err);
}

static bool take_number(void *context, const struct db_rows *row,
                        struct error *err)
{
    (void)err;
    *(int64_t *)context = db_rows_integer(row, 0);
    return true;
}

static int64_t number(struct db *db, const char *statement)
{
    struct error err = { 0 };
    int64_t n = -1;

    if (!db_each(db, statement, NULL, 0, take_number, &n, NULL, &err))
        tap_note("%s", err.message);
    return n;
}

static void control(const char *what)
{
    char command[4096];
    FILE *f;

    /* The banned list has no popen(): a script by fork is more than a test
     * needs. */
    snprintf(command, sizeof(command), "%s %s >/dev/null 2>&1",
             getenv("VITAE_TEST_PG_CONTROL"), what);
    f = (popen)(command, "r");
    if (f)
        pclose(f);
}

/* Two workers that want the same rows the other way round. */
struct worker {
    pthread_barrier_t *barrier;
    struct hook hook;
    int64_t first, second;
    int runs;
    bool serializable;
    bool good;
};

static bool cross(struct db *db, void *context, struct error *err)
{
    struct worker *w = context;

    w->runs++;
    if (w->serializable && (!db_run(db, "t_snapshot", NULL, 0, NULL, err) ||
                            number(db, "t_sum") < 0))
        return false;
    if (!with_id(db, "t_bump", w->first, err))
        return false;
    if (w->runs == 1)
        pthread_barrier_wait(w->barrier);
    return w->second == 0 || with_id(db, "t_bump", w->second, err);
}

static void *work(void *context)
{
    struct worker *w = context;
    struct error err = { 0 };
    struct db *db;

    hook_init(&w->hook, NULL, NULL);
    db = open_with(&w->hook.clock, 5);
    w->good = db_transaction(db, "cross", cross, w, NULL, &err);
    if (!w->good)
        tap_note("%s", err.message);
    db_close(db);
    return NULL;
}

static void both_come_through(const char *what, bool serializable, int64_t a1,
                              int64_t a2, int64_t b1, int64_t b2)
{
    pthread_barrier_t barrier;
    struct worker a = { .barrier = &barrier,
                        .first = a1,
                        .second = a2,
                        .serializable = serializable };
    struct worker b = { .barrier = &barrier,
                        .first = b1,
                        .second = b2,
                        .serializable = serializable };
    int64_t before = number(other, "t_sum");
    pthread_t thread;

    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, work, &a);
    work(&b);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
    ok(a.good && b.good, "%s: both come through", what);
    /* On a busy machine the two may meet more than once. */
    ok(a.runs + b.runs >= 3, "%s: one had to run again (%d)", what,
       a.runs + b.runs);
    is_int(number(other, "t_sum") - before, 2 + (a2 != 0) + (b2 != 0),
           "%s: each wrote once", what);
}

static void let_go(void *context, int sleeps)
{
    (void)context;
    if (sleeps == 2)
        site_exec(other, "COMMIT");
}

static void a_lock_is_not_waited_for_for_ever(void)
{
    struct error err = { 0 };
    struct hook hook;
    struct db *db;

    hook_init(&hook, let_go, NULL);
    db = open_with(&hook.clock, 0.1);
    site_exec(other, "BEGIN");
    site_exec(other, "UPDATE t SET n = n WHERE id = 1");
    ok(with_id(db, "t_bump", 1, &err), "it comes through: %s", err.message);
    is_int(hook.sleeps, 2, "after two timeouts");
    db_close(db);
}

/* What ends the connection of a body, in its first run. */
struct killing {
    int runs;
    bool whole_server;
    int64_t first; /* of the keys it adds */
};

static void kill_backend(int64_t pid)
{
    char sql[80];

    snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld, 5000)",
             (long long)pid);
    site_exec(other, sql);
}

static bool killed_body(struct db *db, void *context, struct error *err)
{
    struct killing *k = context;

    k->runs++;
    if (!with_id(db, "t_add", k->first + k->runs, err))
        return false;
    if (k->runs == 1 && k->whole_server)
        control("crash");
    else if (k->runs == 1)
        kill_backend(number(db, "t_pid"));
    return with_id(db, "t_bump", 1, err);
}

static void a_terminated_backend_is_replaced(void)
{
    struct killing k = { .first = 100 };
    struct error err = { 0 };
    struct hook hook;
    struct db *db;

    hook_init(&hook, NULL, NULL);
    db = open_with(&hook.clock, 5);
    ok(db_transaction(db, "killed", killed_body, &k, NULL, &err),
       "in the middle of a transaction: %s", err.message);
    is_int(k.runs, 2, "the body ran again");
    is_str(
        site_get(other, "SELECT COUNT(*) FROM t WHERE id BETWEEN 101 AND 109"),
        "1", "what the first one did is gone");
    kill_backend(number(db, "t_pid"));
    ok(number(db, "t_sum") > 0, "a SELECT on a dead connection runs again");
    kill_backend(number(db, "t_pid"));
    ok(!with_id(db, "t_bump", 1, &err) && err.kind == ERROR_RETRY &&
           strcmp(err.code, "lost") == 0,
       "an UPDATE may have been done: %s", err.message);
    ok(with_id(db, "t_bump", 1, &err), "the next one has a new connection");
    db_close(db);
}

static void start_again(void *context, int sleeps)
{
    (void)context;
    if (sleeps == 3)
        control("start");
}

static void a_server_may_go_and_come(void)
{
    struct killing k = { .whole_server = true, .first = 200 };
    struct error err = { 0 };
    struct hook hook;
    struct db *db;

    hook_init(&hook, start_again, NULL);
    db = open_with(&hook.clock, 5);
    ok(db_transaction(db, "restarted", killed_body, &k, NULL, &err),
       "a transaction outlives its server: %s", err.message);
    ok(hook.sleeps >= 3, "it waited while there was none (%d)", hook.sleeps);
    db_close(db);
    db_close(other);
    other = site_open(DB_POSTGRESQL);
    is_str(
        site_get(other, "SELECT COUNT(*) FROM t WHERE id BETWEEN 201 AND 209"),
        "1", "and left its row once");
}

static const struct {
    const char *why;
    const char *port, *database, *user, *ssl;
    enum error_kind kind;
    const char *code;
} refusals[] = {
    { "nobody at the port", "1", "postgres", "postgres", "disable", ERROR_RETRY,
      "unreachable" },
    { "no such database", NULL, "nowhere", "postgres", "disable", ERROR_SETUP,
      "no_database" },
    { "no such user", NULL, "postgres", "nobody_here", "disable", ERROR_SETUP,
      "login" },
    { "a server without TLS, which is required", NULL, "postgres", "postgres",
      NULL, ERROR_SETUP, "encryption" },
};

static void a_refusal_says_why(void)
{
    struct db_settings settings;
    struct strbuf driver;
    struct hook hook;
    char text[600];
    size_t i;

    site_settings(DB_POSTGRESQL, &settings);
    strbuf_init(&driver, KIB);
    attributes_value(settings.connection, "Driver", &driver);
    hook_init(&hook, NULL, NULL);
    for (i = 0; i < ARRAY_LEN(refusals); i++) {
        struct error err = { 0 };
        struct db *db;

        snprintf(text, sizeof(text),
                 "Driver=%s;Server=127.0.0.1;Port=%s;Database=%s;UID=%s%s%s",
                 driver.data,
                 refusals[i].port ? refusals[i].port
                                  : getenv("VITAE_TEST_PG_PORT"),
                 refusals[i].database, refusals[i].user,
                 refusals[i].ssl ? ";SSLmode=" : "",
                 refusals[i].ssl ? refusals[i].ssl : "");
        settings.connection = text;
        ok(!db_open(&db, &settings, &hook.clock, NULL, &err) && !db &&
               err.exit == EXIT_DATABASE && err.kind == refusals[i].kind &&
               strcmp(err.code, refusals[i].code) == 0,
           "%s: %s", refusals[i].why, err.message);
    }
    is_int(hook.sleeps, 0, "all said at once");
    strbuf_release(&driver);
}

/* What a run waits out, a look tells. */
static void a_look_does_not_try_again(void)
{
    struct db_settings settings;
    struct error err = { 0 };
    struct hook hook;
    struct db *db;

    hook_init(&hook, NULL, NULL);
    ok(site_settings(DB_POSTGRESQL, &settings), "settings");
    settings.at_once = true;
    ok(db_open(&db, &settings, &hook.clock, NULL, &err) &&
           db_run(db, "t_readonly", NULL, 0, NULL, &err),
       "read-only now: %s", err.message);
    ok(!with_id(db, "t_bump", 1, &err) && hook.sleeps == 0 &&
           strcmp(err.code, "read_only") == 0,
       "said at once: %s", err.message);
    db_close(db);
}

static void a_standby_is_left(void)
{
    struct error err = { 0 };
    struct hook hook;
    struct db *db;

    hook_init(&hook, NULL, NULL);
    db = open_with(&hook.clock, 5);
    ok(db_run(db, "t_readonly", NULL, 0, NULL, &err), "read-only now");
    ok(with_id(db, "t_bump", 1, &err) && hook.sleeps == 1,
       "a new connection finds one that writes: %s", err.message);
    db_close(db);
}

int main(int argc, char **argv)
{
    (void)argc;
    site_with_postgres(argv, false);
    if (!getenv("VITAE_TEST_PGSQL"))
        tap_skip_all("needs srcdir and with_postgres.sh");
    folder_enter();
    statement_extra = extra;
    other = site_open(DB_POSTGRESQL);
    if (!other)
        return tap_done();
    site_exec(other, "CREATE TABLE t (id int PRIMARY KEY, n int)");
    site_exec(other, "INSERT INTO t VALUES (1, 1), (2, 2), (3, 0), (4, 0)");
    both_come_through("deadlock", false, 1, 2, 2, 1);
    both_come_through("serialization", true, 3, 0, 4, 0);
    a_lock_is_not_waited_for_for_ever();
    a_look_does_not_try_again();
    a_standby_is_left();
    a_terminated_backend_is_replaced();
    a_refusal_says_why();
    a_server_may_go_and_come();
    db_close(other);
    return tap_done();
}

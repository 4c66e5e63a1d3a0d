/* What may be wrong with the file of the embedded database. */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "db/db.h"
#include "db/statements.h"
#include "tests/db/hook.h"
#include "tests/db/site.h"
#include "tests/folder.h"
#include "tests/tap.h"

static struct error err;
static struct hook hook;

static const char ini[] = "[slip]\nDriver=SQLite3\nDatabase=slip.db\n";

static const char *extra(const char *name)
{
    return strcmp(name, "t_add") == 0 ? "INSERT INTO t (body) VALUES (:body)"
                                      : NULL;
}

static bool opens(const char *file, struct db **db)
{
    struct db_settings settings = site_sqlite(file);

    hook_init(&hook, NULL, NULL);
    error_clear(&err);
    return db_open(db, &settings, &hook.clock, NULL, &err);
}

static void no_folder(void)
{
    struct db *db;

    ok(!opens("nowhere/at/all.db", &db) && err.kind == ERROR_SETUP &&
           strcmp(err.code, "no_database") == 0 && err.exit == EXIT_DATABASE,
       "no such folder: %s", err.message);
    is_int(hook.sleeps, 0, "said at once");
}

static void not_made_by_a_slip(void)
{
    static const char *const ways[] = { "Driver=SQLite3;Database=slip.db",
                                        "DSN=slip" };
    struct db_settings settings = site_sqlite("slip.db");
    struct db *db;
    size_t i;

    /* Its cache of a data source's lines is found by leak checkers only while
     * the library is there, and the driver would take it along. */
    (void)dlopen("libodbcinst.so.2", RTLD_LAZY | RTLD_NODELETE);
    settings.must_exist = true;
    ok(file_write("odbc.ini", ini, strlen(ini), &err), "a data source");
    setenv("ODBCINI", "odbc.ini", 1);
    for (i = 0; i < ARRAY_LEN(ways); i++) {
        settings.connection = (char *)ways[i];
        hook_init(&hook, NULL, NULL);
        ok(!db_open(&db, &settings, &hook.clock, NULL, &err) &&
               err.kind == ERROR_SETUP && err.exit == EXIT_DATABASE,
           "%s: %s", ways[i], err.message);
        is_int(file_exists("slip.db"), false, "no file is made");
        is_int(hook.sleeps, 0, "said at once");
    }
    settings.connection = (char *)ways[0];
    (void)!db_open(&db, &settings, &hook.clock, NULL, &err);
    ok(strstr(err.message, "slip.db in /") && strstr(err.message, "vitae init"),
       "the file, its folder and the cure are named");
    settings.must_exist = false;
    ok(db_open(&db, &settings, &hook.clock, NULL, &err), "made when it may be");
    db_close(db);
}

static void not_a_database(void)
{
    struct db *db;

    ok(file_write("letter.txt", "Dear Sir or Madam, this is no database.", 39,
                  &err),
       "a letter");
    ok(!opens("letter.txt", &db) && err.kind == ERROR_SETUP &&
           strcmp(err.code, "corrupt") == 0,
       "not a database: %s", err.message);
}

static void not_to_be_written(void)
{
    const struct db_value values[] = { db_text("body", "x") };
    struct db *db = NULL;

    if (geteuid() == 0) {
        tap_note("read-only files are not tried: root may write all");
        return;
    }
    chmod("test.db", 0400);
    chmod(".", 0500);
    ok(!opens("test.db", &db) || (!db_run(db, "t_add", values, 1, NULL, &err)),
       "read-only: %s", err.message);
    ok(err.kind == ERROR_SETUP, "an operator's matter");
    db_close(db);
    chmod(".", 0700);
    chmod("test.db", 0600);
}

static bool add_much(struct db *db, void *context, struct error *error)
{
    static char body[100000];
    const struct db_value values[] = { db_text_len("body", body,
                                                   sizeof(body)) };
    int i;

    ++*(int *)context;
    memset(body, 'x', sizeof(body));
    for (i = 0; i < 40; i++)
        if (!db_run(db, "t_add", values, 1, NULL, error))
            return false;
    return true;
}

/* A limit on the size of files fails writes as a full disk does. */
static void no_room(struct db *db)
{
    struct rlimit all, little;
    int runs = 0;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &all);
    little = all;
    little.rlim_cur = 1000000;
    setrlimit(RLIMIT_FSIZE, &little);
    ok(!db_transaction(db, "much", add_much, &runs, NULL, &err) &&
           err.kind == ERROR_SETUP,
       "no room: %s", err.message);
    is_int(runs, 1, "not tried again");
    setrlimit(RLIMIT_FSIZE, &all);
    is_str(site_get(db, "SELECT COUNT(*) FROM t"), "0",
           "nothing is half there");
    ok(db_transaction(db, "much", add_much, &runs, NULL, &err),
       "with room again it works: %s", err.message);
    is_str(site_get(db, "SELECT COUNT(*) FROM t"), "40", "all of it");
    is_str(site_get(db, "PRAGMA integrity_check"), "ok", "the file is sound");
}

int main(void)
{
    struct db *db;

    folder_enter();
    statement_extra = extra;
    db = site_open_sqlite("test.db");
    site_exec(db, "CREATE TABLE t (id integer PRIMARY KEY, body text)");
    no_folder();
    not_made_by_a_slip();
    not_a_database();
    no_room(db);
    db_close(db);
    not_to_be_written();
    return tap_done();
}

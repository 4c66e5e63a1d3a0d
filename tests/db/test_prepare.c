/*
 * Every statement of sql/ is prepared and run on each engine at hand, with
 * the tables that vitae init makes: a wrong column or a slip of one dialect
 * shows here, not at a user's.  What it would change is rolled back.
 */
#include <string.h>

#include "db/dialect.h"
#include "db/init.h"
#include "db/odbc.h"
#include "db/scan.h"
#include "db/statements.h"
#include "tests/db/site.h"
#include "tests/folder.h"
#include "tests/tap.h"

static bool none(void *context, const struct db_rows *row, struct error *err)
{
    (void)context, (void)row, (void)err;
    return true;
}

/* Runs it as far as it goes and rolls back. */
static bool run_and_undo(struct db *db, void *context, struct error *err)
{
    struct db_value values[200];
    struct prepared *p;
    size_t i;

    if (!odbc_prepare(db, context, &p, err))
        return false;
    for (i = 0; i < p->statement.parameter_count && i < 200; i++)
        values[i] = site_value(p->statement.parameters[i]);
    if (!db_each(db, context, values, i, none, NULL, NULL, err))
        return false;
    return error_set(err, ERROR_REJECT, "rolled back");
}

static void runs(struct db *db, const char *name)
{
    struct error err = { 0 };

    if (site_is_script(name) || !statement_text(name, db_engine(db)))
        return;
    ok(!db_transaction(db, name, run_and_undo, (char *)name, NULL, &err) &&
           err.kind == ERROR_REJECT,
       "%s: %s", name, err.message);
}

static void every_statement_runs(enum db_engine engine)
{
    struct db *db = site_open(engine);
    const char *name, *dialect, *last = "";
    size_t i;

    if (!db) {
        site_missing(engine);
        return;
    }
    tap_note("%s", db_description(db));
    site_init(db);
    for (i = 0; statement_file(i, &name, &dialect); i++) {
        if (strcmp(name, last) != 0)
            runs(db, name);
        last = name;
    }
    db_close(db);
}

/* Those of vitae run, on the tables that job.db has. */
static void every_statement_of_a_job_runs(void)
{
    struct db *db = site_open(DB_SQLITE);
    struct error err = { 0 };
    const char *name, *dialect;
    size_t i;

    if (!db) {
        site_missing(DB_SQLITE);
        return;
    }
    site_init(db);
    ok(db_set_name(db, "job", "job", &err) &&
           db_set_name(db, "source", "record", &err) &&
           db_run_script(db, "job_make", &err),
       "the tables of a job are made: %s", err.message);
    for (i = 0; statement_file(i, &name, &dialect); i++) {
        err.kind = ERROR_NONE;
        if (strncmp(name, "job_", 4) == 0 && strcmp(name, "job_make") != 0)
            ok(!db_transaction(db, name, run_and_undo, (char *)name, NULL,
                               &err) &&
                   err.kind == ERROR_REJECT,
               "%s: %s", name, err.message);
    }
    db_close(db);
}

/* What init --grants prints is enough for the day's work. */
static void the_least_rights_do(void)
{
    static const char *const more[] = { "schema_add" };
    struct db *db = site_open(DB_POSTGRESQL), *least;
    struct db_settings settings;
    struct strbuf grants;
    struct error err = { 0 };
    const char *name, *dialect, *last = "";
    size_t i;

    if (!db)
        return;
    strbuf_init(&grants, MIB);
    site_exec(db, "CREATE ROLE least LOGIN");
    ok(db_grants(db, "aicandidate", "least", &grants, &err) &&
           site_script(db, grants.data),
       "rights are granted: %s", err.message);
    site_settings(DB_POSTGRESQL, &settings);
    settings.connection = site_other_login("least");
    if (ok(db_open(&least, &settings, &clock_system, NULL, &err),
           "that login works: %s", err.message)) {
        site_names(least);
        for (i = 0; statement_file(i, &name, &dialect); i++) {
            if (strcmp(name, last) != 0 && strcmp(name, more[0]) != 0)
                runs(least, name);
            last = name;
        }
        db_close(least);
    }
    strbuf_release(&grants);
    db_close(db);
}

static bool begins(const char *text, const char *word)
{
    return strncasecmp(text, word, strlen(word)) == 0;
}

/* libsqliteodbc with StepAPI=1 answers SQL_SUCCESS to WITH ... INSERT and
 * never runs it. */
static void no_write_on_sqlite_begins_with_with(void)
{
    const char *name, *dialect, *text;
    size_t i;

    for (i = 0; (text = statement_file(i, &name, &dialect)); i++) {
        struct strbuf plain;

        strbuf_init(&plain, STATEMENT_CEILING);
        sql_strip(text, strlen(text), DB_SQLITE, &plain);
        if (begins(plain.data, "WITH"))
            ok(false, "%s.%s begins with WITH", name, dialect);
        strbuf_release(&plain);
    }
    ok(true, "no statement begins with WITH");
}

int main(int argc, char **argv)
{
    (void)argc;
    site_with_postgres(argv, true);
    folder_enter();
    no_write_on_sqlite_begins_with_with();
    every_statement_runs(DB_SQLITE);
    every_statement_of_a_job_runs();
    every_statement_runs(DB_POSTGRESQL);
    the_least_rights_do();
    every_statement_runs(DB_MSSQL);
    return tap_done();
}

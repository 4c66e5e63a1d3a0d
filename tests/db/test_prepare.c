/*
 * Every statement of sql/ is prepared on each engine at hand, with the tables
 * that vitae init makes: a wrong column or a slip of one dialect shows here,
 * not at a user's.
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

static bool is_script(const char *name)
{
    static const char *const scripts[] = { "session", "grants", "schema_make",
                                           "source_make", "source_add" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(scripts); i++)
        if (strcmp(scripts[i], name) == 0)
            return true;
    return name[0] >= '0' && name[0] <= '9';
}

static void prepares(struct db *db, const char *name)
{
    struct error err = { 0 };
    struct prepared *p;

    if (is_script(name) || !statement_text(name, db_engine(db)))
        return;
    ok(odbc_prepare(db, name, &p, &err), "%s: %s", name, err.message);
}

static void every_statement_prepares(enum db_engine engine)
{
    struct db *db = site_open(engine);
    const char *name, *dialect, *last = "";
    size_t i;

    if (!db) {
        tap_skip("no %s at hand", dialect_of(engine)->title);
        return;
    }
    tap_note("%s", db_description(db));
    site_init(db);
    for (i = 0; statement_file(i, &name, &dialect); i++) {
        if (strcmp(name, last) != 0)
            prepares(db, name);
        last = name;
    }
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

int main(void)
{
    folder_enter();
    no_write_on_sqlite_begins_with_with();
    every_statement_prepares(DB_SQLITE);
    every_statement_prepares(DB_POSTGRESQL);
    every_statement_prepares(DB_MSSQL);
    return tap_done();
}

#include "tests/db/site.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "db/attributes.h"
#include "db/connect.h"
#include "db/init.h"
#include "db/odbc.h"
#include "db/scan.h"
#include "db/script.h"
#include "db/statements.h"
#include "tests/tap.h"

void site_with_postgres(char **argv, bool optional)
{
    const char *srcdir = getenv("srcdir");
    char script[4096];

    if (!srcdir || getenv("VITAE_TEST_PGSQL"))
        return;
    snprintf(script, sizeof(script), "%s/tests/db/with_postgres.sh", srcdir);
    if (optional)
        execlp("sh", "sh", script, "--optional", argv[0], (char *)NULL);
    else
        execlp("sh", "sh", script, argv[0], (char *)NULL);
    perror("sh");
}

static const struct db_settings defaults = {
    .login_timeout = 10,
    .statement_timeout = 20,
    .lock_timeout = 2,
    .encrypt = true,
};

struct db_settings site_sqlite(const char *file)
{
    static char connection[4][600];
    static unsigned next;
    struct db_settings s = defaults;

    s.connection = connection[next++ % 4];
    snprintf(s.connection, sizeof(connection[0]), "Driver=SQLite3;Database=%s",
             file);
    return s;
}

bool site_settings(enum db_engine engine, struct db_settings *settings)
{
    *settings = engine == DB_SQLITE ? site_sqlite("site.db") : defaults;
    if (engine == DB_POSTGRESQL)
        settings->connection = getenv("VITAE_TEST_PGSQL");
    else if (engine == DB_MSSQL)
        settings->connection = getenv("VITAE_TEST_MSSQL"),
        settings->ca_file = getenv("VITAE_TEST_MSSQL_CA");
    return settings->connection && settings->connection[0];
}

void site_quiet(void)
{
    static const struct log_settings quiet = { .level = LOG_LEVEL_ERROR,
                                               .terminal_level =
                                                   LOG_LEVEL_ERROR };
    struct error err;

    if (!log_open(&quiet, &err))
        tap_note("%s", err.message);
}

struct db *site_open(enum db_engine engine)
{
    struct db_settings settings;
    struct error err;
    struct db *db;

    site_quiet();
    if (!site_settings(engine, &settings))
        return NULL;
    if (db_open(&db, &settings, &clock_system, NULL, &err))
        return db;
    if (strcmp(err.code, "no_driver") == 0)
        tap_skip_all("%s", err.message);
    ok(false, "the database opens: %s", err.message);
    return NULL;
}

char *site_other_login(const char *user)
{
    static char text[700];
    struct strbuf string;

    strbuf_init(&string, 4 * KIB);
    strbuf_adds(&string, getenv("VITAE_TEST_PGSQL"));
    attributes_drop(&string, "UID");
    attributes_add(&string, "UID", user);
    snprintf(text, sizeof(text), "%s", string.data);
    strbuf_release(&string);
    return text;
}

void site_missing(enum db_engine engine)
{
    /* There is no package of a SQL Server: it is tried by hand. */
    if (engine == DB_MSSQL)
        tap_note("no SQL Server at hand");
    else
        tap_skip("no %s at hand", dialect_of(engine)->title);
}

struct db *site_open_sqlite(const char *file)
{
    struct db_settings settings = site_sqlite(file);
    struct error err;
    struct db *db;

    site_quiet();
    if (db_open(&db, &settings, &clock_system, NULL, &err))
        return db;
    if (strcmp(err.code, "no_driver") == 0)
        tap_skip_all("%s", err.message);
    ok(false, "SQLite opens: %s", err.message);
    exit(tap_done());
}

static const struct db_init_column columns[] = {
    { "FirstName", 100 },
    { "LastName", 100 },
    { "Summary", 0 },
};

void site_init(struct db *db)
{
    const struct db_init init = {
        .table = "aicandidate",
        .key = "userid",
        .text = "markdownResume",
        .processed = "LastProcessed",
        .changed = "datelastmodified",
        .columns = columns,
        .column_count = ARRAY_LEN(columns),
        .make_source = true,
    };
    struct db_init_report report;
    struct error err = { 0 };

    ok(db_init(db, &init, &report, &err), "the tables are made: %s",
       err.message);
    site_names(db);
}

/* Unquoted names are lower case on PostgreSQL. */
static void fold(const struct db *db, const char *name, char *out)
{
    for (; *name; name++)
        *out++ =
            (char)(db->engine == DB_POSTGRESQL && *name >= 'A' && *name <= 'Z'
                       ? *name | 0x20
                       : *name);
    *out = '\0';
}

static bool set_values(struct db *db, struct error *err)
{
    struct db_column values[] = {
        { "FirstName", "FirstName", "varchar(100)", 0 },
        { "LastName", "LastName", "varchar(100)", 1 },
        { "Summary", "Summary", "text", 0 },
    };
    char names[ARRAY_LEN(values)][40];
    size_t i;

    for (i = 0; i < ARRAY_LEN(values); i++) {
        fold(db, values[i].name, names[i]);
        values[i].name = names[i];
    }
    return db_set_columns(db, "values", values, ARRAY_LEN(values), err);
}

void site_names(struct db *db)
{
    static const char *const names[][2] = {
        { "source", "aicandidate" },       { "key", "userid" },
        { "text", "markdownResume" },      { "processed", "LastProcessed" },
        { "changed", "datelastmodified" },
    };
    static const char *const fragments[][2] = {
        { "key_type", "int" },
        { "requeue", "AND 1 = 1" },
        { "where", "AND (1 = 1)" },
        { "order", "c.{changed} DESC" },
        { "changed_guard",
          "AND (c.{changed} IS NULL OR i.source_changed = c.{changed})" },
        { "changed_value", "c.{changed}" },
        { "custom_value", "NULL" },
    };
    struct error err;
    char name[40];
    bool good = true;
    size_t i;

    for (i = 0; i < ARRAY_LEN(names); i++) {
        fold(db, names[i][1], name);
        good = good && db_set_name(db, names[i][0], name, &err);
    }
    for (i = 0; i < ARRAY_LEN(fragments); i++)
        good =
            good && db_set_fragment(db, fragments[i][0], fragments[i][1], &err);
    good = good && set_values(db, &err);
    ok(good, "the names are set");
}

bool site_is_script(const char *name)
{
    static const char *const scripts[] = { "session",       "grants",
                                           "grants_schema", "schema_make",
                                           "source_make",   "source_add" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(scripts); i++)
        if (strcmp(scripts[i], name) == 0)
            return true;
    /* A job's (vitae run) have tables of their own: test_prepare. */
    return strncmp(name, "job_", 4) == 0 || (name[0] >= '0' && name[0] <= '9');
}

/* A value that suits the parameter's name. */
struct db_value site_value(const char *name)
{
    static const char *const texts[][2] = {
        { "rows", "[]" },
        { "ids", "[]" },
        { "userid", "7" },
        { "after", "0" },
        { "id", "7" },
        { "old_values", "{}" },
        { "key", "k" },
        { "new_values", "{}" },
        { "batch", "k" },
        { "from", "k" },
        { "to", "claimed" },
        { "table", "aicandidate" },
        { "schema", "" },
        { "name", "a lock" },
        { "code", "x" },
        { "text", "t" },
        { "real", "aicandidate" },
        { "needs", "[]" },
        { "since", "k" },
        { "worker", "w" },
    };
    static const char *const reals[] = {
        "delay",          "lease",       "seconds", "keep",
        "estimated_cost", "actual_cost", "age"
    };
    static const char *const words[] = {
        "section",     "provider",        "host",         "account",
        "model",       "profile",         "profile_hash", "spool",
        "detail",      "provider_status", "request_hash", "input_file",
        "output_file", "error_file",      "error_code",   "error_message",
        "currency",    "batch_id",        "message",      "state",
        "status",
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(texts); i++)
        if (strcmp(texts[i][0], name) == 0)
            return db_text(name, texts[i][1]);
    for (i = 0; i < ARRAY_LEN(reals); i++)
        if (strcmp(reals[i], name) == 0)
            return db_real(name, 1.5);
    for (i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i], name) == 0)
            return db_text(name, "x");
    if (strncmp(name, "old_", 4) == 0 || strncmp(name, "new_", 4) == 0 ||
        (name[0] >= 'A' && name[0] <= 'Z'))
        return db_text(name, "v");
    return db_integer(name, 1);
}

bool site_exec(struct db *db, const char *sql)
{
    struct error err;

    if (odbc_direct(db, "a test's own statement", sql, &err))
        return true;
    tap_note("%s", err.message);
    return false;
}

bool site_script(struct db *db, const char *text)
{
    struct strbuf plain;
    const char *from;
    size_t at = 0, len;
    bool good = true;

    strbuf_init(&plain, MIB);
    sql_strip(text, strlen(text), db_engine(db), &plain);
    while (good && script_next(plain.data, db_engine(db), &at, &from, &len)) {
        char *copy = strndup(from, len);

        good = copy && site_exec(db, copy);
        free(copy);
    }
    strbuf_release(&plain);
    return good;
}

const char *site_get(struct db *db, const char *sql)
{
    static char out[4096];
    SQLHSTMT handle;
    SQLLEN len = 0;
    SQLRETURN rc;

    SQLAllocHandle(SQL_HANDLE_STMT, db->dbc, &handle);
    rc = SQLExecDirect(handle, (SQLCHAR *)sql, SQL_NTS);
    snprintf(out, sizeof(out), "%s", odbc_ok(rc) ? "none" : "failed");
    if (odbc_ok(rc) && odbc_ok(SQLFetch(handle))) {
        SQLGetData(handle, 1, SQL_C_CHAR, out, sizeof(out), &len);
        if (len == SQL_NULL_DATA)
            snprintf(out, sizeof(out), "NULL");
    }
    SQLFreeHandle(SQL_HANDLE_STMT, handle);
    if (strcmp(out, "failed") == 0 && db->engine == DB_POSTGRESQL)
        site_exec(db, "ROLLBACK");
    return out;
}

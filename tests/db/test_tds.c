/*
 * SQL Server's protocol through the real FreeTDS driver, the server being
 * tds_server.py: what goes over the wire, and what each error makes of it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "db/db.h"
#include "db/odbc.h"
#include "db/statements.h"
#include "tests/db/hook.h"
#include "tests/db/site.h"
#include "tests/tap.h"

static struct error err;
static struct hook hook;

static const char *extra(const char *name)
{
    static const char *const texts[][2] = {
        { "t_put", "INSERT INTO t VALUES (:a, :b)" },
        { "t_get", "SELECT a FROM t" },
        { "t_all", "SELECT a, b, c, d FROM t" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(texts); i++)
        if (strcmp(texts[i][0], name) == 0)
            return texts[i][1];
    return NULL;
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

/* What the server is to do from now on. */
static void rules(const char *text)
{
    if (!file_write(environment("VITAE_TEST_TDS_RULES"), text, strlen(text),
                    &err))
        ok(false, "rules: %s", err.message);
}

static char *heard; /* all that the server was told since forget() */

static void forget(void)
{
    if (truncate(environment("VITAE_TEST_TDS_LOG"), 0) != 0)
        ok(false, "the log is emptied");
}

static bool was_told(const char *what)
{
    struct strbuf log;

    strbuf_init(&log, 64 * MIB);
    if (!file_read(environment("VITAE_TEST_TDS_LOG"), &log, &err))
        ok(false, "log: %s", err.message);
    free(heard);
    heard = strbuf_take(&log);
    return heard && strstr(heard, what) != NULL;
}

/* How often it was. */
static int times_told(const char *what)
{
    size_t len = strlen(what), i;
    int n = 0;

    was_told(what);
    /* Not by strstr: the address sanitizer measures the rest of the log at
     * each call, and the log holds megabytes. */
    for (i = 0; heard && heard[i]; i++)
        if (heard[i] == what[0] && strncmp(heard + i, what, len) == 0)
            n++;
    return n;
}

/* Seconds to wait for a server under that rule: short where it stalls. */
static double patience_for(const char *rule, double shortly)
{
    return strstr(rule, "stall") ? shortly : 60;
}

static struct db_settings settings_for(const char *server)
{
    return (struct db_settings){
        .server = (char *)server,
        .database = (char *)"hr",
        .username = (char *)"reader",
        .password = (char *)"p w;{x}",
        .login_timeout = 60,
        .statement_timeout = 60,
        .lock_timeout = 3,
    };
}

/* A connection that will see that rule. */
static struct db *open_for(const char *rule)
{
    struct db_settings s = settings_for(environment("VITAE_TEST_TDS"));
    struct db *db = NULL;

    s.statement_timeout = patience_for(rule, 2);
    hook_init(&hook, NULL, NULL);
    rules("");
    forget();
    if (!db_open(&db, &s, &hook.clock, NULL, &err)) {
        if (strcmp(err.code, "no_driver") == 0)
            tap_skip_all("%s", err.message);
        ok(false, "opened: %s", err.message);
        exit(tap_done());
    }
    return db;
}

static struct db *open_db(void)
{
    return open_for("");
}

static void a_login_says_who_we_are(void)
{
    static const char *const told[] = {
        "\"user\": \"reader\"",      "\"password\": \"p w;{x}\"",
        "\"database\": \"hr\"",      "\"app\": \"vitae\"",
        "\"version\": \"74000004\"", "SET DEADLOCK_PRIORITY LOW",
        "SET LOCK_TIMEOUT 3000",     "SET XACT_ABORT ON",
        "SET TEXTSIZE 2147483647",   "SET QUOTED_IDENTIFIER ON",
    };
    struct db *db = open_db();
    size_t i;

    is_int(db_engine(db), DB_MSSQL, "%s", db_description(db));
    for (i = 0; i < ARRAY_LEN(told); i++)
        ok(was_told(told[i]), "the server is told %s", told[i]);
    db_close(db);
}

static bool put(struct db *db, struct db_value a, struct db_value b)
{
    const struct db_value values[] = { a, b };

    return db_run(db, "t_put", values, 2, NULL, &err);
}

static void values_have_their_types(void)
{
    struct db *db = open_db();
    size_t len = 5 * MIB, i;
    char *big = malloc(len + 1);

    forget();
    ok(put(db, db_text("a", "plain 'text'"), db_integer("b", -7)), "sent");
    ok(was_told("\"varchar(8000)\", \"value\": \"plain 'text'\"") ||
           was_told("{\"type\": \"varchar(12)\", \"value\": \"plain 'text'\"}"),
       "ASCII as varchar, which spoils no index");
    ok(was_told("\"value\": -7}"), "a number as it is");
    ok(put(db, db_text("a", "\xe4\xb8\xad \xf0\x9f\x98\x80 \xc3\xa9"),
           db_real("b", 0.5)),
       "sent");
    ok(was_told("\"nvarchar(4000)\", \"value\": \"\\u4e2d \\ud83d\\ude00 "
                "\\u00e9\""),
       "other text as nvarchar");
    ok(was_told("\"float\", \"value\": 0.5"), "a real number");
    ok(put(db, db_null("a"), db_null("b")) && was_told("\"value\": null"),
       "NULL");
    ok(put(db, db_text("a", ""), db_null("b")) && was_told("\"value\": \"\""),
       "an empty text is not NULL");
    for (i = 0; i < len; i++)
        big[i] = "ab\xc3\xa9"[i % 4];
    big[len] = '\0';
    forget();
    ok(put(db, db_text("a", big), db_null("b")), "five megabytes");
    ok(was_told("nvarchar(max)"), "go as nvarchar(max)");
    is_int(times_told("ab\\u00e9"), len / 4, "all of them");
    free(big);
    db_close(db);
}

static bool check_row(void *context, const struct db_rows *row,
                      struct error *ignored)
{
    int *n = context;
    size_t len;

    (void)ignored;
    if (++*n == 1) {
        is_str(db_rows_text(row, 0, NULL), "x\xc3\xa9\xf0\x9f\x98\x80", "text");
        is_int((long long)db_rows_integer(row, 2), -5, "a number");
        ok(db_rows_real(row, 3) == 2.5, "a real number");
        ok(db_rows_text(row, 1, &len) && len == 300000 &&
               db_rows_text(row, 1, NULL)[299999] == 'z',
           "300000 bytes");
    } else {
        ok(db_rows_is_null(row, 0) && db_rows_is_null(row, 1) &&
               db_rows_is_null(row, 2) && db_rows_is_null(row, 3),
           "NULLs");
    }
    return true;
}

static void rows_come_whole(void)
{
    struct db *db = open_db();
    struct strbuf text;
    int rows = 0, i;

    strbuf_init(&text, MIB);
    strbuf_adds(&text, "{\"match\": \"SELECT a, b\", \"columns\": [\"a text\","
                       " \"b long\", \"c int\", \"d float\"], \"rows\":"
                       " [[\"x\\u00e9\\ud83d\\ude00\", \"");
    for (i = 0; i < 299999; i++)
        strbuf_addc(&text, 'y');
    strbuf_adds(&text, "z\", -5, 2.5], [null, null, null, null]]}\n");
    rules(text.data);
    ok(db_each(db, "t_all", NULL, 0, check_row, &rows, NULL, &err), "read: %s",
       err.message);
    is_int(rows, 2, "two rows");
    strbuf_release(&text);
    db_close(db);
}

static bool body(struct db *db, void *context, struct error *error)
{
    ++*(int *)context;
    if (put(db, db_text("a", "x"), db_integer("b", 1)))
        return true;
    *error = err;
    return false;
}

/* An error of a statement within a transaction. */
static const struct {
    const char *why;
    const char *rule; /* on the INSERT, once */
    bool good;        /* it comes through in the end */
    int runs;
    const char *code;
} statements[] = {
    { "deadlock", "\"error\": 1205, \"class\": 13", true, 2, "" },
    { "lock timeout", "\"error\": 1222", true, 2, "" },
    { "snapshot conflict", "\"error\": 3960", true, 2, "" },
    { "throttled", "\"error\": 40501, \"class\": 20", true, 2, "" },
    { "failover", "\"error\": 40613", true, 2, "" },
    { "not the primary", "\"error\": 983", true, 2, "" },
    { "read-only", "\"error\": 3906", true, 2, "" },
    { "the log is full", "\"error\": 9002, \"class\": 17", true, 2, "" },
    { "the socket closes before", "\"drop\": \"before\"", true, 2, "" },
    { "the socket closes after", "\"drop\": \"after\"", true, 2, "" },
    { "a statement that hangs", "\"stall\": 600", true, 2, "" },
    { "a duplicate key", "\"error\": 2627, \"class\": 14", false, 1,
      "duplicate" },
    { "truncation", "\"error\": 8152", false, 1, "truncation" },
    { "truncation with its value",
      "\"error\": 2628, \"message\": \"Truncated value: 'secret'.\"", false, 1,
      "truncation" },
    { "a conversion", "\"error\": 245, \"message\": \"converting 'secret'\"",
      false, 1, "type" },
    { "no such table", "\"error\": 208", false, 1, "no_table" },
    { "no right", "\"error\": 229, \"class\": 14", false, 1, "rights" },
};

static void errors_of_statements(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(statements); i++) {
        struct db *db = open_for(statements[i].rule);
        char rule[200];
        int runs = 0;
        bool good;

        snprintf(rule, sizeof(rule), "{\"match\": \"^INSERT\", %s}\n",
                 statements[i].rule);
        rules(rule);
        err.code[0] = '\0';
        good = db_transaction(db, "test", body, &runs, NULL, &err);
        ok(good == statements[i].good, "%s: %s", statements[i].why,
           err.message);
        is_int(runs, statements[i].runs, "%s: so many runs", statements[i].why);
        ok(good ||
               (strcmp(err.code, statements[i].code) == 0 &&
                err.exit == EXIT_DATABASE && !strstr(err.message, "secret")),
           "%s: %s", statements[i].why, err.code);
        ok(good || times_told("IF @@TRANCOUNT > 0 ROLLBACK") == 1,
           "%s: rolled back", statements[i].why);
        db_close(db);
    }
}

static bool told_of_repeat(struct db *db, void *context, struct error *error)
{
    int *runs = context;

    if (++runs[0] == 2)
        runs[1] = db_is_repeat(db);
    if (put(db, db_text("a", "x"), db_integer("b", 1)))
        return true;
    *error = err;
    return false;
}

static void errors_of_commit(void)
{
    static const struct {
        const char *why, *rule;
        bool unknown;
    } commits[] = {
        { "snapshot conflict", "\"error\": 3960", false },
        { "deadlock", "\"error\": 1205", false },
        { "lost before", "\"drop\": \"before\"", true },
        { "lost after", "\"drop\": \"after\"", true },
        { "never answered", "\"stall\": 600", true },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(commits); i++) {
        struct db *db = open_for(commits[i].rule);
        int runs[2] = { 0, 0 };
        char rule[200];

        snprintf(rule, sizeof(rule), "{\"match\": \"^COMMIT\", %s}\n",
                 commits[i].rule);
        rules(rule);
        ok(db_transaction(db, "test", told_of_repeat, runs, NULL, &err),
           "COMMIT, %s: %s", commits[i].why, err.message);
        is_int(runs[0], 2, "COMMIT, %s: the body ran again", commits[i].why);
        is_int(runs[1], commits[i].unknown, "COMMIT, %s: told of the unknown",
               commits[i].why);
        ok(times_told("\"BEGIN TRAN\"") == 2, "COMMIT, %s: in its transaction",
           commits[i].why);
        db_close(db);
    }
}

static bool none(void *context, const struct db_rows *row, struct error *error)
{
    (void)row;
    (void)error;
    ++*(int *)context;
    return true;
}

static void errors_among_the_rows(void)
{
    struct db *db = open_db();
    int rows = 0;

    rules("{\"match\": \"SELECT a FROM\", \"columns\": [\"a int\"], \"rows\":"
          " [[1], [2]], \"error\": 1205, \"class\": 13}\n");
    ok(!db_each(db, "t_get", NULL, 0, none, &rows, NULL, &err) &&
           strcmp(err.code, "deadlock") == 0,
       "behind the last row: %s", err.message);
    is_int(rows, 2, "rows that were handed out are not read again");
    rules("{\"match\": \"SELECT a FROM\", \"drop\": \"before\", \"times\": 2}\n"
          "{\"match\": \"SELECT a FROM\", \"columns\": [\"a int\"], \"rows\":"
          " [[1]]}\n");
    rows = 0;
    ok(db_each(db, "t_get", NULL, 0, none, &rows, NULL, &err) && rows == 1,
       "before the first it is read again: %s", err.message);
    db_close(db);
}

static const struct {
    const char *why, *rule;
    enum error_kind kind;
    const char *code;
    int logins;
} logins[] = {
    { "a wrong password",
      "\"error\": 18456, \"class\": 14, \"message\": \"Login failed for user"
      " 'reader'.\"",
      ERROR_SETUP, "login", 1 },
    { "a database that is not open yet, then is",
      "\"error\": 4060, \"class\": 11, \"times\": 2", ERROR_NONE, "", 3 },
    { "a database that is never open",
      "\"error\": 4060, \"class\": 11, \"times\": 0", ERROR_RETRY,
      "no_database", 8 },
    { "throttled, then not", "\"error\": 40501, \"class\": 20", ERROR_NONE, "",
      2 },
    { "a socket that closes", "\"drop\": \"before\"", ERROR_RETRY, NULL, 1 },
    { "a server that says nothing", "\"stall\": 600", ERROR_RETRY, NULL, 1 },
};

static void errors_of_logins(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(logins); i++) {
        struct db_settings s = settings_for(environment("VITAE_TEST_TDS"));
        struct db *db = NULL;
        char rule[200];
        bool good;

        hook_init(&hook, NULL, NULL);
        snprintf(rule, sizeof(rule), "{\"match\": \"^login\", %s}\n",
                 logins[i].rule);
        rules(rule);
        forget();
        error_clear(&err);
        s.login_timeout = patience_for(rule, 1);
        good = db_open(&db, &s, &hook.clock, NULL, &err);
        ok(good == (logins[i].kind == ERROR_NONE) && good == (db != NULL) &&
               (db || err.kind == logins[i].kind),
           "%s: %s", logins[i].why, err.message);
        ok(db || !logins[i].code || strcmp(err.code, logins[i].code) == 0,
           "%s: %s", logins[i].why, err.code);
        is_int(times_told("\"login\""), logins[i].logins, "%s: so many logins",
               logins[i].why);
        ok(!strstr(err.message, "p w;"), "%s: without the password",
           logins[i].why);
        db_close(db);
    }
}

static void try_tls(const char *why, const char *server, const char *ca,
                    bool trust, bool good)
{
    struct db_settings s = settings_for(server);
    struct db *db = NULL;
    bool opened;

    s.encrypt = true;
    s.ca_file = (char *)ca;
    s.trust_certificate = trust;
    hook_init(&hook, NULL, NULL);
    rules("");
    forget();
    error_clear(&err);
    opened = db_open(&db, &s, &hook.clock, NULL, &err);
    ok(opened == good && (opened || (err.exit == EXIT_DATABASE &&
                                     strstr(err.message, "encrypt"))),
       "%s: %s", why, err.message);
    ok(opened ? was_told("\"encrypted\": true") : !was_told("\"login\""),
       "%s: the password goes %s", why, opened ? "encrypted" : "nowhere");
    db_close(db);
}

static void the_way_is_encrypted(void)
{
    const char *ca = environment("VITAE_TEST_TDS_CA");

    try_tls("a server without TLS", environment("VITAE_TEST_TDS"), NULL, false,
            false);
    try_tls("the same, its certificate trusted", environment("VITAE_TEST_TDS"),
            NULL, true, false);
    if (!ca[0]) {
        tap_skip("no openssl to make certificates");
        return;
    }
    try_tls("a certificate of a known authority",
            environment("VITAE_TEST_TDS_TLS"), ca, false, true);
    try_tls("of one that the system doesn't know",
            environment("VITAE_TEST_TDS_TLS"), NULL, false, false);
    try_tls("of itself", environment("VITAE_TEST_TDS_SELF"), ca, false, false);
    try_tls("of itself, but trusted", environment("VITAE_TEST_TDS_SELF"), NULL,
            true, true);
}

static void a_name_that_is_not_the_certificate_s(void)
{
    const char *port = strchr(environment("VITAE_TEST_TDS_TLS"), ',');
    char server[60];

    if (!port)
        return;
    snprintf(server, sizeof(server), "127.0.0.1%s", port);
    try_tls("of another name", server, environment("VITAE_TEST_TDS_CA"), false,
            false);
}

/* FreeTDS looks for the parameters by itself: it must find the same. */
static void goes_over(struct db *db, const char *name)
{
    struct db_value values[200];
    struct prepared *p;
    size_t i, n;

    if (!odbc_prepare(db, name, &p, &err)) {
        ok(false, "%s: %s", name, err.message);
        return;
    }
    n = p->statement.parameter_count;
    for (i = 0; i < n && i < ARRAY_LEN(values); i++)
        values[i] = site_value(p->statement.parameters[i]);
    forget();
    ok(db_run(db, name, values, n, NULL, &err), "%s goes over", name);
    is_int(times_told("{\"type\":"), n, "%s: with its parameters", name);
}

static void every_statement_goes_over(void)
{
    struct db *db = open_db();
    const char *name, *dialect, *last = "";
    size_t i;

    site_names(db);
    for (i = 0; statement_file(i, &name, &dialect); i++) {
        if (strcmp(name, last) != 0 && !site_is_script(name) &&
            statement_text(name, DB_MSSQL))
            goes_over(db, name);
        last = name;
    }
    db_close(db);
}

static void start_under_the_server(char **argv)
{
    const char *python = environment("PYTHON3");
    char script[4096];

    if (getenv("VITAE_TEST_TDS"))
        return;
    if (!python[0] || !getenv("srcdir"))
        tap_skip_all("needs python3 and srcdir");
    snprintf(script, sizeof(script), "%s/tests/db/tds_server.py",
             getenv("srcdir"));
    execl(python, python, script, argv[0], (char *)NULL);
    perror(python);
}

int main(int argc, char **argv)
{
    (void)argc;
    start_under_the_server(argv);
    statement_extra = extra;
    site_quiet();
    a_login_says_who_we_are();
    values_have_their_types();
    rows_come_whole();
    errors_of_statements();
    errors_of_commit();
    errors_among_the_rows();
    errors_of_logins();
    the_way_is_encrypted();
    a_name_that_is_not_the_certificate_s();
    every_statement_goes_over();
    free(heard);
    return tap_done();
}

#include "db/attributes.h"
#include "db/connect.h"

#include <string.h>

#include "tests/tap.h"

static struct error err;

/* Does the string have NAME with just that value? */
static bool has(const char *string, const char *name, const char *value)
{
    struct strbuf out;
    bool same;

    strbuf_init(&out, 4 * KIB);
    same = attributes_value(string, name, &out) ? strcmp(out.data, value) == 0
                                                : value[0] == '\0';
    if (!same)
        tap_note("%s is \"%s\"", name, out.data);
    strbuf_release(&out);
    return same;
}

static const struct {
    const char *why;
    struct db_settings settings;
    int engine;             /* -1 = not known before */
    const char *expect[12]; /* NAME, VALUE ... ("" = absent), NULL */
} cases[] = {
    { "nothing at all: a file",
      { .lock_timeout = 5 },
      DB_SQLITE,
      { "Driver", "SQLite3", "Database", "vitae.db", "StepAPI", "1", "Timeout",
        "2500", "NoWCHAR", "1" } },
    { "a SQL Server",
      { .server = (char *)"db.example,1500",
        .database = (char *)"hr",
        .username = (char *)"reader",
        .password = (char *)"a;b}c",
        .encrypt = true },
      DB_MSSQL,
      { "Server", "db.example", "Port", "1500", "PWD", "a;b}c", "Encryption",
        "require", "TDS_Version", "7.4" } },
    { "and its character set",
      { .server = (char *)"db.example", .database = (char *)"hr" },
      DB_MSSQL,
      { "ClientCharset", "UTF-8", "Port", "1433", "UID", "", "PWD", "" } },
    { "a named instance has no port",
      { .server = (char *)"host\\inst", .database = (char *)"hr" },
      DB_MSSQL,
      { "Server", "host\\inst", "Port", "" } },
    { "Microsoft's driver has words of its own",
      { .server = (char *)"db.example,1500",
        .database = (char *)"hr",
        .driver = (char *)"ODBC Driver 18 for SQL Server",
        .encrypt = true },
      DB_MSSQL,
      { "Server", "db.example,1500", "Encrypt", "yes", "TrustServerCertificate",
        "no", "TDS_Version", "", "Encryption", "" } },
    { "what is written wins",
      { .connection = (char *)"Driver=SQLite3;Database=x.db;timeout=7;"
                              "StepAPI=0",
        .lock_timeout = 5 },
      DB_SQLITE,
      { "Timeout", "7", "StepAPI", "0", "Database", "x.db" } },
    { "a login may be given apart",
      { .connection = (char *)"Driver={PostgreSQL Unicode};Server=h",
        .username = (char *)"u",
        .password = (char *)"p w",
        .encrypt = true },
      DB_POSTGRESQL,
      { "UID", "u", "PWD", "p w", "SSLmode", "verify-full", "UseDeclareFetch",
        "1", "Driver", "PostgreSQL Unicode" } },
    { "a certificate may be trusted",
      { .connection = (char *)"Driver=psqlodbcw.so;Server=h",
        .encrypt = true,
        .trust_certificate = true },
      DB_POSTGRESQL,
      { "SSLmode", "require" } },
    { "a data source",
      { .dsn = (char *)"hr" },
      -1,
      { "DSN", "hr", "Driver", "", "StepAPI", "" } },
};

static void strings_are_made(void)
{
    size_t i, k;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        enum db_engine engine = DB_SQLITE;
        struct strbuf out;
        bool known = false, all;

        strbuf_init(&out, 8 * KIB);
        all = connect_string(&cases[i].settings, &out, &engine, &known, &err);
        ok(all && (known ? (int)engine : -1) == cases[i].engine,
           "%s: the engine is known", cases[i].why);
        for (k = 0; k + 1 < ARRAY_LEN(cases[i].expect) && cases[i].expect[k];
             k += 2)
            all = has(out.data, cases[i].expect[k], cases[i].expect[k + 1]) &&
                  all;
        ok(all, "%s", cases[i].why);
        if (!all)
            tap_note("%s", out.data);
        strbuf_release(&out);
    }
}

static void a_server_needs_a_database(void)
{
    struct db_settings s = { .server = (char *)"h" };
    enum db_engine engine;
    struct strbuf out;
    bool known;

    strbuf_init(&out, KIB);
    ok(!connect_string(&s, &out, &engine, &known, &err) &&
           err.exit == EXIT_SETTINGS,
       "%s", err.message);
    strbuf_release(&out);
}

static void what_sqlite_cannot_be_told(void)
{
    static const struct {
        const char *name;
        bool fine;
        const char *why;
    } names[] = {
        { "a b.db", true, "a blank within" },
        { "a{}=%?.db", true, "signs that end nothing" },
        { "a;b.db", false, "the file would be {a" },
        { "a;LoadExt=b.so", false, "nor can a name load a library" },
        { " a.db", false, "a blank would need braces" },
    };
    enum db_engine engine;
    struct strbuf out;
    bool known;
    size_t i;

    for (i = 0; i < ARRAY_LEN(names); i++) {
        struct db_settings s = { .database = (char *)(uintptr_t)names[i].name };

        strbuf_init(&out, KIB);
        ok(connect_string(&s, &out, &engine, &known, &err) == names[i].fine,
           "%s", names[i].why);
        ok(names[i].fine || err.exit == EXIT_SETTINGS, "%s",
           names[i].fine ? "and is" : err.message);
        strbuf_release(&out);
    }
}

static void what_freetds_cannot_be_told(void)
{
    struct db_settings s = { .server = (char *)"h",
                             .database = (char *)"d",
                             .password = (char *)"a};b" };
    enum db_engine engine;
    struct strbuf out;
    bool known;

    strbuf_init(&out, KIB);
    ok(!connect_string(&s, &out, &engine, &known, &err) &&
           !strstr(err.message, "a};b"),
       "%s", err.message);
    s.driver = (char *)"ODBC Driver 18 for SQL Server";
    strbuf_clear(&out);
    ok(connect_string(&s, &out, &engine, &known, &err) &&
           has(out.data, "PWD", "a};b"),
       "Microsoft's driver can");
    strbuf_release(&out);
}

static void attributes_are_dropped(void)
{
    struct strbuf out;

    strbuf_init(&out, KIB);
    strbuf_adds(&out, "Driver=X;PWD={a;server=b};SERVER=c;Port=1");
    attributes_drop(&out, "Server");
    is_str(out.data, "Driver=X;PWD={a;server=b};Port=1", "one is dropped");
    attributes_drop(&out, "Driver");
    is_str(out.data, ";PWD={a;server=b};Port=1", "the first");
    attributes_add(&out, "UID", "u");
    ok(has(out.data, "UID", "u") && has(out.data, "PWD", "a;server=b"),
       "others stay");
    strbuf_release(&out);
}

static void attributes_are_found(void)
{
    static const struct {
        const char *why, *string, *name, *value;
    } finds[] = {
        { "without case", "driver=a;SERVER=b", "Server", "b" },
        { "blanks round them", " Driver = a ; Server = b c ;", "Server",
          "b c" },
        { "in braces", "PWD={a;b=c};UID=u", "UID", "u" },
        { "FreeTDS doubles no braces", "Driver=FreeTDS;PWD={a}b;c}};UID=u",
          "PWD", "a}b;c}" },
        { "braces doubled", "PWD={a}}b};UID=u", "PWD", "a}b" },
        { "the first one counts", "UID=a;UID=b", "UID", "a" },
        { "not a part of a value", "PWD={UID=x};UID=u", "UID", "u" },
        { "no value", "A;B=", "B", "" },
        { "an open brace", "PWD={abc", "PWD", "abc" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(finds); i++)
        ok(has(finds[i].string, finds[i].name, finds[i].value), "%s",
           finds[i].why);
}

static void a_user_needs_a_password(void)
{
    struct db_settings s = { .server = (char *)"h",
                             .database = (char *)"d",
                             .username = (char *)"u",
                             .password = (char *)"" };
    enum db_engine engine;
    struct strbuf out;
    bool known;

    strbuf_init(&out, 64 * KIB);
    ok(!connect_string(&s, &out, &engine, &known, &err) &&
           err.exit == EXIT_SETTINGS && strstr(err.message, "no password"),
       "none is made up, nor an empty one tried: %s", err.message);
    s.username = NULL;
    strbuf_clear(&out);
    ok(connect_string(&s, &out, &engine, &known, &err),
       "a trusted login has neither");
    strbuf_release(&out);
}

int main(void)
{
    strings_are_made();
    a_server_needs_a_database();
    a_user_needs_a_password();
    what_sqlite_cannot_be_told();
    what_freetds_cannot_be_told();
    attributes_are_dropped();
    attributes_are_found();
    return tap_done();
}

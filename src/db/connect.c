#include "db/connect.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "db/odbc.h"

#define STRING_CEILING (32 * KIB)

/* One NAME=VALUE; of a connection string. */
struct attribute {
    const char *name, *value;
    size_t name_len, value_len;
};

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == ';')
        p++;
    return p;
}

/* A value in {braces} may hold anything, } doubled. */
static const char *value_end(const char *p)
{
    if (*p == '{') {
        for (p++; *p; p++) {
            if (*p == '}' && p[1] == '}')
                p++;
            else if (*p == '}')
                break;
        }
    }
    return p + strcspn(p, ";");
}

/* The next attribute at *p, which moves on. */
static bool next_attribute(const char **p, struct attribute *a)
{
    const char *s = skip_blanks(*p);
    size_t len = strcspn(s, "=;");

    if (!*s)
        return false;
    a->name = s;
    a->name_len = len;
    while (a->name_len && a->name[a->name_len - 1] == ' ')
        a->name_len--;
    a->value = s[len] == '=' ? s + len + 1 : s + len;
    while (*a->value == ' ')
        a->value++;
    *p = value_end(a->value);
    a->value_len = (size_t)(*p - a->value);
    while (a->value_len && a->value[a->value_len - 1] == ' ')
        a->value_len--;
    return true;
}

static bool name_is(const struct attribute *a, const char *name)
{
    return strlen(name) == a->name_len &&
           strncasecmp(a->name, name, a->name_len) == 0;
}

static void unquote(const struct attribute *a, struct strbuf *out)
{
    size_t i = 1;

    if (!a->value_len || a->value[0] != '{') {
        strbuf_add(out, a->value, a->value_len);
        return;
    }
    for (; i < a->value_len; i++) {
        if (a->value[i] == '}' &&
            (i + 1 >= a->value_len || a->value[i + 1] != '}'))
            return;
        if (a->value[i] == '}')
            i++;
        strbuf_addc(out, a->value[i]);
    }
}

bool connect_value(const char *string, const char *name, struct strbuf *out)
{
    struct attribute a;

    while (next_attribute(&string, &a))
        if (name_is(&a, name)) {
            unquote(&a, out);
            return true;
        }
    return false;
}

static bool has(const char *string, const char *name)
{
    struct strbuf ignored;
    bool found;

    strbuf_init(&ignored, STRING_CEILING);
    found = connect_value(string, name, &ignored);
    strbuf_release(&ignored);
    return found;
}

static bool needs_braces(const char *value)
{
    size_t len = strlen(value);

    /* Blanks at an end would be taken off. */
    return strpbrk(value, ";{}=") != NULL ||
           (len && ((unsigned char)value[0] <= ' ' ||
                    (unsigned char)value[len - 1] <= ' '));
}

/* NAME=VALUE; with the value in braces where it needs them. */
static void add(struct strbuf *out, const char *name, const char *value)
{
    if (has(out->data, name))
        return;
    if (out->len && out->data[out->len - 1] != ';')
        strbuf_addc(out, ';');
    strbuf_addf(out, "%s=", name);
    if (needs_braces(value)) {
        strbuf_addc(out, '{');
        for (; *value; value++) {
            strbuf_addc(out, *value);
            if (*value == '}')
                strbuf_addc(out, '}');
        }
        strbuf_addc(out, '}');
    } else {
        strbuf_adds(out, value);
    }
    strbuf_addc(out, ';');
}

static void add_number(struct strbuf *out, const char *name, double value)
{
    char text[32];

    snprintf(text, sizeof(text), "%.0f", value);
    add(out, name, text);
}

static bool contains(const char *s, const char *word)
{
    size_t n = strlen(word);

    for (; *s; s++)
        if (strncasecmp(s, word, n) == 0)
            return true;
    return false;
}

static bool engine_of_driver(const char *driver, enum db_engine *engine)
{
    static const struct {
        const char *word;
        enum db_engine engine;
    } words[] = {
        { "sqlite", DB_SQLITE },       { "psql", DB_POSTGRESQL },
        { "postgres", DB_POSTGRESQL }, { "tds", DB_MSSQL },
        { "sql server", DB_MSSQL },    { "msodbc", DB_MSSQL },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        if (contains(driver, words[i].word)) {
            *engine = words[i].engine;
            return true;
        }
    return false;
}

static bool is_freetds(const char *string)
{
    struct strbuf driver;
    bool is;

    strbuf_init(&driver, STRING_CEILING);
    is = connect_value(string, "Driver", &driver) &&
         contains(driver.data, "tds");
    strbuf_release(&driver);
    return is;
}

static const char *yes(bool value)
{
    return value ? "yes" : "no";
}

/* SQLite waits twice its Timeout (measured). */
static void add_sqlite(const struct db_settings *s, struct strbuf *out)
{
    add(out, "StepAPI", "1");
    add(out, "NoWCHAR", "1");
    add_number(out, "Timeout",
               s->lock_timeout > 0 ? s->lock_timeout * 500 : 2500);
}

static void add_postgresql(const struct db_settings *s, struct strbuf *out)
{
    char option[80];

    add(out, "SSLmode",
        !s->encrypt            ? "prefer"
        : s->trust_certificate ? "require"
                               : "verify-full");
    /* No savepoint round each statement: transaction.c remembers a failure
     * by itself.  (7.4-1 would go on in a transaction of its own.) */
    add(out, "Protocol", "7.4-0");
    add(out, "UseDeclareFetch", "1");
    add(out, "Fetch", "1000");
    add(out, "MaxLongVarcharSize", "0");
    add(out, "MaxVarcharSize", "0");
    add(out, "BoolsAsChar", "0");
    snprintf(option, sizeof(option),
             "connect_timeout=%.0f application_name=vitae",
             s->login_timeout > 1 ? s->login_timeout : 15);
    add(out, "pqopt", option);
}

static void add_encryption(const struct db_settings *s, struct strbuf *out)
{
    if (is_freetds(out->data)) {
        add(out, "Encryption", s->encrypt ? "require" : "request");
        return;
    }
    add(out, "Encrypt", yes(s->encrypt));
    add(out, "TrustServerCertificate", yes(s->trust_certificate));
}

static void add_mssql(const struct db_settings *s, struct strbuf *out)
{
    add(out, "APP", "vitae");
    add_encryption(s, out);
    if (!is_freetds(out->data))
        return;
    add(out, "TDS_Version", "7.4");
    add(out, "ClientCharset", "UTF-8");
}

bool connect_add(const struct db_settings *settings, enum db_engine engine,
                 struct strbuf *out, struct error *err)
{
    switch (engine) {
    case DB_SQLITE: add_sqlite(settings, out); break;
    case DB_POSTGRESQL: add_postgresql(settings, out); break;
    case DB_MSSQL: add_mssql(settings, out); break;
    }
    if (!strbuf_ok(out))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the connection string is too long");
    return true;
}

/* server= is a host, "host,port" or "host:port". */
static void add_server(const struct db_settings *s, struct strbuf *out)
{
    const char *driver = s->driver && s->driver[0] ? s->driver : "FreeTDS";
    const char *port = strpbrk(s->server, ",:");
    char host[256];
    size_t len = port ? (size_t)(port - s->server) : strlen(s->server);

    add(out, "Driver", driver);
    if (!contains(driver, "tds") || len >= sizeof(host)) {
        add(out, "Server", s->server);
        return;
    }
    snprintf(host, sizeof(host), "%.*s", (int)len, s->server);
    add(out, "Server", host);
    if (!strchr(host, '\\'))
        add(out, "Port", port && port[1] ? port + 1 : "1433");
}

static bool add_target(const struct db_settings *s, struct strbuf *out,
                       struct error *err)
{
    if (s->connection && s->connection[0]) {
        strbuf_adds(out, s->connection);
        return true;
    }
    if (s->dsn && s->dsn[0]) {
        add(out, "DSN", s->dsn);
        return true;
    }
    if (s->server && s->server[0]) {
        add_server(s, out);
        if (!s->database || !s->database[0])
            return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                              "database.server is set, but database.database "
                              "is not: name the database on that server");
        return true;
    }
    add(out, "Driver", s->driver && s->driver[0] ? s->driver : "SQLite3");
    if (!s->database || !s->database[0])
        add(out, "Database", "vitae.db");
    return true;
}

bool connect_string(const struct db_settings *settings, struct strbuf *out,
                    enum db_engine *engine, bool *known, struct error *err)
{
    struct strbuf driver;

    if (!add_target(settings, out, err))
        return false;
    if (settings->database && settings->database[0])
        add(out, "Database", settings->database);
    if (settings->username && settings->username[0])
        add(out, "UID", settings->username);
    if (settings->password && settings->password[0])
        add(out, "PWD", settings->password);
    strbuf_init(&driver, STRING_CEILING);
    *known = connect_value(out->data, "Driver", &driver) &&
             engine_of_driver(driver.data, engine);
    strbuf_release(&driver);
    if (*known)
        return connect_add(settings, *engine, out, err);
    if (!strbuf_ok(out))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the connection string is too long");
    return true;
}

static void get_info(struct db *db, SQLUSMALLINT what, char *out, size_t size)
{
    SQLSMALLINT len;

    out[0] = '\0';
    if (!ODBC_OK(SQLGetInfo(db->dbc, what, out, (SQLSMALLINT)size, &len)))
        out[0] = '\0';
}

static bool learn_engine(struct db *db, struct error *err)
{
    char name[64], version[64], driver[64], driver_version[32];

    get_info(db, SQL_DBMS_NAME, name, sizeof(name));
    get_info(db, SQL_DBMS_VER, version, sizeof(version));
    get_info(db, SQL_DRIVER_NAME, driver, sizeof(driver));
    get_info(db, SQL_DRIVER_VER, driver_version, sizeof(driver_version));
    snprintf(db->description, sizeof(db->description),
             "%.40s %.40s by %.60s %.30s", name, version, driver,
             driver_version);
    db->is_freetds = contains(driver, "tds");
    if (!engine_of_driver(name, &db->engine) &&
        !engine_of_driver(driver, &db->engine))
        return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                          "\"%s\" is no database that vitae knows: use SQLite, "
                          "PostgreSQL or SQL Server",
                          name);
    db->engine_known = true;
    return true;
}

static bool drive(struct db *db, struct error *err)
{
    double seconds = db->settings.login_timeout;
    SQLCHAR out[256];
    SQLSMALLINT len;

    if (!ODBC_OK(SQLAllocHandle(SQL_HANDLE_DBC, db->env, &db->dbc)))
        return odbc_fail(db, SQL_HANDLE_ENV, db->env, "connecting", err);
    SQLSetConnectAttr(db->dbc, SQL_ATTR_LOGIN_TIMEOUT,
                      (SQLPOINTER)(uintptr_t)(seconds > 1 ? seconds + 0.5 : 15),
                      SQL_IS_UINTEGER);
    if (!ODBC_OK(SQLDriverConnect(db->dbc, NULL, (SQLCHAR *)db->connection,
                                  SQL_NTS, out, sizeof(out), &len,
                                  SQL_DRIVER_NOPROMPT))) {
        odbc_fail(db, SQL_HANDLE_DBC, db->dbc, "connecting", err);
        db_disconnect(db);
        return false;
    }
    db->is_connected = true;
    db->is_gone = false;
    return learn_engine(db, err);
}

/* The string for the engine that a first connection found. */
static bool complete(struct db *db, struct error *err)
{
    struct strbuf string;
    bool ok;

    strbuf_init(&string, STRING_CEILING);
    strbuf_adds(&string, db->connection);
    ok = connect_add(&db->settings, db->engine, &string, err);
    if (ok) {
        free(db->connection);
        db->connection = strbuf_take(&string);
        ok = db->connection || error_memory(err);
    }
    strbuf_release(&string);
    return ok;
}

static bool set_number(struct db *db, const char *brace, double seconds,
                       struct error *err)
{
    char text[32];

    snprintf(text, sizeof(text), "%.0f", seconds > 0 ? seconds * 1000 : 0);
    return names_set(&db->names, brace, text, true, err);
}

static bool set_up_session(struct db *db, struct error *err)
{
    return set_number(db, "lock_ms", db->settings.lock_timeout, err) &&
           set_number(db, "statement_ms", db->settings.statement_timeout,
                      err) &&
           db_run_script(db, "session", err);
}

bool db_connect(struct db *db, struct error *err)
{
    bool known = db->engine_known;

    if (!drive(db, err))
        return false;
    if (!known) {
        db_disconnect(db);
        if (!complete(db, err) || !drive(db, err))
            return false;
    }
    if (set_up_session(db, err))
        return true;
    db_disconnect(db);
    return false;
}

void db_disconnect(struct db *db)
{
    odbc_forget_all(db);
    if (db->is_connected)
        SQLDisconnect(db->dbc);
    if (db->dbc)
        SQLFreeHandle(SQL_HANDLE_DBC, db->dbc);
    db->dbc = NULL;
    db->is_connected = false;
}

#include "db/connect.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "db/attributes.h"
#include "db/freetds.h"
#include "db/odbc.h"

#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

static void add_number(struct strbuf *out, const char *name, double value)
{
    char text[32];

    snprintf(text, sizeof(text), "%.0f", value);
    attributes_add(out, name, text);
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
        if (strcasestr(driver, words[i].word)) {
            *engine = words[i].engine;
            return true;
        }
    return false;
}

static const char *yes(bool value)
{
    return value ? "yes" : "no";
}

/* SQLite waits twice its Timeout (measured). */
static void add_sqlite(const struct db_settings *s, struct strbuf *out)
{
    attributes_add(out, "StepAPI", "1");
    attributes_add(out, "NoWCHAR", "1");
    if (s->must_exist)
        attributes_add(out, "NoCreat", "1");
    add_number(out, "Timeout",
               s->lock_timeout > 0 ? s->lock_timeout * 500 : 2500);
}

static void add_postgresql(const struct db_settings *s, struct strbuf *out)
{
    struct strbuf option;

    attributes_add(out, "SSLmode",
                   !s->encrypt            ? "prefer"
                   : s->trust_certificate ? "require"
                                          : "verify-full");
    /* No savepoint round each statement: transaction.c remembers a failure
     * by itself.  (7.4-1 would go on in a transaction of its own.) */
    attributes_add(out, "Protocol", "7.4-0");
    attributes_add(out, "UseDeclareFetch", "1");
    attributes_add(out, "Fetch", "1000");
    attributes_add(out, "MaxLongVarcharSize", "0");
    attributes_add(out, "MaxVarcharSize", "0");
    attributes_add(out, "BoolsAsChar", "0");
    /* libpq before 16 does not know the system's authorities.  A network
     * that swallows everything is noticed by TCP. */
    strbuf_init(&option, CONNECTION_STRING);
    strbuf_addf(&option, "tcp_user_timeout=%.0f sslrootcert=%s",
                (s->statement_timeout > 0 ? s->statement_timeout : 60) * 1000,
                s->ca_file && s->ca_file[0] ? s->ca_file : SYSTEM_CA);
    attributes_add(out, "pqopt", option.data);
    strbuf_release(&option);
}

static void add_encryption(const struct db_settings *s, struct strbuf *out)
{
    if (attributes_are_freetds(out->data)) {
        attributes_add(out, "Encryption", s->encrypt ? "require" : "request");
        return;
    }
    attributes_add(out, "Encrypt", yes(s->encrypt));
    attributes_add(out, "TrustServerCertificate", yes(s->trust_certificate));
}

static void add_mssql(const struct db_settings *s, struct strbuf *out)
{
    attributes_add(out, "APP", "vitae");
    add_encryption(s, out);
    if (!attributes_are_freetds(out->data))
        return;
    attributes_add(out, "TDS_Version", "7.4");
    attributes_add(out, "ClientCharset", "UTF-8");
}

/* Adds what the engine needs to a connection string. */
static bool add_for_engine(const struct db_settings *settings,
                           enum db_engine engine, struct strbuf *out,
                           struct error *err)
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

    attributes_add(out, "Driver", driver);
    if (!strcasestr(driver, "tds") || len >= sizeof(host)) {
        attributes_add(out, "Server", s->server);
        return;
    }
    snprintf(host, sizeof(host), "%.*s", (int)len, s->server);
    attributes_add(out, "Server", host);
    if (!strchr(host, '\\'))
        attributes_add(out, "Port", port && port[1] ? port + 1 : "1433");
}

/* What a login by server= needs.  A user without a password is no login but a
 * password that got lost on its way; without a user the driver may try a
 * trusted login. */
static bool check_server(const struct db_settings *s, struct error *err)
{
    if (!s->database || !s->database[0])
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "database.server is set, but database.database "
                          "is not: name the database on that server");
    if (s->username && s->username[0] && (!s->password || !s->password[0]))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "database.username is set, but no password: it "
                          "comes from $VITAE_DATABASE_PASSWORD, $password or "
                          "a systemd credential; a trusted login has no "
                          "username");
    return true;
}

static bool add_target(const struct db_settings *s, struct strbuf *out,
                       struct error *err)
{
    if (s->connection && s->connection[0]) {
        strbuf_adds(out, s->connection);
        return true;
    }
    if (s->dsn && s->dsn[0]) {
        attributes_add(out, "DSN", s->dsn);
        return true;
    }
    if (s->server && s->server[0]) {
        add_server(s, out);
        return check_server(s, err);
    }
    attributes_add(out, "Driver",
                   s->driver && s->driver[0] ? s->driver : "SQLite3");
    if (!s->database || !s->database[0])
        attributes_add(out, "Database", "vitae.db");
    return true;
}

static bool is_for_sqlite(const char *string)
{
    enum db_engine engine = DB_MSSQL;
    struct strbuf driver;
    bool known;

    strbuf_init(&driver, CONNECTION_STRING);
    known = attributes_value(string, "Driver", &driver) &&
            engine_of_driver(driver.data, &engine);
    strbuf_release(&driver);
    return known && engine == DB_SQLITE;
}

static bool cannot_hold(const char *what, const char *bad, const char *driver,
                        struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "database.%s holds %s, which %s cannot be told: "
                      "choose another, or another driver",
                      what, bad, driver);
}

/* What a driver's braces cannot hold; SQLite's has none: it opens "{a" where
 * it is told {a;b} (0.9998, tried). */
static bool check_value(const struct strbuf *out, const char *what,
                        const char *value, struct error *err)
{
    if (!value || !attributes_need_braces(value))
        return true;
    if (is_for_sqlite(out->data))
        return cannot_hold(what, "a \";\", or a blank or \"{\" at an end",
                           "SQLite's driver", err);
    return !strstr(value, "};") || !attributes_are_freetds(out->data) ||
           cannot_hold(what, "\"};\"", "FreeTDS", err);
}

static bool add_login(const struct db_settings *s, struct strbuf *out,
                      struct error *err)
{
    const struct {
        const char *setting, *attribute, *value;
    } parts[] = {
        { "database", "Database", s->database },
        { "username", "UID", s->username },
        { "password", "PWD", s->password },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(parts); i++) {
        if (!check_value(out, parts[i].setting, parts[i].value, err))
            return false;
        if (parts[i].value && parts[i].value[0])
            attributes_add(out, parts[i].attribute, parts[i].value);
    }
    return true;
}

bool connect_string(const struct db_settings *settings, struct strbuf *out,
                    enum db_engine *engine, bool *known, struct error *err)
{
    struct strbuf driver;

    if (!add_target(settings, out, err) || !add_login(settings, out, err))
        return false;
    strbuf_init(&driver, CONNECTION_STRING);
    *known = attributes_value(out->data, "Driver", &driver) &&
             engine_of_driver(driver.data, engine);
    strbuf_release(&driver);
    if (*known)
        return add_for_engine(settings, *engine, out, err);
    /* If it is SQLite: other drivers pass over it (complete()). */
    if (settings->must_exist)
        attributes_add(out, "NoCreat", "1");
    if (!strbuf_ok(out))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the connection string is too long");
    return true;
}

/* One that FreeTDS is not told to check, and can't be by us. */
static void warn_unchecked(const struct db *db)
{
    if (db->is_freetds && db->settings.encrypt && db->freetds_conf < 0 &&
        !db->settings.trust_certificate)
        log_warn("certificate_not_checked",
                 "driver=FreeTDS cure=\"set ca file and check certificate "
                 "hostname in freetds.conf\"");
    else if (db->engine != DB_SQLITE && db->settings.encrypt &&
             db->settings.trust_certificate)
        log_warn("certificate_not_checked",
                 "because=database.trust_certificate");
}

static bool says(const struct db *db, const char *attribute, const char *value)
{
    struct strbuf text;
    bool same;

    strbuf_init(&text, 4 * KIB);
    same = attributes_value(db->connection, attribute, &text) &&
           strcasecmp(text.data, value) == 0;
    strbuf_release(&text);
    return same;
}

static const char checked[] = "TLS, certificate checked";
static const char unchecked[] =
    "TLS, but the server's certificate is NOT checked";
static const char open_way[] = "NOT encrypted";

static const char *freetds_security(const struct db *db)
{
    if (db->freetds_conf >= 0)
        return checked;
    if (!db->settings.encrypt)
        return "NOT encrypted (database.encrypt=no)";
    if (db->settings.trust_certificate)
        return "TLS, but the server's certificate is NOT checked "
               "(database.trust_certificate)";
    return "the server's certificate is NOT checked by FreeTDS unless "
           "freetds.conf says \"ca file\" and \"check certificate "
           "hostname\" for this server (or use database.server=)";
}

const char *db_security(const struct db *db)
{
    if (db->engine == DB_SQLITE || !db->connection)
        return "";
    if (db->is_freetds)
        return freetds_security(db);
    if (db->engine == DB_POSTGRESQL)
        return says(db, "SSLmode", "verify-full") ? checked
               : says(db, "SSLmode", "require") ||
                       says(db, "SSLmode", "verify-ca")
                   ? unchecked
                   : open_way;
    if (says(db, "Encrypt", "no"))
        return open_way;
    return says(db, "TrustServerCertificate", "yes") ? unchecked : checked;
}

static void get_info(struct db *db, SQLUSMALLINT what, char *out, size_t size)
{
    SQLSMALLINT len;

    out[0] = '\0';
    if (!odbc_ok(SQLGetInfo(db->dbc, what, out, (SQLSMALLINT)size, &len)))
        out[0] = '\0';
}

/* As the settings name it, else as the driver does. */
static void place_server(struct db *db, struct strbuf *out)
{
    char name[256];

    if (db->settings.server && db->settings.server[0]) {
        strbuf_adds(out, db->settings.server);
        return;
    }
    if (!attributes_value(db->connection, "Server", out) &&
        !attributes_value(db->connection, "Servername", out)) {
        get_info(db, SQL_SERVER_NAME, name, sizeof(name));
        strbuf_adds(out, name);
    }
    strbuf_addc(out, ':');
    (void)attributes_value(db->connection, "Port", out);
}

/* "localhost" and its like are another server on each host. */
static bool is_this_host(const char *server)
{
    static const char *const begins[] = { "localhost", "127.", "::1", "/",
                                          "(local",    ".",    ":" };
    size_t i;

    if (strncasecmp(server, "tcp:", 4) == 0)
        server += 4;
    for (i = 0; i < ARRAY_LEN(begins); i++)
        if (strncasecmp(server, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

static void place_host(struct db *db, struct strbuf *out)
{
    char host[256] = "";

    if (db->engine != DB_SQLITE)
        place_server(db, out);
    if (db->engine != DB_SQLITE && !is_this_host(out->data))
        return;
    gethostname(host, sizeof(host) - 1);
    strbuf_addf(out, "|%s", host);
}

bool db_place(struct db *db, struct strbuf *out, struct error *err)
{
    const char *schema = db->settings.schema, *prefix = db->settings.prefix;
    char name[PATH_MAX], *path = NULL;
    struct strbuf host;
    size_t begin = out->len;

    strbuf_init(&host, KIB);
    place_host(db, &host);
    strbuf_adds(out, host.data);
    strbuf_release(&host);
    get_info(db, SQL_DATABASE_NAME, name, sizeof(name));
    if (db->engine == DB_SQLITE)
        path = realpath(name, NULL);
    strbuf_addf(out, "/%s %s.%s", path ? path : name, schema ? schema : "",
                prefix ? prefix : "");
    free(path);
    if (!strbuf_ok(out))
        return error_memory(err);
    if (db->engine != DB_SQLITE)
        ascii_lower(out->data + begin, out->data + begin, out->len - begin + 1);
    return true;
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
    db->is_freetds = strcasestr(driver, "tds") != NULL;
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
    SQLRETURN rc;

    /* SQLite waits for nobody but the disk. */
    if (!db->dog && !(db->engine_known && db->engine == DB_SQLITE) &&
        !watchdog_new(&db->dog, err))
        return false;
    if (!odbc_ok(SQLAllocHandle(SQL_HANDLE_DBC, db->env, &db->dbc)))
        return odbc_fail(db, SQL_HANDLE_ENV, db->env, "connecting", err);
    if (!freetds_use(db->freetds_conf, err))
        return false;
    SQLSetConnectAttr(db->dbc, SQL_ATTR_LOGIN_TIMEOUT,
                      (SQLPOINTER)(uintptr_t)(seconds <= 0  ? 15
                                              : seconds < 1 ? 1
                                                            : seconds + 0.5),
                      SQL_IS_UINTEGER);
    watchdog_connecting(db->dog);
    odbc_watch(db);
    rc = SQLDriverConnect(db->dbc, NULL, (SQLCHAR *)db->connection, SQL_NTS,
                          out, sizeof(out), &len, SQL_DRIVER_NOPROMPT);
    odbc_unwatch(db);
    watchdog_connected(db->dog);
    if (!odbc_ok(rc)) {
        odbc_fail(db, SQL_HANDLE_DBC, db->dbc, "connecting", err);
        db_disconnect(db);
        return false;
    }
    db->is_connected = true;
    db->sessions++;
    db->is_gone = false;
    return learn_engine(db, err);
}

/* The string for the engine that a first connection found. */
static bool complete(struct db *db, struct error *err)
{
    struct strbuf string;
    bool ok;

    strbuf_init(&string, CONNECTION_STRING);
    strbuf_adds(&string, db->connection);
    if (db->engine != DB_SQLITE)
        attributes_drop(&string, "NoCreat");
    ok = add_for_engine(&db->settings, db->engine, &string, err);
    if (ok) {
        free(db->connection);
        db->connection = strbuf_take(&string);
        ok = db->connection || error_memory(err);
    }
    strbuf_release(&string);
    return ok;
}

/* No limit is -1 to SQL Server, to which 0 means not to wait at all. */
static bool set_number(struct db *db, const char *brace, double seconds,
                       struct error *err)
{
    char text[32];

    if (seconds > 0)
        snprintf(text, sizeof(text), "%.0f",
                 seconds < 1e6 ? seconds * 1000 : 1e9);
    else
        snprintf(text, sizeof(text), "%d", db->engine == DB_MSSQL ? -1 : 0);
    return names_set(&db->names, brace, text, true, err);
}

bool connect_limits(struct db *db, struct error *err)
{
    return set_number(db, "lock_ms", db->settings.lock_timeout, err) &&
           set_number(db, "statement_ms", db->settings.statement_timeout, err);
}

static bool set_up_session(struct db *db, struct error *err)
{
    return connect_limits(db, err) && db_run_script(db, "session", err);
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
    if (set_up_session(db, err)) {
        if (!db->was_connected)
            warn_unchecked(db);
        db->was_connected = true;
        return true;
    }
    /* The server is there and took the login: not a wrong setting. */
    db->asks_to_wait = db->asks_to_wait || err->kind == ERROR_RETRY;
    db_disconnect(db);
    return false;
}

void db_disconnect(struct db *db)
{
    odbc_forget_all(db);
    odbc_watch(db);
    if (db->is_connected)
        SQLDisconnect(db->dbc);
    if (db->dbc)
        SQLFreeHandle(SQL_HANDLE_DBC, db->dbc);
    odbc_unwatch(db);
    db->dbc = NULL;
    db->is_connected = false;
}

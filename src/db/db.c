#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "db/attributes.h"
#include "db/connect.h"
#include "db/freetds.h"
#include "db/odbc.h"

static bool open_environment(struct db *db, struct error *err)
{
    if (!odbc_ok(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &db->env)))
        return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                          "unixODBC does not start");
    SQLSetEnvAttr(db->env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)SQL_OV_ODBC3, 0);
    return true;
}

static bool make_string(struct db *db, struct error *err)
{
    struct strbuf string;
    bool ok;

    strbuf_init(&string, 32 * KIB);
    ok = connect_string(&db->settings, &string, &db->engine, &db->engine_known,
                        err) &&
         freetds_check_certificate(&db->settings, &string, &db->freetds_conf,
                                   err);
    if (ok) {
        db->connection = strbuf_take(&string);
        ok = db->connection || error_memory(err);
    }
    strbuf_release(&string);
    return ok;
}

static bool no_file(const char *name, struct error *err)
{
    char folder[PATH_MAX] = "";

    if (name[0] != '/' && !getcwd(folder, sizeof(folder)))
        folder[0] = '\0';
    error_exit(err, ERROR_SETUP, EXIT_DATABASE,
               "there is no database file %.200s%s%.120s; vitae init makes "
               "one, database.database= or database.connection= name another",
               name, folder[0] ? " in " : "", folder);
    error_code(err, "no_file");
    return false;
}

/* The driver would make an empty one of any mistyped name; its own refusal
 * (NoCreat) names no file. */
static bool check_file(const struct db *db, struct error *err)
{
    struct strbuf name;
    bool ok;

    if (!db->settings.must_exist || !db->engine_known ||
        db->engine != DB_SQLITE)
        return true;
    strbuf_init(&name, PATH_MAX);
    ok = !attributes_value(db->connection, "Database", &name) || !name.len ||
         name.data[0] == ':' || strncmp(name.data, "file:", 5) == 0 ||
         file_exists(name.data) || no_file(name.data, err);
    strbuf_release(&name);
    return ok;
}

/* Only a server that asks for it is tried again here. */
static bool connect_patiently(struct db *db, struct error *err)
{
    int tried;

    for (tried = 1;; tried++) {
        if (db_connect(db, err))
            return true;
        if (!db->asks_to_wait ||
            !odbc_wait(db, &odbc_policy, "connect", tried, err))
            return false;
    }
}

bool db_open(struct db **out, const struct db_settings *settings,
             struct clock *clock, const volatile bool *stop, struct error *err)
{
    struct db *db = calloc(1, sizeof(*db));

    *out = db;
    if (!db)
        return error_memory(err);
    db->settings = *settings;
    db->clock = clock;
    db->stop = stop;
    db->text_ceiling = 64 * MIB;
    db->freetds_conf = -1;
    db->chance = ((uint64_t)getpid() << 32) ^
                 (uint64_t)(clock->now(clock) * 1e6) ^ (uintptr_t)db;
    if (open_environment(db, err) && make_string(db, err) &&
        check_file(db, err) && connect_patiently(db, err) &&
        dialect_own_names(&db->names, db->engine, settings->schema,
                          settings->prefix, err))
        return true;
    db_close(db);
    *out = NULL;
    return false;
}

bool db_open_unconnected(struct db **out, const struct db_settings *settings,
                         enum db_engine engine, struct error *err)
{
    struct db *db = calloc(1, sizeof(*db));

    *out = db;
    if (!db)
        return error_memory(err);
    db->settings = *settings;
    db->engine = engine;
    db->freetds_conf = -1;
    if (dialect_own_names(&db->names, engine, settings->schema,
                          settings->prefix, err) &&
        connect_limits(db, err))
        return true;
    db_close(db);
    *out = NULL;
    return false;
}

/* Secrets don't stay in freed memory. */
static void wipe(char *s)
{
    if (s)
        explicit_bzero(s, strlen(s));
    free(s);
}

void db_close(struct db *db)
{
    size_t i;

    if (!db)
        return;
    db_disconnect(db);
    if (db->env)
        SQLFreeHandle(SQL_HANDLE_ENV, db->env);
    for (i = 0; i < db->prepared_count; i++) {
        free(db->prepared[i]->name);
        free(db->prepared[i]);
    }
    for (i = 0; i < db->table_count; i++) {
        free(db->tables[i].asked);
        free(db->tables[i].real);
    }
    free(db->prepared);
    free(db->tables);
    if (db->freetds_conf >= 0)
        close(db->freetds_conf);
    watchdog_free(db->dog);
    names_release(&db->names);
    wipe(db->connection);
    free(db);
}

unsigned db_sessions(const struct db *db)
{
    return db->sessions;
}

enum db_engine db_engine(const struct db *db)
{
    return db->engine;
}

const char *db_description(const struct db *db)
{
    return db->description;
}

void db_set_text_cut(struct db *db, bool cut)
{
    db->cuts_texts = cut;
}

void db_set_text_ceiling(struct db *db, size_t bytes)
{
    db->text_ceiling = bytes;
}

/* What the catalogue called the table, once it was asked. */
static const char *real_name(const struct db *db, const char *identifier)
{
    size_t i;

    for (i = 0; i < db->table_count; i++)
        if (strcmp(db->tables[i].asked, identifier) == 0)
            return db->tables[i].real;
    return identifier;
}

bool db_set_name(struct db *db, const char *brace, const char *identifier,
                 struct error *err)
{
    struct strbuf quoted;
    bool ok;

    odbc_forget_all(db);
    strbuf_init(&quoted, 8 * KIB);
    ok = dialect_quote_dotted(db->engine, real_name(db, identifier), &quoted,
                              err) &&
         names_set(&db->names, brace, quoted.data, false, err);
    strbuf_release(&quoted);
    return ok;
}

bool db_set_column(struct db *db, const char *brace, const char *column,
                   struct error *err)
{
    struct strbuf quoted;
    bool ok;

    strbuf_init(&quoted, 8 * KIB);
    strbuf_addc(&quoted, '"');
    for (; *column; column++) {
        if (*column == '"')
            strbuf_addc(&quoted, '"');
        strbuf_addc(&quoted, *column);
    }
    strbuf_addc(&quoted, '"');
    ok = strbuf_ok(&quoted) ? db_set_name(db, brace, quoted.data, err)
                            : error_memory(err);
    strbuf_release(&quoted);
    return ok;
}

bool db_set_fragment(struct db *db, const char *brace, const char *text,
                     struct error *err)
{
    odbc_forget_all(db);
    return names_set(&db->names, brace, text, true, err);
}

bool db_set_columns(struct db *db, const char *list,
                    const struct db_column *columns, size_t count,
                    struct error *err)
{
    odbc_forget_all(db);
    return names_set_list(&db->names, list, columns, count, err);
}

struct call {
    const char *statement;
    const struct db_value *values;
    size_t count;
};

bool odbc_ready(struct db *db, struct error *err)
{
    struct error ignored;

    if (db->is_connected && !db->is_gone && db->is_stuck &&
        !odbc_direct(db, "rollback", dialect_of(db->engine)->rollback,
                     &ignored))
        db->is_gone = true;
    db->is_stuck = false;
    if (db->is_connected && !db->is_gone)
        return true;
    db_disconnect(db);
    return db_connect(db, err);
}

/* Ready for a statement outside or within a transaction. */
static bool be_ready(struct db *db, struct error *err)
{
    if (db->rows.prepared)
        return error_set(err, ERROR_SETUP,
                         "a result is still open on this connection");
    if (!db->in_body)
        return odbc_ready(db, err);
    if (db->is_gone)
        *err = db->failure;
    return !db->is_gone;
}

static bool run_once(struct db *db, const struct call *c, int64_t *changed,
                     struct error *err)
{
    struct prepared *p;

    return be_ready(db, err) && odbc_prepare(db, c->statement, &p, err) &&
           odbc_execute(db, p, c->values, c->count, err) &&
           odbc_drain(db, p, changed, err);
}

static bool query_once(struct db *db, const struct call *c,
                       struct db_rows **rows, struct error *err)
{
    struct prepared *p;

    if (!be_ready(db, err) || !odbc_prepare(db, c->statement, &p, err) ||
        !odbc_execute(db, p, c->values, c->count, err) ||
        !odbc_open_rows(db, p, err))
        return false;
    *rows = &db->rows;
    return true;
}

static bool is_repeatable(const struct db *db, const char *statement)
{
    size_t i;

    for (i = 0; i < db->prepared_count; i++)
        if (strcmp(db->prepared[i]->name, statement) == 0)
            return db->prepared[i]->is_repeatable;
    return false;
}

/* After a failure outside a transaction: may it be tried again?  An error
 * means that nothing was applied, unless its outcome is not known. */
static bool try_again(struct db *db, const char *statement, int tried,
                      struct error *err)
{
    if (db->in_body || err->kind != ERROR_RETRY ||
        (db->is_unknown && !is_repeatable(db, statement)))
        return false;
    return odbc_wait(db, &odbc_policy, statement, tried, err);
}

bool db_run(struct db *db, const char *statement, const struct db_value *values,
            size_t count, int64_t *changed, struct error *err)
{
    const struct call call = { statement, values, count };
    int tried;

    for (tried = 1;; tried++) {
        db->is_unknown = false;
        if (run_once(db, &call, changed, err))
            return true;
        if (!try_again(db, statement, tried, err))
            return false;
    }
}

bool db_query(struct db *db, const char *statement,
              const struct db_value *values, size_t count,
              struct db_rows **rows, struct error *err)
{
    const struct call call = { statement, values, count };
    int tried;

    *rows = NULL;
    for (tried = 1;; tried++) {
        db->is_unknown = false;
        if (query_once(db, &call, rows, err))
            return true;
        if (!try_again(db, statement, tried, err))
            return false;
    }
}

struct each {
    db_row_function *function;
    void *context;
    int64_t rows;
    bool is_ours; /* the caller's function failed, not the database */
};

static bool each_once(struct db *db, const struct call *call, struct each *e,
                      struct error *err)
{
    struct db_rows *rows;
    bool ok, more;

    if (!query_once(db, call, &rows, err))
        return false;
    while ((ok = db_rows_next(rows, &more, err)) && more) {
        e->rows++;
        if (!e->function(e->context, rows, err)) {
            e->is_ours = true;
            ok = false;
            break;
        }
    }
    db_rows_close(rows);
    return ok;
}

bool db_each(struct db *db, const char *statement,
             const struct db_value *values, size_t count, db_row_function *each,
             void *context, int64_t *rows, struct error *err)
{
    const struct call call = { statement, values, count };
    struct each e = { .function = each, .context = context };
    int tried;

    for (tried = 1;; tried++) {
        db->is_unknown = false;
        if (each_once(db, &call, &e, err))
            break;
        /* Rows that were handed out cannot be taken back. */
        if (e.is_ours || e.rows || !try_again(db, statement, tried, err))
            return false;
    }
    if (rows)
        *rows = e.rows;
    return true;
}

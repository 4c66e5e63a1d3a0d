#include "db/odbc.h"

#include <stdlib.h>
#include <string.h>

#include "db/faults.h"
#include "db/statements.h"

/* One diagnostic record. */
struct diagnostic {
    char state[8];
    long native;
    char message[600];
};

static bool read_record(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT number,
                        struct diagnostic *d)
{
    SQLCHAR state[SQL_SQLSTATE_SIZE + 1] = "";
    SQLINTEGER native = 0;
    SQLSMALLINT len = 0;

    d->message[0] = '\0';
    if (!odbc_ok(SQLGetDiagRec(type, handle, number, state, &native,
                               (SQLCHAR *)d->message,
                               (SQLSMALLINT)sizeof(d->message), &len)))
        return false;
    snprintf(d->state, sizeof(d->state), "%s", (const char *)state);
    d->native = native;
    return true;
}

/* How much a row says: one that goes by a number or by words most. */
static int weight(const struct db_fault *f)
{
    return !f || !fault_is_known(f) ? 0 : f->first || f->word ? 2 : 1;
}

/* Of the records the one that says most, of equal ones the first. */
static const struct db_fault *diagnose(const struct db *db, SQLSMALLINT type,
                                       SQLHANDLE handle, struct diagnostic *out)
{
    const struct db_fault *fault = NULL, *f;
    struct diagnostic d;
    SQLSMALLINT i;

    memset(out, 0, sizeof(*out));
    for (i = 1; i <= 8 && read_record(type, handle, i, &d); i++) {
        f = fault_find(db->engine, d.state, d.native, d.message);
        if (!fault || weight(f) > weight(fault)) {
            fault = f;
            *out = d;
        }
    }
    return fault ? fault : fault_find(db->engine, "HY000", 0, "");
}

/* What a person can read of a driver's message: without "[vendor][driver]",
 * details on further lines, and long quoted runs, which may be values. */
static void clean(const char *message, struct strbuf *out)
{
    const char *p = message;
    const char *close;

    while (*p == '[' && (p = strchr(p, ']')))
        p++;
    for (p = p ? p : message; *p == ' '; p++)
        ;
    for (; *p && *p != '\n' && *p != '\r'; p++) {
        strbuf_addc(out, *p);
        close = *p == '\'' || *p == '"' ? strchr(p + 1, *p) : NULL;
        if (close && close - p > 130) {
            strbuf_adds(out, "...");
            p = close - 1;
        }
    }
}

static void set_message(const struct db *db, const struct db_fault *fault,
                        const struct diagnostic *d, const char *what,
                        struct error *err)
{
    struct strbuf text;

    strbuf_init(&text, KIB);
    if (fault->flags & FAULT_QUIET)
        strbuf_addf(&text, "a value was refused (%s)", fault->code);
    else if (d->message[0])
        clean(d->message, &text);
    else
        strbuf_adds(&text, "failed without a word");
    error_exit(err, fault->kind, EXIT_DATABASE, "%s: %s: %.280s [%s/%ld]%s%s",
               db->engine_known ? dialect_of(db->engine)->title : "database",
               what, text.data, d->state, d->native, fault->cure ? "; " : "",
               fault->cure ? fault->cure : "");
    error_code(err, fault->code);
    err->native = d->native;
    strbuf_release(&text);
}

static bool says_dead(const struct db *db)
{
    SQLUINTEGER dead = SQL_CD_FALSE;

    return odbc_ok(SQLGetConnectAttr(db->dbc, SQL_ATTR_CONNECTION_DEAD, &dead,
                                     0, NULL)) &&
           dead == SQL_CD_TRUE;
}

bool odbc_fail(struct db *db, SQLSMALLINT type, SQLHANDLE handle,
               const char *what, struct error *err)
{
    struct diagnostic d;
    const struct db_fault *fault = diagnose(db, type, handle, &d);

    set_message(db, fault, &d, what, err);
    db->asks_to_wait = (fault->flags & FAULT_WAIT) != 0;
    db->is_unknown = (fault->flags & FAULT_UNKNOWN) != 0;
    if (fault->flags & FAULT_GONE) {
        db->is_gone = true;
    } else if (db->is_connected && says_dead(db)) {
        /* FreeTDS says HY000/0 when its server has gone. */
        db->is_gone = db->is_unknown = true;
        if (!fault_is_known(fault)) {
            err->kind = ERROR_RETRY;
            error_code(err, "lost");
        }
    }
    if (!db->has_failed) {
        db->has_failed = true;
        db->failure = *err;
    }
    return false;
}

bool odbc_fail_prepared(struct db *db, const struct prepared *p,
                        struct error *err)
{
    /* psqlodbc wraps a SELECT in a transaction of its own
     * (UseDeclareFetch=1), which is left aborted when the SELECT fails. */
    db->is_stuck = db->engine == DB_POSTGRESQL && !db->in_body &&
                   strncasecmp(p->statement.sql, "SELECT", 6) == 0;
    return odbc_fail(db, SQL_HANDLE_STMT, p->handle, p->name, err);
}

void odbc_forget(struct db *db, struct prepared *p)
{
    size_t i;

    if (db->rows.prepared == p)
        db->rows.prepared = NULL;
    odbc_watch(db);
    if (p->handle)
        SQLFreeHandle(SQL_HANDLE_STMT, p->handle);
    odbc_unwatch(db);
    p->handle = NULL;
    for (i = 0; i < p->statement.parameter_count; i++)
        free(p->parameters[i].buffer);
    for (i = 0; i < p->column_count; i++) {
        free(p->column_names[i]);
        free(p->cells[i].data);
    }
    free(p->parameters);
    free(p->column_names);
    free(p->cells);
    p->parameters = NULL;
    p->column_names = NULL;
    p->cells = NULL;
    p->column_count = 0;
    p->described = false;
    statement_release(&p->statement);
}

void odbc_forget_all(struct db *db)
{
    size_t i;

    for (i = 0; i < db->prepared_count; i++)
        odbc_forget(db, db->prepared[i]);
}

static struct prepared *find(struct db *db, const char *name)
{
    size_t i;

    for (i = 0; i < db->prepared_count; i++)
        if (strcmp(db->prepared[i]->name, name) == 0)
            return db->prepared[i];
    return NULL;
}

static struct prepared *add(struct db *db, const char *name)
{
    struct prepared **grown = realloc(
        db->prepared, (db->prepared_count + 1) * sizeof(struct prepared *));
    struct prepared *p;

    if (!grown)
        return NULL;
    db->prepared = grown;
    p = calloc(1, sizeof(*p));
    if (!p || !(p->name = strdup(name))) {
        free(p);
        return NULL;
    }
    db->prepared[db->prepared_count++] = p;
    return p;
}

static bool make_text(struct db *db, struct prepared *p, struct error *err)
{
    const char *text = statement_text(p->name, db->engine);

    if (!text)
        return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                          "there is no statement %s for %s", p->name,
                          dialect_of(db->engine)->title);
    if (!statement_make(text, db->engine, &db->names, &p->statement, err))
        return error_context(err, "statement %s", p->name);
    p->is_repeatable = p->statement.is_repeatable;
    p->parameters =
        calloc(p->statement.parameter_count + 1, sizeof(*p->parameters));
    return p->parameters || error_memory(err);
}

/* FreeTDS answers only after some twice the time (measured). */
static void limit_time(struct db *db, SQLHSTMT handle)
{
    double seconds = db->settings.statement_timeout;

    if (db->engine != DB_MSSQL || seconds <= 0)
        return;
    if (db->is_freetds)
        seconds /= 2;
    SQLSetStmtAttr(handle, SQL_ATTR_QUERY_TIMEOUT,
                   (SQLPOINTER)(uintptr_t)(seconds < 1 ? 1 : seconds + 0.5),
                   SQL_IS_UINTEGER);
}

static bool make_handle(struct db *db, struct prepared *p, struct error *err)
{
    struct strbuf sql;
    SQLRETURN rc;

    if (!odbc_ok(SQLAllocHandle(SQL_HANDLE_STMT, db->dbc, &p->handle)))
        return odbc_fail(db, SQL_HANDLE_DBC, db->dbc, p->name, err);
    limit_time(db, p->handle);
    strbuf_init(&sql, 2 * STATEMENT_CEILING);
    strbuf_adds(&sql, p->statement.sql);
    if (dialect_of(db->engine)->tags)
        strbuf_addf(&sql, " /* vitae %s */", p->name);
    if (!strbuf_ok(&sql)) {
        strbuf_release(&sql);
        return error_memory(err);
    }
    odbc_watch(db);
    rc = SQLPrepare(p->handle, (SQLCHAR *)sql.data, SQL_NTS);
    odbc_unwatch(db);
    strbuf_release(&sql);
    return odbc_ok(rc) || odbc_fail_prepared(db, p, err);
}

bool odbc_prepare(struct db *db, const char *name, struct prepared **out,
                  struct error *err)
{
    struct prepared *p = find(db, name);

    if (!p)
        p = add(db, name);
    *out = p;
    if (!p)
        return error_memory(err);
    if (p->handle)
        return true;
    if (make_text(db, p, err) && make_handle(db, p, err))
        return true;
    odbc_forget(db, p);
    return false;
}

bool odbc_execute(struct db *db, struct prepared *p,
                  const struct db_value *values, size_t count,
                  struct error *err)
{
    SQLRETURN rc;

    if (!odbc_bind(db, p, values, count, err))
        return false;
    odbc_watch(db);
    rc = SQLExecute(p->handle);
    odbc_unwatch(db);
    /* FreeTDS: SQL_NO_DATA is success without rows. */
    if (odbc_ok(rc) || rc == SQL_NO_DATA)
        return true;
    odbc_fail_prepared(db, p, err);
    odbc_forget(db, p);
    return false;
}

bool odbc_drain(struct db *db, struct prepared *p, int64_t *changed,
                struct error *err)
{
    SQLRETURN rc = SQL_SUCCESS;
    int64_t sum = 0;
    SQLLEN rows;

    odbc_watch(db);
    while (odbc_ok(rc)) {
        rows = -1;
        if (odbc_ok(SQLRowCount(p->handle, &rows)) && rows > 0)
            sum += rows;
        rc = SQLMoreResults(p->handle);
    }
    if (rc == SQL_NO_DATA)
        SQLFreeStmt(p->handle, SQL_CLOSE);
    odbc_unwatch(db);
    if (rc != SQL_NO_DATA) {
        odbc_fail_prepared(db, p, err);
        odbc_forget(db, p);
        return false;
    }
    if (changed)
        *changed = sum;
    return true;
}

/* libsqliteodbc with StepAPI=1 does the work of a PRAGMA as it fetches. */
static SQLRETURN fetch_all(SQLHSTMT handle)
{
    SQLSMALLINT columns = 0;
    SQLRETURN rc = SQL_SUCCESS;

    if (!odbc_ok(SQLNumResultCols(handle, &columns)) || columns == 0)
        return SQL_SUCCESS;
    while (odbc_ok(rc))
        rc = SQLFetch(handle);
    return rc == SQL_NO_DATA ? SQL_SUCCESS : rc;
}

bool odbc_direct(struct db *db, const char *what, const char *sql,
                 struct error *err)
{
    SQLHSTMT handle;
    SQLRETURN rc;
    bool ok;

    if (!odbc_ok(SQLAllocHandle(SQL_HANDLE_STMT, db->dbc, &handle)))
        return odbc_fail(db, SQL_HANDLE_DBC, db->dbc, what, err);
    limit_time(db, handle);
    odbc_watch(db);
    rc = SQLExecDirect(handle, (SQLCHAR *)sql, SQL_NTS);
    while (odbc_ok(rc)) {
        rc = fetch_all(handle);
        if (odbc_ok(rc))
            rc = SQLMoreResults(handle);
    }
    ok = rc == SQL_NO_DATA || odbc_fail(db, SQL_HANDLE_STMT, handle, what, err);
    SQLFreeHandle(SQL_HANDLE_STMT, handle);
    odbc_unwatch(db);
    return ok;
}

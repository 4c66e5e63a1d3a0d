/*
 * db.h -- one database connection and the statements run on it.
 *
 * A connection belongs to one thread.  Values always travel as bound
 * parameters; there is no function here that takes a value and returns SQL
 * text.  Identifiers (tables, columns, the schema) come from the settings:
 * they are checked against the catalogue or made by us, quoted by the
 * dialect's rules and put into a statement's {braces} once, when it is
 * prepared.  See statement.h for the text form, sql/ for the statements.
 *
 * Transactions: the connection stays in autocommit and BEGIN / COMMIT /
 * ROLLBACK are sent as statements (FreeTDS with autocommit off does not
 * notice a rollback by the server, libsqliteodbc cannot BEGIN IMMEDIATE:
 * measured).  Work is done inside db_transaction(), which retries the body
 * on transient errors (table of errors in dialect.c, by driver, SQLSTATE and
 * native number) with capped exponential back-off and full jitter,
 * reconnecting where the connection is gone.  A commit with an unknown
 * outcome is a transient error too: bodies must be harmless to repeat.
 * db_run() and db_query() outside a transaction are retried the same way
 * when the statement is a SELECT or marked "-- repeatable".
 *
 * All failures carry EXIT_DATABASE (bad settings: EXIT_SETTINGS).
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/clock.h"
#include "base/error.h"
#include "base/retry.h"
#include "base/strbuf.h"

enum db_engine { DB_SQLITE, DB_POSTGRESQL, DB_MSSQL };

struct db_settings {
    char *connection; /* a whole ODBC connection string, or */
    char *dsn;        /* a data source's name, or */
    char *server;     /* server, database, username, password for */
    char *database;   /* SQL Server; without any: ./vitae.db by SQLite */
    char *username;
    char *password;
    char *driver; /* "" = FreeTDS for server=; SQLite3 by default */
    char *schema; /* of our own tables; NULL = the connection's default */
    char *prefix; /* of our own tables: "aicandidate" */
    double login_timeout;
    double statement_timeout;
    double lock_timeout;
    bool encrypt;           /* require TLS (server connections) */
    bool trust_certificate; /* don't check it: said in the log */
    char *ca_file;          /* who vouches for it; NULL = the system's */
    bool must_exist;        /* SQLite: a file that isn't there is not made */
    bool at_once;           /* nothing is tried again: what is wrong is said */
};

struct db;
struct db_rows; /* an open result */

enum db_type { DB_TEXT, DB_INTEGER, DB_REAL, DB_NULL };

struct db_value {
    const char *name; /* of the :parameter */
    enum db_type type;
    const char *text; /* borrowed for the call, UTF-8 */
    size_t len;
    int64_t integer;
    double real;
};

/* {name} is a C string or NULL (SQL NULL). */
struct db_value db_text(const char *name, const char *s);
struct db_value db_text_len(const char *name, const char *s, size_t len);
struct db_value db_integer(const char *name, int64_t value);
struct db_value db_real(const char *name, double value);
struct db_value db_null(const char *name);

/* stop (may be NULL) ends waiting between retries. */
MUST_CHECK bool db_open(struct db **db, const struct db_settings *settings,
                        struct clock *clock, const volatile bool *stop,
                        struct error *err);
/* Without a connection, for the texts of statements alone: only the names and
 * db_script_text() and db_parameters() may be used. */
MUST_CHECK bool db_open_unconnected(struct db **db,
                                    const struct db_settings *settings,
                                    enum db_engine engine, struct error *err);
void db_close(struct db *db);
enum db_engine db_engine(const struct db *db);
/* How often it was connected: another number tells that it was lost. */
unsigned db_sessions(const struct db *db);
/* "SQLite 3.40.1 by libsqliteodbc 0.9998"; borrowed. */
const char *db_description(const struct db *db);
/* How the way there is secured, for people: "TLS, certificate checked"; ""
 * for a file.  Static. */
const char *db_security(const struct db *db);

/* Appends where our tables are: "server:port/database schema.prefix" in small
 * letters, for a file its whole path; with this host's name, where it is here
 * (a file, "localhost").  The same after a restore, or a failover behind the
 * same name. */
MUST_CHECK bool db_place(struct db *db, struct strbuf *out, struct error *err);

/*
 * Names for {braces}.  db_open sets {status} {item} {claim} {before} {event}
 * {command} {progress_view} ... from schema and prefix (dialect.c's table).
 * identifier may be dotted; each part is quoted.
 */
MUST_CHECK bool db_set_name(struct db *db, const char *brace,
                            const char *identifier, struct error *err);
/* A column as the catalogue spells it: dots and quotes are part of it. */
MUST_CHECK bool db_set_column(struct db *db, const char *brace,
                              const char *column, struct error *err);

/* SQL text of ours or of the operator's settings (source.where) for a brace;
 * it may hold braces itself. */
MUST_CHECK bool db_set_fragment(struct db *db, const char *brace,
                                const char *text, struct error *err);

/* A list for {each LIST SEPARATOR}...{end} in a statement: inside, {column}
 * is the quoted name, {path} a JSON member name (checked [A-Za-z0-9_]+),
 * {type} the dialect's type word, {index} 0, 1, 2. */
struct db_column {
    const char *name;
    const char *path;
    const char *type;
    int rule; /* statements may select by it: {each LIST:RULE ", "} */
};
MUST_CHECK bool db_set_columns(struct db *db, const char *list,
                               const struct db_column *columns, size_t count,
                               struct error *err);

/* Runs a statement that gives no rows; *changed (may be NULL) counts rows.
 * Prepared once per name and kept. */
MUST_CHECK bool db_run(struct db *db, const char *statement,
                       const struct db_value *values, size_t count,
                       int64_t *changed, struct error *err);

/* Runs a statement that gives rows; the caller closes *rows.  One result
 * may be open per connection. */
MUST_CHECK bool db_query(struct db *db, const char *statement,
                         const struct db_value *values, size_t count,
                         struct db_rows **rows, struct error *err);
/* *more = false at the end. */
MUST_CHECK bool db_rows_next(struct db_rows *rows, bool *more,
                             struct error *err);
void db_rows_close(struct db_rows *rows); /* NULL is fine */

size_t db_rows_columns(const struct db_rows *rows);
const char *db_rows_name(const struct db_rows *rows, size_t column);
/* Of the current row, by position from 0; valid until the next row.  Text is
 * UTF-8 as the driver gave it (repair it: text.h), NUL-terminated; NULL =
 * SQL NULL.  Long text is read whole, up to the ceiling set below, beyond
 * which db_rows_next fails with ERROR_REJECT, code "too_long". */
const char *db_rows_text(const struct db_rows *rows, size_t column,
                         size_t *len);
int64_t db_rows_integer(const struct db_rows *rows, size_t column);
double db_rows_real(const struct db_rows *rows, size_t column);
bool db_rows_is_null(const struct db_rows *rows, size_t column);
void db_set_text_ceiling(struct db *db, size_t bytes); /* default 64 MiB */
/* While set, a longer text is cut somewhere instead, and its row is to be
 * passed over: one of them must not stop all others. */
void db_set_text_cut(struct db *db, bool cut);
bool db_rows_is_cut(const struct db_rows *rows, size_t column);

/* One row, or none (*found = false): the common case. */
typedef bool db_row_function(void *context, const struct db_rows *row,
                             struct error *err);
MUST_CHECK bool db_each(struct db *db, const char *statement,
                        const struct db_value *values, size_t count,
                        db_row_function *each, void *context, int64_t *rows,
                        struct error *err);

/*
 * BEGIN (IMMEDIATE on SQLite), body, COMMIT.  body returns false with err to
 * roll back: transient errors are retried by the policy (NULL = the
 * default: 8 tries, full jitter up to 0.2 s, 0.4 s ... 10 s), others
 * returned; so are errors of the body's own making, whatever their kind.  A
 * statement that failed dooms its transaction even when body returns true.
 * body may run several times.  No nesting.  Nothing that waits for the
 * network, a model or the disk may happen in a body.
 */
typedef bool db_body(struct db *db, void *context, struct error *err);
/* Within a body: true when it runs again because the outcome of its COMMIT
 * is not known, so that it may find its own work done. */
bool db_is_repeat(const struct db *db);
MUST_CHECK bool db_transaction(struct db *db, const char *name, db_body *body,
                               void *context, const struct retry_policy *policy,
                               struct error *err);

/* The catalogue's view of a table: false with ERROR_SETUP when it isn't
 * there. */
struct db_catalogue_column {
    char name[600];
    char type[64];       /* the server's own word, lower case */
    char cast[100];      /* the whole type, as CAST and OPENJSON want it */
    char collation[132]; /* "" = the database's default */
    int64_t width;       /* characters; 0 = unlimited or not text */
    bool is_text, is_date, is_number, is_boolean; /* none: something else */
    bool is_nullable, is_computed;
    bool utf16_width; /* width counts UTF-16 units (nvarchar) */
    bool byte_width;  /* width counts bytes (SQL Server's varchar) */
};
/* From then on db_set_name() takes the table's name as the catalogue spells
 * it (PostgreSQL: AICandidate in the settings, aicandidate there). */
MUST_CHECK bool db_catalogue(struct db *db, const char *table,
                             struct db_catalogue_column **columns,
                             size_t *count, struct error *err);

/* Runs every statement of a script, a file of sql/ or sql/schema whose
 * statements end with a ";" at a line's end (those without a line that says
 * GO, too).  Stops at the first that fails; no transaction of its own. */
MUST_CHECK bool db_run_script(struct db *db, const char *script,
                              struct error *err);
/* The script, or any statement, with this site's names, for --print. */
MUST_CHECK bool db_script_text(struct db *db, const char *script,
                               struct strbuf *out, struct error *err);

/* The index-th statement that the program may send to this engine (scripts
 * that make tables apart: db_init prints them); NULL after the last. */
const char *db_statement_name(const struct db *db, size_t index);
/* Appends the names of its parameters in their order, by blanks. */
MUST_CHECK bool db_parameters(struct db *db, const char *statement,
                              struct strbuf *out, struct error *err);

#endif

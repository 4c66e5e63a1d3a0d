/*
 * odbc.h -- private to db/: the connection, its prepared statements, and
 * the mapping of ODBC's diagnostics to errors.
 */
#ifndef DB_ODBC_H
#define DB_ODBC_H

#include <sql.h>
#include <sqlext.h>

#include "db/db.h"
#include "db/dialect.h"
#include "db/statement.h"
#include "db/watchdog.h"

/* One ? of a prepared statement.  Bound to memory of its own, so that the
 * next execution only copies; long values are bound where they lie. */
struct parameter {
    size_t hint;          /* where its value stood last time */
    SQLSMALLINT c_type;   /* 0 = not bound yet */
    SQLSMALLINT sql_type; /* as bound */
    const void *bound;    /* the address bound, borrowed */
    SQLLEN indicator;
    int64_t integer;
    double real;
    char *buffer; /* owned */
    size_t room;
};

/* A column of the current row, as text. */
struct cell {
    char *data; /* owned, NUL-terminated */
    size_t len, size;
    bool is_null;
    bool is_cut; /* longer than the ceiling: the rest was left */
};

struct prepared {
    char *name; /* owned */
    SQLHSTMT handle;
    struct statement statement;
    struct parameter *parameters; /* owned */
    size_t column_count;
    char **column_names; /* owned, with their strings */
    struct cell *cells;  /* owned */
    bool described;
    bool is_repeatable; /* stays when the handle goes */
};

struct db_rows {
    struct db *db;
    struct prepared *prepared; /* NULL = closed */
    bool ended;
};

/* A table whose real name the catalogue told. */
struct known_table {
    char *asked, *real; /* owned */
};

struct db {
    struct db_settings settings; /* strings borrowed from the caller */
    struct clock *clock;         /* borrowed */
    const volatile bool *stop;   /* borrowed; NULL = none */
    enum db_engine engine;
    bool engine_known;
    bool is_freetds;
    char description[200];
    char *connection; /* owned: the whole string, with secrets */
    int freetds_conf; /* freetds.h; -1 = none */
    bool was_connected;
    SQLHENV env;
    SQLHDBC dbc;
    bool is_connected;
    unsigned sessions;    /* how often it was connected */
    bool is_gone;         /* of no more use: connect again */
    bool is_stuck;        /* needs a ROLLBACK before anything else */
    bool in_body;         /* within db_transaction() */
    bool has_failed;      /* the database failed since its try began */
    bool is_unknown;      /* the last failure may have been applied */
    bool is_repeat;       /* the body runs again after an unknown commit */
    bool asks_to_wait;    /* the last failure to connect may pass */
    struct error failure; /* how, the first time */
    struct names names;
    struct prepared **prepared; /* owned */
    size_t prepared_count;
    struct db_rows rows;
    struct known_table *tables; /* owned */
    size_t table_count;
    size_t text_ceiling;
    bool cuts_texts;
    uint64_t chance;
    struct watchdog *dog; /* owned; NULL = none */
};

/* Maps the handle's diagnostics to err (what = a statement's name, or what
 * was tried), and notes in db what they say of the connection.  Always
 * false. */
bool odbc_fail(struct db *db, SQLSMALLINT type, SQLHANDLE handle,
               const char *what, struct error *err);
bool odbc_fail_prepared(struct db *db, const struct prepared *p,
                        struct error *err);
/* Round whatever may wait for the server. */
static inline void odbc_watch(struct db *db)
{
    double limit = db->settings.statement_timeout;

    /* The server's own limit comes first, if it is alive. */
    watchdog_watch(db->dog, limit <= 0    ? 0
                            : limit <= 4  ? limit + 1
                            : limit <= 40 ? limit * 1.25
                                          : limit + 10);
}
static inline void odbc_unwatch(struct db *db)
{
    watchdog_rest(db->dog);
}

/* Evaluates its argument once. */
static inline bool odbc_ok(SQLRETURN rc)
{
    return rc == SQL_SUCCESS || rc == SQL_SUCCESS_WITH_INFO;
}

/* Prepares (once) and finds a statement by its name. */
MUST_CHECK bool odbc_prepare(struct db *db, const char *name,
                             struct prepared **out, struct error *err);
/* Forgets the handle after a failure: the next use prepares again. */
void odbc_forget(struct db *db, struct prepared *p);
void odbc_forget_all(struct db *db);

/* bind.c: gives the parameters their values. */
MUST_CHECK bool odbc_bind(struct db *db, struct prepared *p,
                          const struct db_value *values, size_t count,
                          struct error *err);

/* Executes; the result (if any) is open then.  *rows counts the rows
 * changed so far, -1 = not known. */
MUST_CHECK bool odbc_execute(struct db *db, struct prepared *p,
                             const struct db_value *values, size_t count,
                             struct error *err);
/* Runs through what results there are and closes; counts changed rows. */
MUST_CHECK bool odbc_drain(struct db *db, struct prepared *p, int64_t *changed,
                           struct error *err);

/* rows.c: the executed statement's rows become the open ones. */
MUST_CHECK bool odbc_open_rows(struct db *db, struct prepared *p,
                               struct error *err);

/* Sends a text without parameters. */
MUST_CHECK bool odbc_direct(struct db *db, const char *what, const char *sql,
                            struct error *err);

/* db.c: connected, and ready for a statement outside a transaction. */
MUST_CHECK bool odbc_ready(struct db *db, struct error *err);

/* transaction.c: waits before try number tried + 1; false (err as it is)
 * when there is none. */
bool odbc_wait(struct db *db, const struct retry_policy *policy,
               const char *what, int tried, const struct error *err);
extern const struct retry_policy odbc_policy;

#endif

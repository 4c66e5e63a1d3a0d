/*
 * site.h -- a database for a test, on each engine that is at hand.
 *
 * SQLite: a file in the test's folder.  PostgreSQL: $VITAE_TEST_PGSQL, a
 * connection string, as with_postgres.sh gives it.  SQL Server's protocol:
 * $VITAE_TEST_MSSQL likewise, its certificate vouched for by the file
 * $VITAE_TEST_MSSQL_CA (by hand).
 */
#ifndef TESTS_DB_SITE_H
#define TESTS_DB_SITE_H

#include "db/db.h"

/* Starts the test again under with_postgres.sh, once.  optional: without a
 * server it goes on with the other engines, else it is skipped. */
void site_with_postgres(char **argv, bool optional);

/* Only errors are logged. */
void site_quiet(void);

/* Skips the whole test, with the reason, when the driver is missing. */
struct db *site_open_sqlite(const char *file);
/* Settings to open more connections by; strings are static. */
struct db_settings site_sqlite(const char *file);
/* NULL when that engine is not at hand. */
struct db *site_open(enum db_engine engine);
/* PostgreSQL's connection string for another user, static. */
char *site_other_login(const char *user);
void site_missing(enum db_engine engine); /* says so */
bool site_settings(enum db_engine engine, struct db_settings *settings);

/* Makes aicandidate and vitae's tables, sets the names that batch/ sets. */
void site_init(struct db *db);
void site_names(struct db *db);

/* Is that file of sql/ a script, not one statement? */
bool site_is_script(const char *name);
/* A value that suits a parameter of that name. */
struct db_value site_value(const char *name);

/* Runs SQL text that is the test's own. */
bool site_exec(struct db *db, const char *sql);
/* Several, as a script has them. */
bool site_script(struct db *db, const char *text);
/* The first column of the first row, in a static buffer; "NULL", or "none"
 * when there is no row. */
const char *site_get(struct db *db, const char *sql);

#endif

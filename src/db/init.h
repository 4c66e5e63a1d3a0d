/*
 * init.h -- vitae's own tables: made, adopted, upgraded.
 *
 * db_init() may run any number of times and says what it did.  It
 *   makes the user's table where it is absent: on SQLite, elsewhere only when
 *     asked (make_source); never alters one that is there, unless
 *     add_columns: then what the profile maps and the table lacks is added;
 *   makes our tables and views, or upgrades them by the numbered scripts of
 *     sql/schema that are missing, all in one transaction;
 *   leaves a status table of another shape alone (older deployments have
 *     one row per batch and candidate under the same name): an ERROR_SETUP,
 *     code "other_shape", that says to set database.prefix.
 *
 * With print, nothing is changed: the texts go there.
 */
#ifndef DB_INIT_H
#define DB_INIT_H

#include "db/db.h"

struct db_init_column {
    const char *name;
    int64_t width; /* characters, 0 = unlimited; all of them are text */
};

struct db_init {
    const char *table; /* the user's, as in the settings */
    const char *key, *text, *processed;
    const char *changed;                  /* NULL or "" = none */
    const struct db_init_column *columns; /* what the profile maps */
    size_t column_count;
    bool make_source;
    bool add_columns;
    struct strbuf *print; /* NULL = do it */
};

struct db_init_report {
    bool made_source;
    size_t added_columns;
    int version_before; /* 0 = there were none */
    int version;
};

MUST_CHECK bool db_init(struct db *db, const struct db_init *init,
                        struct db_init_report *report, struct error *err);

/* Are our tables there, and of this program's version?  An ERROR_SETUP that
 * says what to do, else. */
MUST_CHECK bool db_check_schema(struct db *db, struct error *err);

/* Appends what the user (a role or login) must be granted for daily work;
 * table is the one with the resumes. */
MUST_CHECK bool db_grants(struct db *db, const char *table, const char *user,
                          struct strbuf *out, struct error *err);

#endif

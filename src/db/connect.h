/*
 * connect.h -- connection strings, and connecting.
 *
 * connect_string() is pure.  What the operator wrote wins over what is
 * added: an attribute that is there already is left alone.
 */
#ifndef DB_CONNECT_H
#define DB_CONNECT_H

#include "db/db.h"

/* The whole string for the settings.  *known = false: the engine behind the
 * data source isn't known before a first connection; then *engine is not
 * set, and nothing is added but must_exist's NoCreat. */
MUST_CHECK bool connect_string(const struct db_settings *settings,
                               struct strbuf *out, enum db_engine *engine,
                               bool *known, struct error *err);
/* Names for the session's limits. */
MUST_CHECK bool connect_limits(struct db *db, struct error *err);
/* Connects, sets the session up; retries nothing. */
MUST_CHECK bool db_connect(struct db *db, struct error *err);
void db_disconnect(struct db *db);

#endif

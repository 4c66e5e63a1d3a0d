/*
 * rights.h -- may this login write what the end of a batch writes?
 *
 * Asked before money is spent: a right that is missing shows otherwise only
 * when paid answers are to be written.  The engine is asked by its own
 * functions (has_column_privilege, HAS_PERMS_BY_NAME): nothing is written,
 * nothing is locked.  SQLite has no rights; that its file can't be written
 * shows at the first claim, before anything is sent.
 *
 * {source}, {key}, {text}, {processed} and the list "values" are set.
 */
#ifndef DB_RIGHTS_H
#define DB_RIGHTS_H

#include "db/db.h"

/* False with ERROR_SETUP, code "rights", when one is missing: names the user,
 * the rights and who prints the cure. */
MUST_CHECK bool db_check_rights(struct db *db, struct error *err);

#endif

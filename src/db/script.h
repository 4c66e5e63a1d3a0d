/*
 * script.h -- the statements of a script, one after the other.
 *
 * A statement ends with a ";" at the end of a line (comments there don't
 * count), or with a line that says only GO.  Within quotes neither does.
 */
#ifndef DB_SCRIPT_H
#define DB_SCRIPT_H

#include "db/db.h"

/* The next statement of a text without comments (sql_strip): sets *from and
 * *len (without its ";"); false at the end.  *at begins at 0. */
bool script_next(const char *text, enum db_engine engine, size_t *at,
                 const char **from, size_t *len);

#endif

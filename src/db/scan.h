/*
 * scan.h -- where text of SQL is not code.
 *
 * Strings, quoted identifiers and comments, as SQL has them: '' and "" within
 * their own quotes, [..] but on PostgreSQL, -- to the end of the line,
 * slash-star comments that nest.  What is not closed goes to the end of the
 * text.
 */
#ifndef DB_SCAN_H
#define DB_SCAN_H

#include "db/db.h"

enum sql_token { SQL_TOKEN_CODE, SQL_TOKEN_QUOTED, SQL_TOKEN_COMMENT };

/* What begins at s, and its length (code: 1; at the end: 0).  *open (may be
 * NULL): it is not closed. */
enum sql_token sql_scan(const char *s, size_t len, enum db_engine engine,
                        size_t *length, bool *open);

/* Appends text without its comments (each becomes a blank), blanks before a
 * line's end and empty lines. */
void sql_strip(const char *text, size_t len, enum db_engine engine,
               struct strbuf *out);

#endif

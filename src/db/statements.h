/*
 * statements.h -- the statements of sql/, built into the program.
 *
 * A statement is found by its name; a variant for the dialect wins over the
 * portable text.  Text is static.
 */
#ifndef DB_STATEMENTS_H
#define DB_STATEMENTS_H

#include "db/db.h"

/* NULL when there is none for that dialect. */
const char *statement_text(const char *name, enum db_engine engine);

/* For tests: asked first, NULL = no such statement of theirs. */
extern const char *(*statement_extra)(const char *name);

/* The index-th file, from 0; NULL after the last.  *dialect is "" for a
 * portable text. */
const char *statement_file(size_t index, const char **name,
                           const char **dialect);

#endif

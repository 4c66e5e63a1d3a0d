/*
 * statement.h -- from the text of a statement's file to what a driver takes.
 *
 * Pure.  First the braces, then the parameters:
 *
 *   {name}                a quoted identifier or a fragment of this site
 *   {now}                 the database's UTC time
 *   {now+:seconds}        that plus a parameter
 *   {since column}        seconds since a column's time, a real number
 *   {top :n} {limit :n}   SELECT {top :n} ... {limit :n}: only n rows
 *   {as_text column}      a key as text
 *   {whole column}        a text that may hold anything: without it,
 *                         libsqliteodbc ends a text at its first NUL, and
 *                         writes a blob as X'...'
 *   {each LIST "SEP"}...{end}   once per column of a list; within:
 *                         {column} quoted, {path}, {type}, {index}
 *   {each LIST:RULE "SEP"}...{end}   only columns with that rule
 *
 * (the other macros are types of columns for sql/schema: dialect.c).
 * Within 'strings' an unknown {word} is text, elsewhere an error.
 *
 *   :name                 a parameter; not in quotes, not ::type
 *
 * Comments go.  A "?" outside of quotes is refused: drivers would take it
 * for a parameter.  "-- repeatable" anywhere marks a statement that may run
 * twice; SELECTs are.
 */
#ifndef DB_STATEMENT_H
#define DB_STATEMENT_H

#include "db/names.h"

struct statement {
    char *sql;         /* owned: with ? for parameters */
    char **parameters; /* owned: the name of each ?, in order */
    size_t parameter_count;
    bool is_repeatable;
};

/* Bound by the longest statement: a hundred columns, some kilobytes each. */
#define STATEMENT_CEILING (4 * MIB)

/* Appends text with its braces expanded and its comments gone. */
MUST_CHECK bool statement_expand(const char *text, enum db_engine engine,
                                 const struct names *names, struct strbuf *out,
                                 struct error *err);
/* The same for people: with the comments; unknown words stay. */
MUST_CHECK bool statement_print(const char *text, enum db_engine engine,
                                const struct names *names, struct strbuf *out,
                                struct error *err);
/* Expands it, and takes the parameters out; ends within quotes or comments
 * are refused. */
MUST_CHECK bool statement_make(const char *text, enum db_engine engine,
                               const struct names *names, struct statement *out,
                               struct error *err);
void statement_release(struct statement *s);

#endif

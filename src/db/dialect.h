/*
 * dialect.h -- what differs between the engines, as tables.
 *
 * Quoting, the words that begin and end transactions, the macros of
 * statements (times, limits, types), the names of our own tables.  Errors
 * are in faults.h, the texts of statements in sql/.
 */
#ifndef DB_DIALECT_H
#define DB_DIALECT_H

#include "db/names.h"

#define DB_ENGINES 3

struct dialect {
    const char *name;   /* of the files in sql/: NAME.sqlite.sql */
    const char *title;  /* for people */
    const char *driver; /* Debian's name of the driver */
    const char *begin;
    const char *commit;
    const char *rollback;
    char quote_open, quote_close;
    bool folds;         /* unquoted names are lower case: so are ours */
    bool tags;          /* a comment in a statement tells the DBA its name */
    bool wide_text;     /* text beyond ASCII is bound as nvarchar */
    size_t inline_text; /* longer text is bound as a LONG type; 0 = never */
};

const struct dialect *dialect_of(enum db_engine engine);

/* A word of statements: {now}.  $ in text is the argument. */
struct dialect_macro {
    const char *word;
    bool has_argument;
    const char *text[DB_ENGINES]; /* by enum db_engine */
};

/* NULL when the word is none. */
const struct dialect_macro *dialect_macro(const char *word, size_t len);

/* Appends identifier quoted, as one name: dots within belong to it. */
MUST_CHECK bool dialect_quote(enum db_engine engine, const char *identifier,
                              struct strbuf *out, struct error *err);

/* Appends a dotted name, each part quoted (a part may come quoted:
 * [a.b].c, "a.b".c). */
MUST_CHECK bool dialect_quote_dotted(enum db_engine engine,
                                     const char *identifier, struct strbuf *out,
                                     struct error *err);

/* The parts of a dotted name, unquoted; parts[i] are offsets in out, which
 * holds NUL-terminated strings.  At most 4. */
MUST_CHECK bool dialect_split(const char *identifier, struct strbuf *out,
                              size_t *parts, size_t *count, struct error *err);

/* Sets the braces of our own tables, views and indexes. */
MUST_CHECK bool dialect_own_names(struct names *names, enum db_engine engine,
                                  const char *schema, const char *prefix,
                                  struct error *err);

#endif

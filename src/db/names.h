/*
 * names.h -- what the {braces} of statements stand for at this site.
 *
 * Names (quoted identifiers, put in as they are), fragments (SQL text that
 * may hold braces itself) and lists of columns for {each}.  Everything is
 * copied.  Setting a brace again replaces it.
 */
#ifndef DB_NAMES_H
#define DB_NAMES_H

#include "db/db.h"

struct name {
    char *brace; /* owned */
    char *text;  /* owned */
    bool is_fragment;
};

struct name_list {
    char *name;                /* owned */
    struct db_column *columns; /* owned, with their strings */
    size_t count;
};

struct names {
    struct name *names; /* owned */
    size_t name_count;
    struct name_list *lists; /* owned */
    size_t list_count;
};

#define NAMES_EMPTY                                                            \
    {                                                                          \
        0                                                                      \
    }

void names_release(struct names *names);
MUST_CHECK bool names_set(struct names *names, const char *brace,
                          const char *text, bool is_fragment,
                          struct error *err);
/* Column paths must be of [A-Za-z0-9_]; their type words of letters, digits,
 * blanks and ( ) , _. */
MUST_CHECK bool names_set_list(struct names *names, const char *list,
                               const struct db_column *columns, size_t count,
                               struct error *err);
/* NULL when there is none. */
const struct name *names_find(const struct names *names, const char *brace,
                              size_t len);
const struct name_list *names_find_list(const struct names *names,
                                        const char *list, size_t len);

#endif

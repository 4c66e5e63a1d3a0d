/*
 * profile.h -- what to extract and how to ask: a folder of four files.
 *
 *   profile.json  name, version, about, schema_name, custom_id_prefix,
 *                 temperature, max_output_tokens, redact ("contact"),
 *                 dates {start, end, experience, tenure}: pointers to a
 *                 position's months and to the two numbers that are
 *                 recomputed from them; grounded: pointers to what must be
 *                 found in the text
 *   prompt.md     the system message
 *   schema.json   strict JSON Schema of the answer (schema.h)
 *   columns.json  {"lists": {NAME: [words]}, "columns": [one object a row]}
 *
 * A row of columns.json:
 *
 *   column   the database's name; {1..10} counts, {NAME} takes the words of
 *            a list: one row for many columns
 *   from     RFC 6901 pointer into the answer; {i} counts along, from 0
 *   type     text (default), list (joined by ", "), month, number, boolean
 *   write    overwrite (default), fill (only where empty), never
 *   width    characters; the catalogue's may be less; longer is cut
 *   limit    what endpoints that hold bounds are asked for: items of a list,
 *            characters of a text (else width and the ranges say it)
 *   rules    names of value rules (rules.h), applied in that order
 *   min, max numbers outside become NULL; "outside": "clamp" takes the
 *            bound instead, "reject" refuses the whole answer
 *   enabled  false: mapped, but off until somebody asks for it
 *
 * A profile that says "plain": true asks nothing of its own: the text is the
 * whole user message, unchanged but for what is no text, and the answer as it
 * comes is the value of every column ("from": "", type text).  It has no
 * schema.json; its prompt.md may be empty: no system message then.
 *
 * {i} is the only pattern in the pointers of "dates" and "grounded".
 *
 * A fault is an ERROR_SETUP (EXIT_SETTINGS) that names file, line and
 * reason, before any row is touched.  The hash covers all its files: each
 * batch records it.  A new field is an edit of these files, no recompiling.
 */
#ifndef EXTRACT_PROFILE_H
#define EXTRACT_PROFILE_H

#include "base/error.h"

struct rule;   /* rules.h */
struct schema; /* schema.h */

enum column_type {
    COLUMN_TEXT,
    COLUMN_LIST,  /* array of strings, joined with ", " */
    COLUMN_MONTH, /* YYYY-MM, YYYY, Present */
    COLUMN_NUMBER,
    COLUMN_BOOLEAN,
};

enum column_rule {
    COLUMN_OVERWRITE,
    COLUMN_FILL, /* only where empty */
    COLUMN_NEVER,
};

enum column_outside {
    OUTSIDE_NULL, /* a number out of its range: NULL, and a flag */
    OUTSIDE_CLAMP,
    OUTSIDE_REJECT,
};

enum column_role {
    ROLE_NONE,
    ROLE_START, /* of a position */
    ROLE_END,
    ROLE_EXPERIENCE, /* years, recomputed from the dates */
    ROLE_TENURE,
};

#define COLUMN_RULES 4

struct column {
    char *name;    /* owned */
    char *pointer; /* owned: RFC 6901 */
    char *key;     /* owned: [A-Za-z0-9_]+, its JSON member in write-back */
    enum column_type type;
    enum column_rule rule;
    enum column_outside outside;
    enum column_role role;
    bool grounded;
    bool enabled;  /* LengthinUS: mapped but off */
    bool bounded;  /* min and max hold */
    int position;  /* 1..7 of a repeated group, 0 = none */
    int64_t width; /* characters, 0 = none; the catalogue's may be less */
    int64_t limit;
    double min, max;
    const struct rule *rules[COLUMN_RULES]; /* static; NULL ends them */
    int line;                               /* of columns.json */
};

struct profile {
    char *name; /* owned, all of them */
    char *version;
    char *about;
    char *folder;
    char *schema_name;
    char *system;           /* prompt.md */
    char *schema_text;      /* schema.json, minimal form */
    char *schema_bounded;   /* the same with maxItems, maxLength and ranges
                               out of the columns, for endpoints that hold them
                               and   models that would go on for ever (local) */
    char *custom_id_prefix; /* "unified_" */
    char hash[65];
    struct schema *schema;
    struct column *columns;
    size_t column_count;
    bool plain;  /* prompts in, text out: schema and both its texts are NULL */
    bool redact; /* as if redact=contact were set */
    double temperature;        /* < 0 = the settings' */
    int64_t max_output_tokens; /* 0 = the settings' */
};

/* name is a folder, or the name of one under a "profiles" folder of the
 * data folders (./profiles, $VITAE_DATADIR/profiles, the installed). */
MUST_CHECK bool profile_open(struct profile **p, const char *name,
                             struct error *err);
void profile_close(struct profile *p);

#endif

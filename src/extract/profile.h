/*
 * profile.h -- what to extract and how to ask: a folder of four files.
 *
 *   profile.json  name, version, schema_name, model settings, date fields,
 *                 grounded fields, tenure fields
 *   prompt.md     the system message
 *   schema.json   strict JSON Schema of the answer
 *   columns.json  column -> JSON pointer and type; "{n}" with a range so
 *                 that seven positions take one line
 *
 * A fault is an ERROR_SETUP (EXIT_SETTINGS) that names file, line and
 * reason, before any row is touched.  The hash covers all four files: each
 * batch records it.  A new field is an edit of these files, no recompiling.
 */
#ifndef EXTRACT_PROFILE_H
#define EXTRACT_PROFILE_H

#include "base/error.h"

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

struct column {
    char *name;    /* owned */
    char *pointer; /* owned: RFC 6901 */
    char *key;     /* owned: [A-Za-z0-9_]+, its JSON member in write-back */
    enum column_type type;
    enum column_rule rule;
    bool grounded;
    bool enabled;    /* LengthinUS: mapped but off */
    int position;    /* 1..7 of a repeated group, 0 = none */
    int role;        /* enum column_role */
    int64_t width;   /* characters, 0 = none; the catalogue's may be less */
    double min, max; /* numbers; both 0 = no bounds */
    char *normalize; /* owned: "phone", "email", "url", "state", ..., NULL */
};

enum column_role {
    ROLE_NONE,
    ROLE_START, /* of a position */
    ROLE_END,
    ROLE_EXPERIENCE, /* years, recomputed from the dates */
    ROLE_TENURE,
};

struct profile {
    char *name; /* owned, all of them */
    char *version;
    char *folder;
    char *schema_name;
    char *system;           /* prompt.md */
    char *schema_text;      /* schema.json, minimal form */
    char *custom_id_prefix; /* "unified_" */
    char hash[65];
    struct schema *schema;
    struct column *columns;
    size_t column_count;
    double temperature;        /* < 0 = the settings' */
    int64_t max_output_tokens; /* 0 = the settings' */
};

/* name is a folder, or the name of one under a "profiles" folder of the
 * data folders (./profiles, $VITAE_DATADIR/profiles, the installed). */
MUST_CHECK bool profile_open(struct profile **p, const char *name,
                             struct error *err);
void profile_close(struct profile *p);

#endif

/*
 * settings_parts.h -- what settings.c, settings_file.c and settings_print.c
 * share; nobody else's.
 */
#ifndef BASE_SETTINGS_PARTS_H
#define BASE_SETTINGS_PARTS_H

#include "base/settings.h"

/* Where a value came from. */
struct setting_origin {
    enum setting_source source;
    char *place; /* owned, or NULL */
};

/* The unnamed settings, or one named section. */
struct settings_group {
    char *name;                     /* owned; NULL = the unnamed */
    char *fields;                   /* borrowed target; owned when named */
    size_t base;                    /* taken off the rows' offsets */
    struct setting_origin *origins; /* owned: one per row */
};

struct settings {
    const struct settings_schema *schema; /* static */
    struct settings_group *groups;        /* owned; [0] = the unnamed */
    size_t count;
    bool environment; /* it was read: later groups read it too */
};

#define SETTINGS_NAMES 64 /* named sections at most */
#define SETTING_NAME 128  /* longest section, key or name */

/* "section" or "section:name", cut apart.  False when too long. */
struct setting_path {
    char section[SETTING_NAME];
    char name[SETTING_NAME]; /* "" = unnamed */
};

bool settings_path(const char *text, size_t len, struct setting_path *path);

/* The group of a section, made when absent; errors name what is unknown. */
MUST_CHECK bool settings_group_of(struct settings *s,
                                  const struct setting_path *path,
                                  struct settings_group **group,
                                  struct error *err);
/* The row, or NULL with an error that suggests one. */
const struct setting_row *settings_row(const struct settings_schema *schema,
                                       const char *section, const char *name,
                                       struct error *err);
/* Stores unless a later source spoke already. */
MUST_CHECK bool settings_store(struct settings *s, struct settings_group *group,
                               const struct setting_row *row, const char *value,
                               enum setting_source source, const char *place,
                               struct error *err);
void *settings_field(const struct settings_group *group,
                     const struct setting_row *row);
/* Does the row belong to the group? */
bool settings_in_group(const struct settings *s,
                       const struct settings_group *group,
                       const struct setting_row *row);

#endif

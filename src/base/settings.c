#include "base/settings.h"

#include "base/nearest.h"
#include "base/setting_value.h"
#include "base/settings_parts.h"

void *settings_field(const struct settings_group *group,
                     const struct setting_row *row)
{
    return group->fields + (row->offset - group->base);
}

static bool is_named(const struct settings_schema *schema, const char *section)
{
    return schema->named_section && strcmp(schema->named_section, section) == 0;
}

bool settings_in_group(const struct settings *s,
                       const struct settings_group *group,
                       const struct setting_row *row)
{
    return !group->name || is_named(s->schema, row->section);
}

/* Section and name are made of these, so that none can hold a line break,
 * a bracket or an equals sign. */
static bool is_word(const char *text)
{
    return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_-.")];
}

bool settings_path(const char *text, size_t len, struct setting_path *path)
{
    const char *colon = memchr(text, ':', len);
    size_t first = colon ? (size_t)(colon - text) : len;
    size_t second = colon ? len - first - 1 : 0;

    if (first >= SETTING_NAME || second >= SETTING_NAME)
        return false;
    memcpy(path->section, text, first);
    path->section[first] = '\0';
    memcpy(path->name, text + len - second, second);
    path->name[second] = '\0';
    return is_word(path->section) && (!colon || is_word(path->name));
}

static bool set_defaults(struct settings *s, struct settings_group *group,
                         struct error *err)
{
    size_t i;

    for (i = 0; i < s->schema->count; i++) {
        const struct setting_row *row = &s->schema->rows[i];

        if (!row->initial || !settings_in_group(s, group, row))
            continue;
        if (!setting_store(row, row->initial, settings_field(group, row), err))
            return error_context(err, "default of %s.%s", row->section,
                                 row->name);
    }
    return true;
}

static void group_release(struct settings *s, struct settings_group *group)
{
    size_t i;

    for (i = 0; i < s->schema->count; i++) {
        const struct setting_row *row = &s->schema->rows[i];

        if (group->origins)
            free(group->origins[i].place);
        if (group->fields && settings_in_group(s, group, row))
            setting_clear(row, settings_field(group, row));
    }
    if (group->name)
        free(group->fields);
    free(group->name);
    free(group->origins);
}

/* fields: the caller's struct, or NULL for a named section's own. */
static bool group_add(struct settings *s, const char *name, void *fields,
                      struct error *err)
{
    struct settings_group *group;
    struct settings_group *groups =
        realloc(s->groups, (s->count + 1) * sizeof(*groups));

    if (!groups)
        return error_memory(err);
    s->groups = groups;
    group = &groups[s->count];
    memset(group, 0, sizeof(*group));
    group->base = name ? s->schema->named_offset : 0;
    group->name = name ? strdup(name) : NULL;
    group->fields = name ? calloc(1, s->schema->named_size) : fields;
    group->origins = calloc(s->schema->count, sizeof(*group->origins));
    if ((name && !group->name) || !group->fields || !group->origins) {
        if (name)
            free(group->fields);
        free(group->name);
        free(group->origins);
        return error_memory(err);
    }
    s->count++;
    return set_defaults(s, group, err);
}

bool settings_init(struct settings **out, const struct settings_schema *schema,
                   void *target, struct error *err)
{
    struct settings *s = calloc(1, sizeof(*s));

    if (!s)
        return error_memory(err);
    s->schema = schema;
    if (!group_add(s, NULL, target, err)) {
        settings_release(s);
        return false;
    }
    *out = s;
    return true;
}

void settings_release(struct settings *s)
{
    size_t i;

    if (!s)
        return;
    for (i = 0; i < s->count; i++)
        group_release(s, &s->groups[i]);
    free(s->groups);
    free(s);
}

/* ------------------------------------------------------------ finding */

static bool unknown_section(const struct settings_schema *schema,
                            const char *section, struct error *err)
{
    struct nearest near = nearest_to(section);
    size_t i;

    for (i = 0; i < schema->count; i++)
        nearest_offer(&near, schema->rows[i].section);
    error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "unknown section [%s]",
               section);
    if (nearest_found(&near))
        error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                   "unknown section [%s]; did you mean [%s]?", section,
                   nearest_found(&near));
    return false;
}

static bool has_section(const struct settings_schema *schema,
                        const char *section)
{
    size_t i;

    for (i = 0; i < schema->count; i++)
        if (strcmp(schema->rows[i].section, section) == 0)
            return true;
    return false;
}

const struct setting_row *settings_row(const struct settings_schema *schema,
                                       const char *section, const char *name,
                                       struct error *err)
{
    struct nearest near = nearest_to(name);
    size_t i;

    for (i = 0; i < schema->count; i++) {
        const struct setting_row *row = &schema->rows[i];

        if (strcmp(row->section, section) != 0)
            continue;
        if (strcmp(row->name, name) == 0)
            return row;
        nearest_offer(&near, row->name);
    }
    error_exit(err, ERROR_SETUP, EXIT_SETTINGS, "unknown setting %.100s.%.100s",
               section, name);
    if (nearest_found(&near))
        error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                   "unknown setting %.100s.%.100s; did you mean %s?", section,
                   name, nearest_found(&near));
    return NULL;
}

static struct settings_group *find_group(struct settings *s, const char *name)
{
    size_t i;

    if (!*name)
        return &s->groups[0];
    for (i = 1; i < s->count; i++)
        if (strcmp(s->groups[i].name, name) == 0)
            return &s->groups[i];
    return NULL;
}

static bool read_environment(struct settings *s, size_t index,
                             struct error *err);

bool settings_group_of(struct settings *s, const struct setting_path *path,
                       struct settings_group **group, struct error *err)
{
    if (!has_section(s->schema, path->section))
        return unknown_section(s->schema, path->section, err);
    if (path->name[0] && !is_named(s->schema, path->section))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "[%s] takes no name, and got \"%s\"", path->section,
                          path->name);
    *group = find_group(s, path->name);
    if (*group)
        return true;
    if (s->count > SETTINGS_NAMES)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "more than %d sections [%s NAME]", SETTINGS_NAMES,
                          path->section);
    if (!group_add(s, path->name, NULL, err))
        return false;
    if (s->environment && !read_environment(s, s->count - 1, err))
        return false;
    *group = &s->groups[s->count - 1];
    return true;
}

/* ------------------------------------------------------------ storing */

/* Overruled, but still checked: a mistake there is one. */
static bool check_only(const struct setting_row *row, const char *value,
                       struct error *err)
{
    union {
        char *text;
        int64_t whole;
        double real;
        bool truth;
        int index;
    } scratch = { .text = NULL };
    bool ok = setting_store(row, value, &scratch, err);

    setting_clear(row, &scratch);
    return ok;
}

bool settings_store(struct settings *s, struct settings_group *group,
                    const struct setting_row *row, const char *value,
                    enum setting_source source, const char *place,
                    struct error *err)
{
    struct setting_origin *origin = &group->origins[row - s->schema->rows];
    char *copy;

    if (source < origin->source)
        return check_only(row, value, err);
    copy = strdup(place);
    if (!copy)
        return error_memory(err);
    if (!setting_store(row, value, settings_field(group, row), err)) {
        free(copy);
        return false;
    }
    free(origin->place);
    origin->place = copy;
    origin->source = source;
    return true;
}

static bool put(struct settings *s, const struct setting_path *path,
                const char *name, const char *value, enum setting_source source,
                const char *place, struct error *err)
{
    const struct setting_row *row;
    struct settings_group *group;

    if (!has_section(s->schema, path->section))
        return unknown_section(s->schema, path->section, err);
    /* The row first: a mistyped name makes no section. */
    row = settings_row(s->schema, path->section, name, err);
    if (!row || !settings_group_of(s, path, &group, err))
        return false;
    if (settings_store(s, group, row, value, source, place, err))
        return true;
    return error_context(err, "%s.%s", path->section, name);
}

bool settings_put(struct settings *s, const char *section, const char *name,
                  const char *value, enum setting_source source,
                  const char *place, struct error *err)
{
    struct setting_path path;

    if (!settings_path(section, strlen(section), &path))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%s: \"%.100s\" names no section", place, section);
    if (put(s, &path, name, value, source, place, err))
        return true;
    return error_context(err, "%s", place);
}

/* The dot before the key: a named section's name may hold dots itself, a
 * key never does. */
static const char *last_dot(const char *text, const char *end)
{
    while (end > text)
        if (*--end == '.')
            return end;
    return NULL;
}

static bool set_parts(struct settings *s, const char *text, const char *equals,
                      struct error *err)
{
    const char *dot = equals ? last_dot(text, equals) : NULL;
    const struct setting_row *row;
    struct setting_path path;
    char name[SETTING_NAME];

    if (!dot || !settings_path(text, (size_t)(dot - text), &path) ||
        (size_t)(equals - dot) > sizeof(name))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "\"%.*s\" is not section.key=value",
                          equals ? (int)(equals - text) : 60, text);
    snprintf(name, sizeof(name), "%.*s", (int)(equals - dot - 1), dot + 1);
    row = settings_row(s->schema, path.section, name, err);
    if (row && row->type == SETTING_SECRET)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%s.%s is a secret: the command line shows it to "
                          "everybody; use the environment or a file",
                          path.section, name);
    return put(s, &path, name, equals + 1, SETTING_COMMAND_LINE, "--set", err);
}

bool settings_set(struct settings *s, const char *assignment, struct error *err)
{
    if (set_parts(s, assignment, strchr(assignment, '='), err))
        return true;
    return error_context(err, "--set");
}

/* -------------------------------------------------------- environment */

/* VITAE_SECTION_KEY, VITAE_PROVIDER_NAME_KEY; upper case, others "_". */
static void variable_name(const struct settings_group *group,
                          const struct setting_row *row, char *out, size_t size)
{
    char *c;

    snprintf(out, size, "VITAE_%s%s%s_%s", row->section, group->name ? "_" : "",
             group->name ? group->name : "", row->name);
    for (c = out; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
        else if (!((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
            *c = '_';
    }
}

/* An empty variable is none, as people unset them by NAME=. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* The row's own variable, else the first alias that is set. */
static const char *look_up(const struct settings_group *group,
                           const struct setting_row *row, char *name,
                           size_t size)
{
    const char *alias = group->name ? NULL : row->environment;
    const char *value;

    variable_name(group, row, name, size);
    value = variable(name);
    while (!value && alias && *alias) {
        size_t len = strcspn(alias, " ");

        snprintf(name, size, "%.*s", (int)len, alias);
        value = variable(name);
        alias += len;
        alias += strspn(alias, " ");
    }
    return value;
}

static bool read_environment(struct settings *s, size_t index,
                             struct error *err)
{
    struct settings_group *group = &s->groups[index];
    char name[4 * SETTING_NAME];
    size_t i;

    for (i = 0; i < s->schema->count; i++) {
        const struct setting_row *row = &s->schema->rows[i];
        const char *value;

        if (!settings_in_group(s, group, row))
            continue;
        value = look_up(group, row, name, sizeof(name));
        if (value && !settings_store(s, group, row, value, SETTING_ENVIRONMENT,
                                     name, err))
            return error_context(err, "%s in the environment", name);
    }
    return true;
}

bool settings_environment(struct settings *s, struct error *err)
{
    size_t i;

    s->environment = true;
    for (i = 0; i < s->count; i++)
        if (!read_environment(s, i, err))
            return false;
    return true;
}

/* ------------------------------------------------------------- asking */

void *settings_named(struct settings *s, const char *name)
{
    struct settings_group *group = *name ? find_group(s, name) : NULL;

    return group ? group->fields : NULL;
}

const char *settings_name_at(struct settings *s, size_t index)
{
    return index + 1 < s->count ? s->groups[index + 1].name : NULL;
}

enum setting_source settings_source(struct settings *s, const char *section,
                                    const char *name, const char **place)
{
    const struct setting_row *row = NULL;
    struct settings_group *group = NULL;
    struct setting_path path;
    struct error err;

    if (place)
        *place = NULL;
    if (settings_path(section, strlen(section), &path)) {
        row = settings_row(s->schema, path.section, name, &err);
        group = find_group(s, path.name);
    }
    if (!row || !group)
        return SETTING_DEFAULT;
    if (place)
        *place = group->origins[row - s->schema->rows].place;
    return group->origins[row - s->schema->rows].source;
}

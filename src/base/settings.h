/*
 * settings.h -- settings are rows.
 *
 * A table of rows (section, name, type, offset in the caller's struct,
 * default, help) feeds the INI file, the environment (VITAE_SECTION_KEY and
 * the aliases people already have), --set section.key=value, the example
 * file and the man page.  Later sources win: default, file, environment,
 * --set; the order of the calls does not matter.  A refused value changes
 * nothing and is an error that names where it stood; an unknown name
 * likewise, with the nearest known one (all EXIT_SETTINGS).
 *
 * A section may be repeated with a name, "[provider fast]": such rows fill
 * a struct of their own, beginning from the defaults; the environment's name
 * for them is VITAE_PROVIDER_FAST_KEY.
 *
 * The file: "[section]", "name = value", lines that begin with # or ; are
 * comments.  A value goes to the end of its line, blanks around it and one
 * pair of double quotes around the whole are taken off; there are no
 * comments behind values and no continued lines.  CR LF and a BOM are fine;
 * NULs, invalid UTF-8 and more than 1 MiB are refused.
 *
 * Text values are owned by the settings and freed by settings_release(); an
 * empty text is NULL: none.  Secrets are refused in files and on the command
 * line, where others could read them.
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include "base/error.h"
#include "base/strbuf.h"

enum setting_type {
    SETTING_TEXT,
    SETTING_SECRET,     /* text, never printed, not in files */
    SETTING_CONNECTION, /* text, printed without the value of PWD= */
    SETTING_PATH,       /* text; ~ is not expanded */
    SETTING_INTEGER,    /* int64_t; "200M" and "10k" are understood */
    SETTING_REAL,       /* double */
    SETTING_BOOL,       /* yes/no/true/false/on/off/1/0 */
    SETTING_SECONDS,    /* double; "1800", "30m", "24h", "500ms" */
    SETTING_SIZE,       /* int64_t bytes; "64 MB" (10^6), "64MiB" */
    SETTING_WORD,       /* one of choices, stored as int index */
};

struct setting_row {
    const char *section;
    const char *name;
    enum setting_type type;
    size_t offset;
    const char *initial; /* the default as text; NULL = unset (text: NULL) */
    const char *choices; /* SETTING_WORD: "flag|null|off" */
    double min, max;     /* numbers; both 0 = no bounds */
    const char *environment; /* aliases, "A B"; NULL = only VITAE_... */
    const char *help;        /* one sentence, without a full stop */
};

struct setting_section {
    const char *name;
    const char *help; /* one sentence */
};

/* All static. */
struct settings_schema {
    const struct setting_row *rows; /* a section's rows stand together */
    size_t count;
    const struct setting_section *sections; /* for the example, the manual */
    size_t section_count;
    const char *named_section; /* may be repeated with a name: "provider" */
    size_t named_offset;       /* of the unnamed one's struct in target */
    size_t named_size;         /* of that struct */
};

enum setting_source {
    SETTING_DEFAULT,
    SETTING_FILE,
    SETTING_ENVIRONMENT,
    SETTING_COMMAND_LINE,
};

struct settings; /* values with their sources */

/* target is the caller's zeroed struct, filled here; it must outlive. */
MUST_CHECK bool settings_init(struct settings **s,
                              const struct settings_schema *schema,
                              void *target, struct error *err);
void settings_release(struct settings *s); /* NULL is fine */

/* name is for messages. */
MUST_CHECK bool settings_read(struct settings *s, const char *text, size_t len,
                              const char *name, struct error *err);
MUST_CHECK bool settings_read_file(struct settings *s, const char *path,
                                   struct error *err);
MUST_CHECK bool settings_environment(struct settings *s, struct error *err);
/* "section.key=value", or "section:NAME.key=value". */
MUST_CHECK bool settings_set(struct settings *s, const char *assignment,
                             struct error *err);
/* One value from wherever the caller found it; section may be
 * "provider:fast" (made when absent).  Secrets are taken from any source;
 * place is for messages and print. */
MUST_CHECK bool settings_put(struct settings *s, const char *section,
                             const char *name, const char *value,
                             enum setting_source source, const char *place,
                             struct error *err);

/* The struct of a named section; NULL when there's none of that name. */
void *settings_named(struct settings *s, const char *name);
/* The named sections' names in order of appearance; NULL past the end. */
const char *settings_name_at(struct settings *s, size_t index);

/* Where the value came from; for doctor and config.  *place (may be NULL):
 * "vitae.conf:12", "OPENAI_API_KEY"; borrowed. */
enum setting_source settings_source(struct settings *s, const char *section,
                                    const char *name, const char **place);
/* "section.key = value  # source" lines; secrets as "(set)". */
void settings_print(struct settings *s, bool json, struct strbuf *out);
/* The commented example file, from the rows. */
void settings_example(const struct settings_schema *schema, struct strbuf *out);
/* What may stand there: "a whole number, 1 to 100", "flag, null or off". */
void settings_describe(const struct setting_row *row, struct strbuf *out);

#endif

#include "base/file.h"
#include "base/setting_value.h"
#include "base/settings.h"
#include "base/settings_parts.h"
#include "base/text.h"

#define FILE_CEILING (1 * MIB)

struct reader {
    struct settings *s;
    const char *name; /* borrowed: of the file */
    size_t number;    /* of the line */
    struct setting_path path;
    bool in_section;
};

/* A piece of the text. */
struct span {
    const char *at;
    size_t len;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(const char *at, size_t len)
{
    struct span s = { .at = at, .len = len };

    while (s.len > 0 && is_blank(*s.at)) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

/* One pair of quotes around the whole goes; quotes inside mean that they
 * belong to the value ("a" = "b"). */
static struct span unquote(struct span s)
{
    struct span inside = s;

    if (s.len < 2 || s.at[0] != '"' || s.at[s.len - 1] != '"')
        return s;
    inside.at++;
    inside.len -= 2;
    return memchr(inside.at, '"', inside.len) ? s : inside;
}

static bool enter_section(struct reader *r, struct span line, struct error *err)
{
    struct settings_group *group;
    struct span inside;
    char text[2 * SETTING_NAME];
    char *blank;

    if (line.at[line.len - 1] != ']' || line.len > sizeof(text))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "a section looks like [section] or [section name]");
    inside = trim(line.at + 1, line.len - 2);
    snprintf(text, sizeof(text), "%.*s", (int)inside.len, inside.at);
    /* "[provider fast]" is "provider:fast" elsewhere. */
    blank = strpbrk(text, " \t");
    if (blank) {
        size_t gap = strspn(blank, " \t");

        *blank = ':';
        memmove(blank + 1, blank + gap, strlen(blank + gap) + 1);
    }
    if (!settings_path(text, strlen(text), &r->path))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "\"%.80s\" is no name of a section", text);
    r->in_section = settings_group_of(r->s, &r->path, &group, err);
    return r->in_section;
}

static bool store(struct reader *r, const char *name, struct span value,
                  struct error *err)
{
    const struct setting_row *row =
        settings_row(r->s->schema, r->path.section, name, err);
    struct settings_group *group;
    char place[200];
    char *text;
    bool ok;

    if (!row || !settings_group_of(r->s, &r->path, &group, err))
        return false;
    if (row->type == SETTING_SECRET)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%s.%s is a secret and may not stand in this file; "
                          "use the environment%s",
                          row->section, row->name,
                          strcmp(row->name, "api_key") == 0
                              ? " or api_key_file="
                              : " or a file of its own");
    text = strndup(value.at, value.len);
    if (!text)
        return error_memory(err);
    snprintf(place, sizeof(place), "%.180s:%zu", r->name, r->number);
    ok = settings_store(r->s, group, row, text, SETTING_FILE, place, err);
    free(text);
    return ok ? true : error_context(err, "%s.%s", row->section, row->name);
}

static bool assign(struct reader *r, struct span line, struct error *err)
{
    const char *equals = memchr(line.at, '=', line.len);
    char name[SETTING_NAME];
    struct span key;

    if (!equals)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "\"name = value\" or \"[section]\" was expected");
    if (!r->in_section)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "a setting before any [section]");
    key = trim(line.at, (size_t)(equals - line.at));
    if (key.len >= sizeof(name))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the name is too long");
    snprintf(name, sizeof(name), "%.*s", (int)key.len, key.at);
    return store(
        r, name,
        unquote(trim(equals + 1, line.len - (size_t)(equals + 1 - line.at))),
        err);
}

static bool read_line(struct reader *r, struct span line, struct error *err)
{
    if (line.len == 0 || *line.at == '#' || *line.at == ';')
        return true;
    if (memchr(line.at, '\0', line.len))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "a NUL byte; is this a text file?");
    if (!utf8_valid(line.at, line.len))
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "not UTF-8; save the file as UTF-8");
    return *line.at == '[' ? enter_section(r, line, err) : assign(r, line, err);
}

static const char *skip_bom(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
}

bool settings_read(struct settings *s, const char *text, size_t len,
                   const char *name, struct error *err)
{
    struct reader r = { .s = s, .name = name };
    const char *end = text + len;
    const char *at = skip_bom(text, len);

    if (len > FILE_CEILING)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%.200s is too large for a settings file", name);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;

        r.number++;
        if (!read_line(&r, trim(at, (size_t)(stop - at)), err))
            return error_context(err, "%.180s:%zu", name, r.number);
        at = stop + 1;
    }
    return true;
}

bool settings_read_file(struct settings *s, const char *path, struct error *err)
{
    struct strbuf text;
    bool ok;

    strbuf_init(&text, FILE_CEILING);
    ok = file_read(path, &text, err) &&
         settings_read(s, text.data, text.len, path, err);
    strbuf_release(&text);
    return ok;
}

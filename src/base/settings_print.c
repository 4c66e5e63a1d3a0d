#include "base/jsonw.h"
#include "base/setting_value.h"
#include "base/settings.h"
#include "base/settings_parts.h"

static const char *const source_names[] = {
    [SETTING_DEFAULT] = "default",
    [SETTING_FILE] = "file",
    [SETTING_ENVIRONMENT] = "environment",
    [SETTING_COMMAND_LINE] = "command line",
};

/* One setting as it stands. */
struct shown {
    char name[4 * SETTING_NAME]; /* section.key, section:name.key */
    const char *source;
    const char *place;   /* or NULL */
    struct strbuf value; /* controls as blanks */
};

static void tame(struct strbuf *b)
{
    size_t i;

    for (i = 0; i < b->len; i++)
        if ((unsigned char)b->data[i] < 0x20 || b->data[i] == 0x7f)
            b->data[i] = ' ';
}

static void show(const struct settings *s, const struct settings_group *group,
                 const struct setting_row *row, struct shown *shown)
{
    const struct setting_origin *origin =
        &group->origins[row - s->schema->rows];

    snprintf(shown->name, sizeof(shown->name), "%s%s%s.%s", row->section,
             group->name ? ":" : "", group->name ? group->name : "", row->name);
    shown->source = source_names[origin->source];
    shown->place = origin->place;
    strbuf_clear(&shown->value);
    setting_show(row, settings_field(group, row), &shown->value);
    tame(&shown->value);
}

static void print_line(const struct shown *shown, struct strbuf *out)
{
    strbuf_addf(out, "%s =%s%s  # %s\n", shown->name,
                shown->value.len ? " " : "", shown->value.data,
                shown->place ? shown->place : shown->source);
}

static void print_json(const struct shown *shown, struct jsonw *json)
{
    jsonw_object(json, shown->name);
    jsonw_text_len(json, "value", shown->value.data, shown->value.len);
    jsonw_text(json, "source", shown->source);
    jsonw_text(json, "place", shown->place);
    jsonw_end_object(json);
}

static void print_group(const struct settings *s,
                        const struct settings_group *group, struct jsonw *json,
                        struct strbuf *out)
{
    struct shown shown;
    size_t i;

    strbuf_init(&shown.value, MIB);
    for (i = 0; i < s->schema->count; i++) {
        if (!settings_in_group(s, group, &s->schema->rows[i]))
            continue;
        show(s, group, &s->schema->rows[i], &shown);
        if (json)
            print_json(&shown, json);
        else
            print_line(&shown, out);
    }
    strbuf_release(&shown.value);
}

void settings_print(struct settings *s, bool json, struct strbuf *out)
{
    struct jsonw w;
    size_t i;

    jsonw_init(&w, out);
    if (json)
        jsonw_object(&w, NULL);
    for (i = 0; i < s->count; i++)
        print_group(s, &s->groups[i], json ? &w : NULL, out);
    if (json) {
        jsonw_end_object(&w);
        strbuf_addc(out, '\n');
    }
}

/* ------------------------------------------------------------ example */

static const char *section_help(const struct settings_schema *schema,
                                const char *section)
{
    size_t i;

    for (i = 0; i < schema->section_count; i++)
        if (strcmp(schema->sections[i].name, section) == 0)
            return schema->sections[i].help;
    return NULL;
}

/* Comment lines of at most 78 columns. */
static void add_comment(const char *text, struct strbuf *out)
{
    size_t column = 0;

    while (*text) {
        size_t len = strcspn(text, " ");

        if (column > 0 && column + 1 + len > 78) {
            strbuf_addc(out, '\n');
            column = 0;
        }
        if (column == 0) {
            strbuf_addc(out, '#');
            column = 1;
        }
        strbuf_addc(out, ' ');
        strbuf_add(out, text, len);
        column += 1 + len;
        text += len + (text[len] == ' ');
    }
    strbuf_addc(out, '\n');
}

static void example_section(const struct settings_schema *schema,
                            const char *section, struct strbuf *out)
{
    const char *help = section_help(schema, section);

    strbuf_addc(out, '\n');
    if (help)
        add_comment(help, out);
    strbuf_addf(out, "[%s]\n", section);
}

/* "Help (what may stand there)." */
static void add_explanation(const struct setting_row *row, struct strbuf *out)
{
    strbuf_adds(out, row->help);
    if (out->len > 0 && out->data[0] >= 'a' && out->data[0] <= 'z')
        out->data[0] = (char)(out->data[0] - 'a' + 'A');
    if (!setting_is_text(row)) {
        strbuf_adds(out, " (");
        settings_describe(row, out);
        strbuf_addc(out, ')');
    }
    strbuf_addc(out, '.');
}

static void example_row(const struct setting_row *row, struct strbuf *out)
{
    struct strbuf text;

    /* A secret has no place in a file. */
    if (row->type == SETTING_SECRET)
        return;
    strbuf_init(&text, 4096);
    add_explanation(row, &text);
    strbuf_addc(out, '\n');
    add_comment(text.data, out);
    strbuf_addf(out, "#%s =%s%s\n", row->name, row->initial ? " " : "",
                row->initial ? row->initial : "");
    strbuf_release(&text);
}

void settings_example(const struct settings_schema *schema, struct strbuf *out)
{
    const char *section = NULL;
    size_t i;

    for (i = 0; i < schema->count; i++) {
        const struct setting_row *row = &schema->rows[i];

        if (!section || strcmp(section, row->section) != 0)
            example_section(schema, row->section, out);
        section = row->section;
        example_row(row, out);
    }
}

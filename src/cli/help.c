/* Help for people at a terminal. */
#include "cli/manual.h"
#include "cli/parse.h"

#define WIDTH 79
#define COLUMN 26 /* where explanations begin */

/* text wrapped at WIDTH; lines after the first are indented. */
static void add_wrapped(const char *text, size_t column, size_t indent,
                        struct strbuf *out)
{
    bool first = true;

    while (*text) {
        size_t len = strcspn(text, " \n");

        if (!first && column + 1 + len > WIDTH) {
            strbuf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            strbuf_addc(out, ' ');
            column++;
        }
        strbuf_add(out, text, len);
        column += len;
        first = false;
        text += len;
        if (*text == '\n') {
            strbuf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        text += *text != '\0';
    }
    strbuf_addc(out, '\n');
}

/* "  left      explanation"; a long left side has a line of its own. */
static void add_pair(const char *left, const char *text, struct strbuf *out)
{
    size_t len = strlen(left) + 2;

    strbuf_addf(out, "  %s", left);
    if (len + 2 > COLUMN) {
        strbuf_addc(out, '\n');
        len = 0;
    }
    strbuf_addf(out, "%*s", (int)(COLUMN - len), "");
    add_wrapped(text, COLUMN, COLUMN, out);
}

static void add_options(const struct cli_option *options, struct strbuf *out)
{
    char left[80];

    for (; options && options->name; options++) {
        snprintf(left, sizeof(left), "--%s%s%s", options->name,
                 options->argument ? " " : "",
                 options->argument ? options->argument : "");
        add_pair(left, options->help, out);
    }
}

/* The example's lines, each indented. */
static void add_example(const char *example, struct strbuf *out)
{
    while (*example) {
        size_t len = strcspn(example, "\n");

        strbuf_addf(out, "  %.*s\n", (int)len, example);
        example += len + (example[len] == '\n');
    }
}

void manual_command(const struct cli_command *c, struct strbuf *out)
{
    strbuf_addf(out, "Usage: vitae %s%s%s%s\n\n%s\n", c->name,
                *c->arguments ? " " : "", c->arguments,
                c->options ? " [OPTION...]" : "", c->summary);
    if (*c->text) {
        strbuf_addc(out, '\n');
        add_wrapped(c->text, 0, 0, out);
    }
    if (c->options) {
        strbuf_adds(out, "\nOptions:\n");
        add_options(c->options, out);
    }
    strbuf_adds(out, "\nOptions of every command:\n");
    add_options(cli_global_options, out);
    strbuf_adds(out, "\nExample:\n");
    add_example(c->example, out);
}

static void add_group(const struct cli_command *const *commands,
                      const char *group, struct strbuf *out)
{
    char left[80];

    strbuf_addf(out, "\n%s:\n", group);
    for (; *commands; commands++) {
        if (strcmp((*commands)->group, group) != 0)
            continue;
        snprintf(left, sizeof(left), "%s %s", (*commands)->name,
                 (*commands)->arguments);
        if (strlen(left) + 4 > COLUMN)
            snprintf(left, sizeof(left), "%s", (*commands)->name);
        add_pair(left, (*commands)->summary, out);
    }
}

/* Groups come in the order of their first command. */
static bool is_first_of_group(const struct cli_command *const *all, size_t at)
{
    size_t i;

    for (i = 0; i < at; i++)
        if (strcmp(all[i]->group, all[at]->group) == 0)
            return false;
    return true;
}

void manual_overview(const struct cli_command *const *commands,
                     struct strbuf *out)
{
    size_t i;

    strbuf_adds(out, "Usage: vitae COMMAND [ARGUMENT...] [OPTION...]\n\n"
                     "Turns resumes in a database into columns, by way of a "
                     "language model.\n");
    for (i = 0; commands[i]; i++)
        if (is_first_of_group(commands, i))
            add_group(commands, commands[i]->group, out);
    strbuf_adds(out, "\nOptions of every command:\n");
    add_options(cli_global_options, out);
    strbuf_adds(out, "\nvitae help COMMAND tells more; man vitae tells all.\n");
}

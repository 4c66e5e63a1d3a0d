/* The manual page and bash completion. */
#include "cli/manual.h"

#include "batch/life.h"
#include "cli/parse.h"

/* Text for troff: no line begins with a control character, backslashes and
 * dashes are what they look like. */
static void add_text(const char *text, struct strbuf *out)
{
    bool begins = true;

    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\''))
            strbuf_adds(out, "\\&");
        begins = *text == '\n';
        if (*text == '\\')
            strbuf_adds(out, "\\e");
        else if (*text == '-')
            strbuf_adds(out, "\\-");
        else
            strbuf_addc(out, *text);
    }
}

/* A macro with one argument in quotes. */
static void add_macro(const char *macro, const char *text, struct strbuf *out)
{
    strbuf_addf(out, ".%s \"", macro);
    add_text(text, out);
    strbuf_adds(out, "\"\n");
}

/* A sentence out of a help line: capital, full stop. */
static void add_sentence(const char *help, struct strbuf *out)
{
    size_t at = out->len;

    add_text(help, out);
    if (out->len > at && out->data[at] >= 'a' && out->data[at] <= 'z')
        out->data[at] = (char)(out->data[at] - 'a' + 'A');
    strbuf_adds(out, ".\n");
}

/* Paragraphs are parted by an empty line, lines that begin with blanks
 * stay as they are. */
static void add_paragraphs(const char *text, struct strbuf *out)
{
    while (*text) {
        const char *gap = strstr(text, "\n\n");
        size_t len = gap ? (size_t)(gap - text) : strlen(text);
        char *copy = strndup(text, len);

        if (!copy) {
            out->failed = true;
            return;
        }
        add_text(copy, out);
        strbuf_adds(out, gap ? "\n.PP\n" : "\n");
        free(copy);
        text += len + (gap ? 2 : 0);
    }
}

static void add_options(const struct cli_option *options, struct strbuf *out)
{
    for (; options && options->name; options++) {
        strbuf_adds(out, ".TP\n.B \\-\\-");
        add_text(options->name, out);
        if (options->argument) {
            strbuf_adds(out, " \\fI");
            add_text(options->argument, out);
            strbuf_adds(out, "\\fR");
        }
        strbuf_addc(out, '\n');
        add_sentence(options->help, out);
    }
}

static void add_command(const struct cli_command *c, struct strbuf *out)
{
    strbuf_adds(out, ".SS \"vitae ");
    add_text(c->name, out);
    strbuf_adds(out, *c->arguments ? " " : "");
    add_text(c->arguments, out);
    strbuf_adds(out, "\"\n");
    add_sentence(c->summary, out);
    if (*c->text) {
        strbuf_adds(out, ".PP\n");
        add_paragraphs(c->text, out);
    }
    add_options(c->options, out);
    strbuf_adds(out, ".PP\n.RS 4\n.nf\n");
    add_text(c->example, out);
    strbuf_adds(out, "\n.fi\n.RE\n");
}

static void add_setting(const struct setting_row *row, struct strbuf *out)
{
    struct strbuf kind;

    strbuf_init(&kind, 4096);
    settings_describe(row, &kind);
    strbuf_adds(out, ".TP\n.B ");
    add_text(row->name, out);
    strbuf_addc(out, '\n');
    add_sentence(row->help, out);
    add_sentence(kind.data, out);
    strbuf_release(&kind);
    if (row->type == SETTING_SECRET)
        strbuf_adds(out, "Not in the file: by the environment or a systemd "
                         "credential.\n");
    if (row->initial) {
        strbuf_adds(out, "Default: ");
        add_text(*row->initial ? row->initial : "none", out);
        strbuf_adds(out, ".\n");
    }
    if (row->environment) {
        strbuf_adds(out, "Also: ");
        add_text(row->environment, out);
        strbuf_adds(out, " in the environment.\n");
    }
}

static const char *help_of(const struct settings_schema *schema,
                           const char *section)
{
    size_t i;

    for (i = 0; i < schema->section_count; i++)
        if (strcmp(schema->sections[i].name, section) == 0)
            return schema->sections[i].help;
    return "";
}

static void add_settings(const struct settings_schema *schema,
                         struct strbuf *out)
{
    const char *section = "";
    char heading[80];
    size_t i;

    for (i = 0; i < schema->count; i++) {
        const struct setting_row *row = &schema->rows[i];

        if (strcmp(section, row->section) != 0) {
            section = row->section;
            snprintf(heading, sizeof(heading), "[%s]", section);
            add_macro("SS", heading, out);
            add_text(help_of(schema, section), out);
            strbuf_addc(out, '\n');
        }
        add_setting(row, out);
    }
}

static const struct {
    enum exit_code code;
    const char *meaning;
} exits[] = {
    { EXIT_DONE, "done" },
    { EXIT_SOME_FAILED, "some records failed, were left out or wait for you" },
    { EXIT_USAGE, "the command line is wrong" },
    { EXIT_SETTINGS, "the settings are wrong" },
    { EXIT_DATABASE, "the database failed" },
    { EXIT_PROVIDER, "the provider failed" },
    { EXIT_BUDGET, "the budget is reached" },
    { EXIT_RUNNING, "a batch is still running (\\-\\-check\\-batch)" },
    { EXIT_INTERRUPTED, "interrupted" },
};

static void add_exits(struct strbuf *out)
{
    size_t i;

    strbuf_adds(out, ".SH EXIT STATUS\n");
    for (i = 0; i < ARRAY_LEN(exits); i++)
        strbuf_addf(out, ".TP\n.B %d\n%s\n", (int)exits[i].code,
                    exits[i].meaning);
}

static void add_life(struct strbuf *out)
{
    size_t i;

    strbuf_adds(out, ".SH LIFE OF A BATCH\n"
                     "Each move is written down in the table of events.\n");
    for (i = 0; i < batch_transition_count; i++) {
        const struct batch_transition *t = &batch_transitions[i];

        strbuf_addf(out, ".TP\n.B %s \\(-> %s\n", batch_status_name(t->from),
                    batch_status_name(t->to));
        add_sentence(t->why, out);
    }
}

static const char head[] =
    ".TH VITAE 1 \"\" \"vitae " PACKAGE_VERSION "\" \"User Commands\"\n"
    ".SH NAME\n"
    "vitae \\- turn resumes in a database into columns by a language model\n"
    ".SH SYNOPSIS\n"
    ".B vitae\n"
    ".I COMMAND\n"
    "[\\fIARGUMENT\\fR...] [\\fIOPTION\\fR...]\n"
    ".SH DESCRIPTION\n"
    "vitae takes resumes that lie unprocessed in a database (ODBC), sends "
    "them to a batch API or a local model, checks the answers against the "
    "resumes, and writes them back, each exactly once.\n"
    "Every step may be repeated: after a crash, start it again.\n";

static const char settings_head[] =
    ".SH SETTINGS\n"
    "Settings come from a file, the environment and the command line; later "
    "ones win.\n"
    "The file is the one of \\-\\-config, else of VITAE_CONFIG, else "
    "./vitae.conf, else " VITAE_SYSCONFDIR "/vitae/vitae.conf.\n"
    "Without any, an SQLite file vitae.db in the working folder is used.\n"
    "In the environment a setting is VITAE_SECTION_KEY, on the command line "
    "\\-\\-set section.key=value.\n"
    ".B vitae config\n"
    "prints them all with their sources;\n"
    ".B vitae config \\-\\-example\n"
    "prints a file to begin with.\n"
    ".PP\n"
    "A section [provider NAME] stands beside [provider] and is chosen by "
    "\\-\\-provider NAME; its variables are VITAE_PROVIDER_NAME_KEY.\n"
    "Secrets are never read from this file: they come from the environment, "
    "from files that are named in it, or from systemd credentials "
    "($CREDENTIALS_DIRECTORY/section.key).\n";

void manual_page(const struct cli_command *const *commands,
                 const struct settings_schema *schema, struct strbuf *out)
{
    strbuf_adds(out, head);
    strbuf_adds(out, ".SH COMMANDS\n");
    for (; *commands; commands++)
        add_command(*commands, out);
    strbuf_adds(out, ".SH OPTIONS\nThese go with every command.\n");
    add_options(cli_global_options, out);
    strbuf_adds(out, settings_head);
    add_settings(schema, out);
    add_life(out);
    add_exits(out);
}

static void add_words(const struct cli_option *options, struct strbuf *out)
{
    for (; options && options->name; options++)
        strbuf_addf(out, " --%s", options->name);
}

void manual_completion(const struct cli_command *const *commands,
                       struct strbuf *out)
{
    const struct cli_command *const *c;

    strbuf_adds(out, "# bash completion for vitae; printed by vitae itself\n"
                     "_vitae()\n{\n"
                     "    local word=${COMP_WORDS[COMP_CWORD]} words w\n"
                     "    words=\"");
    for (c = commands; *c; c++)
        strbuf_addf(out, "%s%s", c == commands ? "" : " ", (*c)->name);
    add_words(cli_global_options, out);
    strbuf_adds(out,
                "\"\n    for w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                "        case $w in\n");
    for (c = commands; *c; c++) {
        if (!(*c)->options)
            continue;
        strbuf_addf(out, "        %s) words+=\"", (*c)->name);
        add_words((*c)->options, out);
        strbuf_adds(out, "\" ;;\n");
    }
    strbuf_adds(out, "        esac\n    done\n"
                     "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                     "    [[ $word == -* || ${#COMPREPLY[@]} -gt 0 ]] ||\n"
                     "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
                     "}\ncomplete -F _vitae vitae\n");
}

#include "batch/life.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/manual.h"
#include "cli/parse.h"

enum shell { SHELL_NONE, SHELL_BASH };

static bool man;
static bool dot;
static int completion = SHELL_NONE;

static const struct cli_option options[] = {
    { .name = "man", .help = "print the manual page (troff)", .value = &man },
    { .name = "dot",
      .help = "with the topic life: a picture for Graphviz",
      .value = &dot },
    { .name = "completion",
      .argument = "SHELL",
      .help = "print the completion for a shell: bash",
      .type = SETTING_WORD,
      .choices = "none|bash",
      .value = &completion },
    { .name = NULL },
};

static bool one_command(const char *name, struct strbuf *out, struct error *err)
{
    const struct cli_command *command;

    if (strcmp(name, "life") == 0) {
        batch_life_print(dot, out);
        return true;
    }
    command = cli_find_command(cli_commands, name, err);
    if (!command)
        return false;
    manual_command(command, out);
    return true;
}

static bool help(struct cli *cli, struct error *err)
{
    struct strbuf out;
    bool ok = true;

    strbuf_init(&out, MIB);
    if (man)
        manual_page(cli_commands, &vitae_schema, &out);
    else if (completion == SHELL_BASH)
        manual_completion(cli_commands, &out);
    else if (cli->argument_count > 0)
        ok = one_command(cli->arguments[0], &out, err);
    else
        manual_overview(cli_commands, &out);
    if (ok && !strbuf_ok(&out))
        ok = error_memory(err);
    if (ok)
        fputs(out.data, stdout);
    strbuf_release(&out);
    return ok;
}

const struct cli_command cli_help = {
    .name = "help",
    .group = "About vitae",
    .arguments = "[COMMAND|life]",
    .least = 0,
    .most = 1,
    .summary = "list the commands, or explain one",
    .text = "The topic life prints the states of a batch and what moves it "
            "from one to the next.",
    .example = "vitae help config\nvitae help --man | man -l -\n"
               "vitae help life --dot | dot -Tsvg > life.svg",
    .options = options,
    .needs = CLI_FLAGS,
    .run = help,
};

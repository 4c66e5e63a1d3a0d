/*
 * parse.h -- the command line, taken apart.
 *
 * Pure but for the options' static values.  Options may stand before or
 * after the command, "--name value" or "--name=value"; "--" ends them.  The
 * three flag commands (--submit, --check-batch, --continuous) are found
 * wherever they stand.  Faults are EXIT_USAGE and suggest the nearest word.
 */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "cli/cli.h"

/* One --set, or an option that stands for one. */
struct cli_set {
    const char *option;  /* static: "set", "batch-size" */
    const char *setting; /* static: "section.key"; NULL: value has it too */
    const char *value;   /* borrowed from argv */
};

struct cli_call {
    const struct cli_command *command; /* NULL: none was named */
    bool help;
    bool version;
    bool json;
    bool quiet;
    const char *config;     /* borrowed until the next call, or NULL */
    const char *provider;   /* the same */
    const char **arguments; /* owned array of borrowed strings */
    size_t argument_count;
    struct cli_set *sets; /* owned */
    size_t set_count;
};

extern const struct cli_option cli_global_options[];

MUST_CHECK bool cli_parse(const struct cli_command *const *commands, int argc,
                          char **argv, struct cli_call *call,
                          struct error *err);
void cli_call_release(struct cli_call *call);

/* The command of that name, dashes or not; NULL with err. */
const struct cli_command *cli_find_command(
    const struct cli_command *const *commands, const char *name,
    struct error *err);

#endif

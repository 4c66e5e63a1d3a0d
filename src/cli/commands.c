#include "cli/commands.h"

const struct cli_command *const cli_commands[] = {
    &cli_config,
    &cli_help,
    &cli_version,
    NULL,
};

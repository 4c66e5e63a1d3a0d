#include "cli/commands.h"

static bool version(struct cli *cli, struct error *err)
{
    (void)err;
    if (cli->json)
        puts("{\"version\":\"" PACKAGE_VERSION "\"}");
    else
        puts("vitae " PACKAGE_VERSION);
    return true;
}

const struct cli_command cli_version = {
    .name = "version",
    .group = "About vitae",
    .arguments = "",
    .summary = "print the version",
    .text = "",
    .example = "vitae version",
    .run = version,
};

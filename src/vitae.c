/*
 * vitae.c -- main(): the command table does the rest (cli/commands.c).
 */
#include "cli/cli.h"
#include "runner/local.h"

int main(int argc, char **argv)
{
    provider_register(&provider_local);
    return cli_main(argc, argv);
}

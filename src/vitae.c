/*
 * vitae.c -- main(): the command table does the rest (cli/commands.c).
 */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}

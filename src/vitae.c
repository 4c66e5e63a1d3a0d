/*
 * vitae.c -- main(): the command table does the rest (cli/commands.c).
 */
#include <sys/stat.h>

#include "cli/main.h"
#include "runner/realtime.h"

int main(int argc, char **argv)
{
    /* People's data lies in every file made here, also in those that SQLite
     * and pdftotext make. */
    umask(umask(0) | 077);
    realtime_register();
    return cli_main(argc, argv);
}

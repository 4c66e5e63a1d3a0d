#include "cli/cli.h"

#include <stdarg.h>

volatile bool cli_stop;

bool cli_usage(struct error *err, const char *format, ...)
{
    char message[sizeof(err->message)];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    return error_exit(err, ERROR_SETUP, EXIT_USAGE, "%s", message);
}

void cli_say(const struct cli *cli, const char *format, ...)
{
    va_list args;

    if (cli->quiet)
        return;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

/*
 * cli.h -- commands are rows.
 *
 * A command is a const struct in a file of its own (cli_NAME.c), listed in
 * commands.c.  Parsing, help, the manual page and shell completion are
 * printed from these structs.  A command's function reads its options,
 * calls one function below, prints.
 *
 * Adding one: cli_NAME.c with a const struct cli_command, one line in
 * commands.c (and its declaration in commands.h), its files in Makefile.inc.
 *
 * Results go to standard output, everything else to standard error.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/clock.h"
#include "base/error.h"
#include "base/settings.h"

struct cli;
struct cli_call;
struct vitae_settings;
struct provider_settings;

/* One option.  With setting it stands for --set SETTING=ARGUMENT (a switch:
 * SETTING=yes).  Else the argument is read by its type (settings.h) into
 * *value, a static variable of the command's file: char *, int64_t, double,
 * int (WORD); without an argument it is a switch and value a bool *. */
struct cli_option {
    const char *name;     /* without dashes; NULL ends the table */
    const char *argument; /* "N"; NULL = a switch */
    const char *help;     /* begins small, no full stop */
    const char *setting;  /* "batch.batch_size", or NULL */
    enum setting_type type;
    void *value;
    const char *choices; /* WORD: "a|b" */
    double min, max;     /* numbers; both 0 = no bounds */
};

enum cli_need {
    CLI_SETTINGS = 1, /* settings are read first */
    CLI_LOG = 2,      /* and the log file is opened */
    CLI_FLAGS = 4,    /* "--submit" is an argument: help */
};

struct cli_command {
    const char *name;      /* "status"; "--submit" for the three flags */
    const char *group;     /* a heading of the help */
    const char *arguments; /* "ID", "[FILE...]", "" */
    int least, most;       /* arguments; most -1 = any number */
    const char *summary;   /* one line, begins small, no full stop */
    const char *text;      /* paragraphs for help and manual; "" */
    const char *example;   /* whole command lines */
    const struct cli_option *options; /* NULL = none */
    unsigned needs;                   /* enum cli_need */
    /* True: it worked; cli->exit may say more (EXIT_RUNNING).  False: main
     * prints err and ends with its exit code. */
    bool (*run)(struct cli *cli, struct error *err);
};

/* What a command gets. */
struct cli {
    const struct cli_command *command; /* static */
    const struct cli_call *call;       /* borrowed: the command line */
    const char *const *arguments;      /* borrowed from main's argv */
    size_t argument_count;
    bool json;  /* print for programs */
    bool quiet; /* no progress, no remarks */
    struct clock *clock;
    struct settings *settings;          /* CLI_SETTINGS: owned */
    struct vitae_settings *values;      /* CLI_SETTINGS: owned */
    struct provider_settings *provider; /* of --provider; borrowed */
    const char *provider_name; /* its section's name, "" = the unnamed */
    enum exit_code exit;
};

/* Set by SIGINT, SIGTERM and SIGHUP: finish the step, go no further. */
extern volatile bool cli_stop;

/* A remark for people on standard error, unless quiet. */
void cli_say(const struct cli *cli, const char *format, ...) PRINTF_LIKE(2, 3);

/* A usage error, exit code 2.  Always false. */
bool cli_usage(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

#endif

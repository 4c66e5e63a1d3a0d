/*
 * remote.h -- jobs at a `vitae serve`, as its clients on the command line
 * hand them in and ask for them (POST /batch/submit and its kin).
 *
 * The server: --server, else $VITAE_SERVER, else http://localhost:4080; the
 * key, where one is needed: $VITAE_SERVER_KEY.  A server that isn't there is
 * EXIT_PROVIDER, with the command that starts one.
 */
#ifndef CLI_REMOTE_H
#define CLI_REMOTE_H

#include "cli/cli.h"

/* Rows for the options of a command; their values are here. */
#define REMOTE_SERVER_OPTION                                                   \
    {                                                                          \
        .name = "server", .argument = "URL",                                   \
        .help = "of vitae serve (default: $VITAE_SERVER, else "                \
                "http://localhost:4080); its key is $VITAE_SERVER_KEY",        \
        .type = SETTING_TEXT, .value = &remote_options.server                  \
    }
#define REMOTE_SUBMIT_OPTIONS                                                  \
    REMOTE_SERVER_OPTION,                                                      \
        { .name = "name",                                                      \
          .argument = "NAME",                                                  \
          .help = "of the job's batch (default: batch)",                       \
          .type = SETTING_TEXT,                                                \
          .value = &remote_options.name },                                     \
        { .name = "wait",                                                      \
          .help = "wait until the job has ended; the exit code tells how",     \
          .value = &remote_options.wait },                                     \
    {                                                                          \
        .name = "max-wait", .argument = "TIME",                                \
        .help = "wait no longer than that (exit code 10)",                     \
        .type = SETTING_SECONDS, .value = &remote_options.max_wait, .max = 1e9 \
    }

extern struct remote_options {
    char *server, *name;
    bool wait;
    double max_wait; /* 0 = for ever */
} remote_options;

/* A list of addresses, a line each (# begins a comment), or a JSON array of
 * {"id", "title", "contents"}.  Prints the job's id. */
MUST_CHECK bool remote_submit(struct cli *cli, const char *file, bool contents,
                              struct error *err);
MUST_CHECK bool remote_status(struct cli *cli, const char *job,
                              struct error *err);
MUST_CHECK bool remote_list(struct cli *cli, struct error *err);
/* The results to path ("-" = standard output), a summary of them on standard
 * error. */
MUST_CHECK bool remote_results(struct cli *cli, const char *job,
                               const char *name, const char *path, bool preview,
                               struct error *err);

#endif

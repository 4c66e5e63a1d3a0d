#include "cli/main.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/manual.h"
#include "cli/parse.h"

/* The second Ctrl-C finds the default action back and ends at once. */
static void stop(int signal)
{
    static const char hint[] = "\nvitae: stopping after this step; once more "
                               "to stop at once\n";
    int saved = errno;

    flag_set(&cli_stop, true);
    if (signal == SIGINT && isatty(STDERR_FILENO) &&
        write(STDERR_FILENO, hint, sizeof(hint) - 1) < 0)
        errno = saved;
    errno = saved;
}

static void catch_signals(void)
{
    struct sigaction action, before;

    memset(&action, 0, sizeof(action));
    action.sa_handler = stop;
    /* Drivers are not written for EINTR; sleeping ends anyhow. */
    action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* The terminal is gone; under nohup it is ignored, and stays so. */
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    action.sa_flags = 0;
    sigaction(SIGPIPE, &action, NULL);
}

static bool start_log(const struct cli *cli, struct error *err)
{
    const struct logging_settings *from = &cli->values->log;
    struct log_settings to = {
        .file = from->file,
        .level = (enum log_level)from->level,
        .terminal_level = cli->quiet ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN,
        .json = from->format == 1,
        .max_size = (size_t)from->max_size,
    };

    return log_open(&to, err);
}

static bool run(struct cli *cli, const struct cli_call *call, struct error *err)
{
    unsigned needs = cli->command->needs;

    if ((needs & CLI_SETTINGS || call->provider) && !vitae_load(cli, call, err))
        return false;
    if (needs & CLI_LOG && !start_log(cli, err))
        return false;
    return cli->command->run(cli, err);
}

/* What went to a full disk or a closed pipe was not printed. */
static bool flush(struct error *err)
{
    bool closed;

    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    closed = errno == EPIPE;
    error_set(err, ERROR_SETUP, "cannot write to standard output: %s",
              strerror(errno));
    if (closed)
        error_code(err, "pipe");
    return false;
}

static int failed(const struct error *err)
{
    /* Who reads the first lines only (head) knows it. */
    if (strcmp(err->code, "pipe") != 0)
        fprintf(stderr, "vitae: %s\n", err->message);
    if (cli_stop)
        return EXIT_INTERRUPTED;
    return err->exit ? err->exit : EXIT_SOME_FAILED;
}

static int execute(const struct cli_call *call)
{
    struct error err = { .kind = ERROR_NONE };
    struct cli cli = {
        .command = call->command,
        .call = call,
        .arguments = call->arguments,
        .argument_count = call->argument_count,
        .json = call->json,
        .quiet = call->quiet,
        .clock = &clock_system,
        .provider_name = "",
        .exit = EXIT_DONE,
    };
    bool ok = run(&cli, call, &err);
    int code;

    ok = ok && flush(&err);
    code = ok ? (int)cli.exit : failed(&err);
    vitae_unload(&cli);
    log_close();
    return code;
}

static int print_help(const struct cli_command *command, FILE *to)
{
    struct strbuf out;

    strbuf_init(&out, MIB);
    if (command)
        manual_command(command, &out);
    else
        manual_overview(cli_commands, &out);
    fputs(out.data, to);
    strbuf_release(&out);
    return to == stdout ? EXIT_DONE : EXIT_USAGE;
}

static int dispatch(struct cli_call *call)
{
    if (call->help)
        return print_help(call->command, stdout);
    if (call->version)
        call->command = &cli_version;
    if (!call->command)
        return print_help(NULL, stderr);
    return execute(call);
}

int cli_main(int argc, char **argv)
{
    struct cli_call call;
    struct error err;
    int code;

    catch_signals();
    if (cli_parse(cli_commands, argc, argv, &call, &err))
        code = dispatch(&call);
    else
        code = failed(&err);
    cli_call_release(&call);
    return code;
}

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/run.h"
#include "io/record.h"

static struct run_options chosen;
static char yes[] = "yes";
static struct run_flags flags;

#define TEXT_OPTION(name_, argument_, which_, help_)                           \
    {                                                                          \
        .name = name_, .argument = argument_, .help = help_,                   \
        .type = SETTING_TEXT, .value = &chosen.given[which_]                   \
    }

static const struct cli_option options[] = {
    TEXT_OPTION(
        "profile", "P", RUN_PROFILE,
        "what to ask (default by the input: score for CSV, prompt for "
        "prompts and requests, news for addresses and texts with titles)"),
    TEXT_OPTION("model", "M", RUN_MODEL,
                "the model (default: the only one that the endpoint has)"),
    TEXT_OPTION("base-url", "U", RUN_BASE_URL,
                "the endpoint (default: vitae serve at "
                "http://localhost:4080/v1)"),
    TEXT_OPTION("jobs", "N", RUN_JOBS,
                "requests at once, with a realtime endpoint"),
    TEXT_OPTION("rpm", "N", RUN_RPM, "requests a minute at most"),
    TEXT_OPTION("delay", "S", RUN_DELAY,
                "seconds between two requests; one at a time"),
    TEXT_OPTION("on-error", "HOW", RUN_ON_ERROR,
                "continue (default), stop, or threshold:N failures"),
    TEXT_OPTION("max-attempts", "N", RUN_MAX_ATTEMPTS,
                "tries at one record (default: batch.max_attempts)"),
    TEXT_OPTION("max-cost", "X", RUN_MAX_COST,
                "the most that it may cost (default: batch.max_cost)"),
    TEXT_OPTION("batch-size", "N", RUN_BATCH_SIZE,
                "requests in one batch (default: the provider's limit)"),
    TEXT_OPTION("check-interval", "S", RUN_CHECK_INTERVAL,
                "seconds between two looks at a batch (default: 1 s at an "
                "endpoint of yours, else 20 s)"),
    TEXT_OPTION("format", "F", RUN_FORMAT,
                "of the input: " RECORD_FORMATS " (default auto)"),
    TEXT_OPTION("id", "COLUMN", RUN_ID,
                "the CSV column with the id (default candidate_id)"),
    TEXT_OPTION("text", "COLUMN", RUN_TEXT,
                "the CSV column with the text (default: all others)"),
    { .name = "out",
      .argument = "DIR",
      .help = "put everything there (default: beside the input)",
      .type = SETTING_PATH,
      .value = &flags.out },
    { .name = "name",
      .argument = "NAME",
      .help = "a name for people (default: the input's)",
      .type = SETTING_TEXT,
      .value = &flags.name },
    { .name = "resume",
      .help = "go on with the job that is there",
      .value = &flags.resume },
    { .name = "retry-failed",
      .help = "go on, and ask again what failed",
      .value = &flags.retry_failed },
    { .name = "force",
      .help = "begin anew: what an earlier run left there is removed",
      .value = &flags.force },
    { .name = "ordered",
      .help = "answers in the order of the input, not as they came",
      .value = &flags.ordered },
    { .name = "skip-bad",
      .help = "leave records out that can't be used, and list them",
      .value = &flags.skip_bad },
    { .name = "allow-private",
      .help = "fetch addresses of this machine and private networks, too",
      .value = &flags.allow_private },
    { .name = "allow-unpriced",
      .help = "send although no price is known for the model",
      .setting = "batch.allow_unpriced" },
    { .name = "save-as",
      .argument = "NAME",
      .help = "remember these options as a template",
      .type = SETTING_TEXT,
      .value = &flags.save_as },
    { .name = "template",
      .argument = "NAME",
      .help = "begin from a template's options",
      .type = SETTING_TEXT,
      .value = &flags.template_name },
    { .name = NULL },
};

/* -- without a file -- */

static char folder[JOB_PATH - 32];
static char typed[JOB_PATH]; /* the file in it that typed prompts went to */
static bool by_hand;

/* run-20261125-124518, or --out. */
static bool name_folder(const struct cli *cli, struct error *err)
{
    const size_t size = sizeof(folder);
    char when[CLOCK_TEXT]; /* 2026-11-25T12:45:18 */
    int n;

    clock_text(cli->clock->now(cli->clock), when);
    n = flags.out
            ? snprintf(folder, size, "%s", flags.out)
            : snprintf(folder, size, "run-%.4s%.2s%.2s-%.2s%.2s%.2s", when,
                       when + 5, when + 8, when + 11, when + 14, when + 17);
    return (n >= 0 && (size_t)n < size) ||
           cli_usage(err, "the path of --out is too long");
}

static bool type_prompts(struct cli *cli, const char **input, bool person,
                         struct error *err)
{
    int64_t count;

    if (!name_folder(cli, err))
        return false;
    snprintf(typed, sizeof(typed), "%s/prompts.txt", folder);
    if (!flags.force && file_exists(typed))
        return cli_usage(err, "%s is there already, from another run", typed);
    if (!file_make_folder(folder, err))
        return false;
    if (!take_prompts(typed, person, &count, err)) {
        (void)rmdir(folder); /* only when nothing else is there */
        return false;
    }
    cli_say(cli, "%lld prompts in %s", (long long)count, typed);
    by_hand = person;
    *input = typed;
    return true;
}

/* The same as the flags, for whoever types `vitae run` alone. */
static bool ask_person(struct cli *cli, const char **input, bool *leave,
                       struct error *err)
{
    static char strategy[RUN_STRATEGY];
    static struct run_answers a;

    *leave = true;
    if (!ask_what(&a) || a.leave)
        return true;
    if (a.list)
        return jobs_list(cli, flags.out ? flags.out : ".", err);
    *leave = false;
    if (a.prompts && !type_prompts(cli, input, true, err))
        return false;
    if (a.input)
        *input = a.input;
    flags.resume = flags.resume || a.resume;
    if (!flags.resume && !chosen.given[RUN_ON_ERROR]) {
        if (!ask_strategy(strategy))
            *leave = true;
        chosen.given[RUN_ON_ERROR] = strategy;
    }
    return true;
}

static bool find_input(struct cli *cli, const char **input, bool *leave,
                       struct error *err)
{
    bool standard = cli->argument_count && strcmp(cli->arguments[0], "-") == 0;

    *leave = false;
    if (cli->argument_count && !standard) {
        *input = cli->arguments[0];
        return true;
    }
    if ((flags.resume || flags.retry_failed) && flags.out)
        return true;
    if (!standard && ask_is_possible() && !cli->quiet)
        return ask_person(cli, input, leave, err);
    return type_prompts(cli, input, false, err);
}

static void release(struct run *run)
{
    if (run->opened)
        worker_close(&run->worker);
    run_options_release(run->options);
}

/* Which step it was, and whoever waits is told. */
static void fail(struct run *run, struct error *err)
{
    if (!run->step)
        return;
    error_context(err, "step %s", run->step);
    if (!cli_stop)
        run_notify(run, false);
}

/* Prompts of a run that did not begin: what was piped comes again, what was
 * typed is worth keeping. */
static void leave_prompts(const struct cli *cli)
{
    if (by_hand) {
        cli_say(cli, "your prompts are kept: vitae run %s", typed);
    } else if (unlink(typed) == 0) {
        (void)rmdir(folder); /* only when nothing else is there */
    }
}

/* Input that can't be used leaves nothing in the way of better. */
static void clear_away(const struct run *run, const char *input)
{
    struct error ignored;

    if (run->opened && !run->resumed && !run->job.loaded &&
        !run_remove(run, &ignored))
        error_clear(&ignored);
    if (!run->opened && input == typed)
        leave_prompts(run->cli);
}

static bool run_command(struct cli *cli, struct error *err)
{
    struct run run = { .cli = cli, .options = &chosen, .flags = &flags };
    const char *input = NULL;
    bool leave, ok;

    run.worker.lock = run.stream.fd = -1;
    if (flags.ordered)
        chosen.given[RUN_ORDERED] = yes;
    if (!find_input(cli, &input, &leave, err))
        return false;
    if (leave)
        return true;
    ok = run_start(&run, input, err) &&
         run_strategy(run_option(&chosen, RUN_ON_ERROR), &run.strategy, err) &&
         (!flags.save_as || template_save(&chosen, flags.save_as, err)) &&
         run_steps(&run, err);
    if (!ok)
        fail(&run, err);
    release(&run);
    if (!ok)
        clear_away(&run, input);
    return ok;
}

const struct cli_command cli_run = {
    .name = "run",
    .group = "Files",
    .arguments = "[FILE|-]",
    .most = 1,
    .summary = "a file of candidates or prompts, start to end, no database",
    .text =
        "Converts the file (CSV, prompt list, JSON, contents, request "
        "lines), uploads it, creates the batch, watches, downloads, analyzes "
        "and exports: x_batch.jsonl, x_results.jsonl and x_scores.csv "
        "(x_answers.csv for prompts) appear beside x.csv, or in --out.\n\n"
        "The endpoint is vitae serve at http://localhost:4080 unless "
        "--provider, --base-url or the settings name another: a batch API, or "
        "--provider local for a realtime endpoint with no server in "
        "between.\n\n"
        "Stopped by Ctrl-C, a kill or a reboot, it goes on with --resume: no "
        "answer is asked for twice. Its state is job.db in x_job (or --out); "
        "vitae jobs lists and checks them. Ctrl-C leaves a batch at a "
        "provider running. Exit code 0: every record was answered; 1: some "
        "failed, or --skip-bad left some out.\n\n"
        "Without a file, prompts are read from standard input, a line each, "
        "up to an empty line; at a terminal you are asked.",
    .example = "vitae run candidates.csv --model llama3:8b\n"
               "vitae run prompts.txt --provider local --base-url "
               "http://127.0.0.1:8080/v1 --jobs 8\n"
               "vitae run candidates.csv --resume\n"
               "vitae run candidates.csv --on-error threshold:50 --save-as "
               "nightly",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = run_command,
};

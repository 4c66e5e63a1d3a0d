#include "batch/service.h"
#include "cli/commands.h"
#include "cli/work.h"

static const struct cli_option options[] = {
    { .name = "num-batches",
      .argument = "B",
      .help = "submit at most B batches (default: batch.num_batches, 0 = "
              "until no record waits)",
      .setting = "batch.num_batches" },
    { .name = "batch-size",
      .argument = "N",
      .help = "records in a batch (default: batch.batch_size)",
      .setting = "batch.batch_size" },
    { .name = "check-interval",
      .argument = "S",
      .help = "seconds between two looks at a batch (default: "
              "batch.check_interval)",
      .setting = "batch.check_interval" },
    { .name = "allow-unpriced",
      .help = "send although no price is known for the model",
      .setting = "batch.allow_unpriced" },
    { .name = NULL },
};

static void report(const struct cli *cli, const struct service_result *r)
{
    if (cli->json) {
        printf("{\"batches\":%lld,\"done\":%lld,\"retried\":%lld,"
               "\"dead\":%lld,\"skipped\":%lld,\"unknown_batches\":%lld,"
               "\"cost\":%.6f,\"saving\":%.6f,\"stopped\":%s}\n",
               (long long)r->submitted, (long long)r->done,
               (long long)r->retried, (long long)r->dead, (long long)r->skipped,
               (long long)r->unknown, r->cost, r->saving,
               r->stopped ? "true" : "false");
        return;
    }
    cli_say(cli,
            "%lld batches begun; records: %lld done, %lld tried again, "
            "%lld given up, %lld without text",
            (long long)r->submitted, (long long)r->done, (long long)r->retried,
            (long long)r->dead, (long long)r->skipped);
    if (r->cost > 0)
        cli_say(cli, "cost %.4f %s; single requests would have cost %.4f more",
                r->cost, r->currency, r->saving);
}

static bool continuous(struct cli *cli, struct error *err)
{
    struct service_result result = { 0 };
    struct work work;
    bool ok =
        work_open(&work, cli, err) && service_run(&work.worker, &result, err);

    if (ok)
        report(cli, &result);
    if (result.unknown)
        work_tell_unknown(cli);
    if (cli_stop)
        work_tell_stopped(&work);
    if (ok && result.stopped)
        cli->exit = EXIT_INTERRUPTED;
    else if (ok && (result.dead || result.unknown))
        cli->exit = EXIT_SOME_FAILED;
    work_close(&work);
    return ok;
}

const struct cli_command cli_continuous = {
    .name = "--continuous",
    .group = "Working",
    .arguments = "",
    .summary = "submit and check until the work or the number is used up",
    .text = "A service: submits batches while records wait, looks at open "
            "ones when they are due, writes results back, and waits out what "
            "passes (network, overloaded servers, deadlocks). It ends when "
            "no batch is open and no record waits, or when num_batches are "
            "submitted and closed: exit code 0, 1 when records were given up "
            "or a batch is unknown (its provider left its creation "
            "unanswered: a person must decide), 6 when a budget ended it. "
            "SIGTERM and Ctrl-C finish the current step; starting again "
            "goes on from there.",
    .example = "vitae --continuous --num-batches 5 --batch-size 200 "
               "--check-interval 1800",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = continuous,
};

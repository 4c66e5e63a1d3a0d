#include "batch/replay.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/work.h"

static bool replay(struct cli *cli, struct error *err)
{
    struct batch b, replayed;
    struct work work;
    bool ok = work_open(&work, cli, err) &&
              report_find(work.worker.db, cli->arguments[0], &b, err) &&
              replay_batch(&work.worker, &b, &replayed, err);
    if (ok) {
        work_print(cli, &replayed);
        if (replayed.retry_count || replayed.dead_count)
            cli->exit = EXIT_SOME_FAILED;
    }
    work_close(&work);
    return ok;
}

const struct cli_command cli_replay = {
    .name = "replay",
    .group = "Correcting",
    .arguments = "BATCH",
    .least = 1,
    .most = 1,
    .summary = "apply changed rules to a batch's stored answers, for nothing",
    .text = "Reads the answers kept in the spool (batch.keep_answers) again "
            "with the profile as it is now and writes the values. Records "
            "that something newer answered are left alone. It becomes a "
            "batch of its own, which vitae undo takes back.",
    .example = "vitae replay batch_68f3",
    .options = NULL,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = replay,
};

#include "batch/undo.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/work.h"

static bool undo(struct cli *cli, struct error *err)
{
    int64_t records = 0;
    struct work work;
    struct batch b;
    bool ok = work_open(&work, cli, err) &&
              report_find(work.worker.db, cli->arguments[0], &b, err) &&
              undo_batch(&work.worker, &b, &records, err);
    if (ok && cli->json)
        printf("{\"records\":%lld}\n", (long long)records);
    else if (ok)
        cli_say(cli,
                "%lld records have their old values back, where nobody "
                "changed ours; vitae retry sends them again",
                (long long)records);
    work_close(&work);
    return ok;
}

const struct cli_command cli_undo = {
    .name = "undo",
    .group = "Correcting",
    .arguments = "BATCH",
    .least = 1,
    .most = 1,
    .summary = "put back the old values of a batch that nobody has changed",
    .text = "Works for as long as old values are kept "
            "(batch.keep_old_values). A value that somebody changed after "
            "vitae wrote it stays. The records count as not processed, but "
            "are not sent again until vitae retry.",
    .example = "vitae undo batch_68f3",
    .options = NULL,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = undo,
};

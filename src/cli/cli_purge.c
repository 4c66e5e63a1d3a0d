#include "batch/purge.h"
#include "cli/commands.h"
#include "cli/work.h"

static double older_than;

static const struct cli_option options[] = {
    { .name = "older-than",
      .argument = "AGE",
      .help = "everything beyond this age (90d) instead of the settings' "
              "own times; finished items too",
      .type = SETTING_SECONDS,
      .value = &older_than,
      .min = 0,
      .max = 1e12 },
    { .name = NULL },
};

static bool purge(struct cli *cli, struct error *err)
{
    struct purge_result r;
    struct work work;
    bool ok = work_open(&work, cli, err) &&
              purge_run(&work.worker, older_than, &r, err);

    if (ok && cli->json)
        printf("{\"old_values\":%lld,\"events\":%lld,\"commands\":%lld,"
               "\"items\":%lld,\"answers\":%lld}\n",
               (long long)r.old_values, (long long)r.events,
               (long long)r.commands, (long long)r.items, (long long)r.answers);
    else if (ok)
        cli_say(cli,
                "removed: old values of %lld records, %lld events, %lld "
                "items, the answers of %lld batches",
                (long long)r.old_values, (long long)r.events,
                (long long)r.items, (long long)r.answers);
    work_close(&work);
    return ok;
}

const struct cli_command cli_purge = {
    .name = "purge",
    .group = "Correcting",
    .arguments = "",
    .summary = "remove what has been kept long enough",
    .text = "Old values (batch.keep_old_values), stored answers "
            "(batch.keep_answers), events and answered commands "
            "(batch.keep_events, never less than 180 days). Dead and skipped "
            "records stay: they keep a "
            "record from being sent again.",
    .example = "vitae purge\nvitae purge --older-than 90d",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = purge,
};

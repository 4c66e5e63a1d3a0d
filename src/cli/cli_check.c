#include "batch/command.h"
#include "batch/step.h"
#include "batch/store.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/work.h"

struct check {
    struct work work;
    bool running; /* a batch is still at work */
    bool failed;  /* a record did not come back */
    bool person;
};

static bool look(struct check *check, struct batch *b, struct error *err)
{
    enum crank_end end = CRANK_CLOSED;
    bool ok = b->status == BATCH_CLOSED ||
              crank(&check->work.worker, b, CRANK_LOOK_NOW, &end, err);

    if (!ok)
        return false;
    if (end == CRANK_WAITING || end == CRANK_TAKEN || end == CRANK_STOPPED ||
        end == CRANK_PAUSED)
        check->running = true;
    if (end == CRANK_PERSON)
        check->person = true;
    if (b->retry_count || b->dead_count)
        check->failed = true;
    work_print(check->work.cli, b);
    return true;
}

static bool look_at(struct check *check, const char *id, struct error *err)
{
    struct batch b;

    return report_find(check->work.worker.db, id, &b, err) &&
           look(check, &b, err);
}

/* One batch in trouble must not keep the others from being looked at: the
 * first error is kept, the rest goes on. */
static bool look_at_all(struct check *check, struct error *err)
{
    struct batch_keys keys = { 0 };
    struct error first;
    bool ok, good = true;
    size_t i;

    error_clear(&first);
    ok = command_run_all(&check->work.worker, NULL, err) &&
         store_open_batches(check->work.worker.db, &keys, err);
    for (i = 0; ok && i < keys.count && !cli_stop; i++) {
        if (look_at(check, keys.keys[i], err))
            continue;
        if (good)
            first = *err;
        good = false;
        check->running = true;
        if (err->kind == ERROR_SETUP && err->exit == EXIT_DATABASE)
            break;
    }
    batch_keys_release(&keys);
    if (ok && !good)
        *err = first;
    return ok && good;
}

static bool check_batch(struct cli *cli, struct error *err)
{
    struct check check = { .running = false };
    const char *id = cli->arguments[0];
    bool ok = work_open(&check.work, cli, err) &&
              (strcmp(id, "all") == 0 ? look_at_all(&check, err)
                                      : look_at(&check, id, err));

    if (check.person)
        work_tell_unknown(cli);
    if (cli_stop)
        work_tell_stopped(&check.work);
    if (ok && cli_stop)
        cli->exit = EXIT_INTERRUPTED;
    else if (ok && check.running)
        cli->exit = EXIT_RUNNING;
    else if (ok && (check.failed || check.person))
        cli->exit = EXIT_SOME_FAILED;
    work_close(&check.work);
    return ok;
}

const struct cli_command cli_check_batch = {
    .name = "--check-batch",
    .group = "Working",
    .arguments = "ID|all",
    .least = 1,
    .most = 1,
    .summary = "look at a batch; when it has ended, write its results back",
    .text = "ID is the provider's id or vitae's own key; all means every open "
            "batch, which is what cron wants, and what a DBA asked by INSERT. "
            "A look moves a batch on as far "
            "as it goes now. Exit code 10 while any of them still runs, 1 "
            "when some records did not come back (they are tried again by "
            "the next --submit), 0 when everything is written.",
    .example = "vitae --check-batch batch_68f3\n*/30 * * * * vitae "
               "--check-batch all --quiet",
    .options = NULL,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = check_batch,
};

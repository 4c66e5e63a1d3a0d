#include "batch/cancel.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/work.h"

static bool cancel_held(struct work *work, struct batch *b, struct error *err)
{
    bool ok = cancel_batch(&work->worker, b, err);

    worker_drop(&work->worker, b);
    if (!ok)
        return false;
    cli_say(work->cli,
            b->status == BATCH_SUBMITTED
                ? "batch %s is being cancelled; vitae --check-batch %s brings "
                  "back what was finished"
                : "batch %s is cancelled; its records go back to the pool with "
                  "vitae --check-batch %s",
            b->key, b->key);
    work_print(work->cli, b);
    return true;
}

static bool cancel_one(struct work *work, const char *id, struct error *err)
{
    bool taken = false;
    struct batch b;

    if (!report_find(work->worker.db, id, &b, err))
        return false;
    if (b.status == BATCH_CLOSED)
        return error_set(err, ERROR_REJECT, "batch %s is closed already",
                         b.key);
    if (!worker_take(&work->worker, &b, &taken, err))
        return false;
    if (!taken)
        return error_set(err, ERROR_RETRY,
                         "batch %s is in the hands of another worker (%s); try "
                         "again in a minute",
                         b.key, b.worker);
    return cancel_held(work, &b, err);
}

static bool cancel(struct cli *cli, struct error *err)
{
    struct work work;
    bool ok =
        work_open(&work, cli, err) && cancel_one(&work, cli->arguments[0], err);

    work_close(&work);
    return ok;
}

const struct cli_command cli_cancel = {
    .name = "cancel",
    .group = "Working",
    .arguments = "BATCH",
    .least = 1,
    .most = 1,
    .summary = "cancel a batch; what was finished is still collected",
    .text = "BATCH is vitae's key of a batch or the provider's id. The "
            "provider stops when it can, which may take minutes; what it "
            "finished is paid and is written back by the next --check-batch, "
            "the other records return to the pool without losing a try. A "
            "batch of status unknown is given up: look at the provider first.",
    .example = "vitae cancel batch_68a1 && vitae --check-batch batch_68a1",
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = cancel,
};

#include "batch/claim.h"
#include "batch/room.h"
#include "batch/step.h"
#include "batch/store.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include "cli/work.h"

static const struct cli_option options[] = {
    { .name = "batch-size",
      .argument = "N",
      .help = "take at most N records (default: batch.batch_size)",
      .setting = "batch.batch_size" },
    { .name = "allow-unpriced",
      .help = "send although no price is known for the model",
      .setting = "batch.allow_unpriced" },
    REMOTE_SUBMIT_OPTIONS,
    { .name = NULL },
};

static bool is_on_the_way(const struct batch *b)
{
    return b->status < BATCH_SUBMITTED && b->status != BATCH_UNKNOWN;
}

static void tell(const struct cli *cli, const struct batch *b,
                 enum crank_end end)
{
    if (b->status == BATCH_SUBMITTED)
        work_print(cli, b);
    else if (end == CRANK_PERSON)
        cli_say(cli,
                "batch %s: the provider gave no answer and can't be searched; "
                "look there, then: vitae cancel %s",
                b->key, b->key);
    else if (b->status == BATCH_CLOSED)
        cli_say(cli, "batch %s is closed: %s", b->key,
                b->error_message[0] ? b->error_message
                                    : "no record had a usable text");
}

/* A look at each of the others makes room, and that is not this command's. */
static bool waits_for_room(struct work *work, const struct batch *b)
{
    if ((b->status != BATCH_BUILT && b->status != BATCH_UPLOADED) ||
        b->due_in <= 0)
        return false;
    cli_say(work->cli,
            "batch %s waits for room at the provider; vitae --continuous, or "
            "--submit again when others have ended, sends it%s%s",
            b->key, b->error_message[0] ? ": " : "", b->error_message);
    work->cli->exit = EXIT_RUNNING;
    return true;
}

/* Every batch that is not with the provider yet, ours of before included:
 * *waiting is how long until one of them may go on, < 0 when none is left. */
static bool submit_round(struct work *work, double *waiting, struct error *err)
{
    struct batch_keys keys = { 0 };
    enum crank_end end;
    struct batch b;
    bool found, ok;
    size_t i;

    *waiting = -1;
    ok = store_open_batches(work->worker.db, &keys, err);
    for (i = 0; ok && i < keys.count && !cli_stop; i++) {
        ok = store_find(work->worker.db, keys.keys[i], &b, &found, err);
        if (!ok || !found || !is_on_the_way(&b))
            continue;
        ok = crank(&work->worker, &b, CRANK_UNTIL_SUBMITTED, &end, err);
        if (!ok || end == CRANK_TAKEN || end == CRANK_PAUSED)
            continue;
        if (waits_for_room(work, &b))
            continue;
        if (is_on_the_way(&b)) {
            *waiting = b.due_in > 0.05 ? b.due_in : 0.05;
            continue;
        }
        tell(work->cli, &b, end);
        /* What didn't fit into it became a batch of its own. */
        if (*waiting < 0)
            *waiting = 0;
    }
    batch_keys_release(&keys);
    return ok;
}

static bool submit_all(struct work *work, struct error *err)
{
    struct clock *clock = work->worker.clock;
    enum crank_end end;
    double waiting;
    struct batch b;
    int64_t size = 0;

    if (!room_for_claim(&work->worker, work->settings.batch->batch_size, &size,
                        err))
        return false;
    b.key[0] = '\0';
    if (size == 0) {
        cli_say(work->cli, "there is no room for one more batch at the "
                           "provider now; vitae --waves shows what is there");
        work->cli->exit = EXIT_RUNNING;
    } else if (!claim_batch(&work->worker, size, &b, err)) {
        bool sealed = strcmp(err->code, "sealed") == 0;

        /* Asked for by the DBA, or to be waited for: nothing has failed. */
        if (!sealed && strcmp(err->code, "paused") != 0)
            return false;
        if (sealed)
            work->cli->exit = EXIT_RUNNING;
        cli_say(work->cli, "%s", err->message);
        error_clear(err);
        return true;
    }
    if (b.key[0]) {
        if (!crank_held(&work->worker, &b, CRANK_UNTIL_SUBMITTED, &end, err))
            return false;
        if (!is_on_the_way(&b))
            tell(work->cli, &b, end);
    } else if (size) {
        cli_say(work->cli, "no record waits to be processed");
    }
    for (;;) {
        if (!submit_round(work, &waiting, err))
            return false;
        if (waiting < 0 || cli_stop)
            return true;
        clock->sleep(clock, waiting, &cli_stop);
    }
}

static bool submit(struct cli *cli, struct error *err)
{
    struct work work;
    bool ok;

    if (cli->argument_count)
        return remote_submit(cli, cli->arguments[0], false, err);
    ok = work_open(&work, cli, err) && submit_all(&work, err);

    if (cli_stop)
        work_tell_stopped(&work);
    if (ok && cli_stop)
        cli->exit = EXIT_INTERRUPTED;
    work_close(&work);
    return ok;
}

const struct cli_command cli_submit = {
    .name = "--submit",
    .group = "Working",
    .arguments = "[FILE]",
    .most = 1,
    .summary = "send waiting records to the provider as a batch, print its id",
    .text =
        "Takes records that are not processed yet, builds the request "
        "file, uploads it and creates the batch. One id a line goes to "
        "standard output: several when a limit of the provider splits "
        "the batch. Batches that an earlier run left unsent are sent "
        "first or found at the provider again, never paid twice. With FILE, "
        "a list of addresses (# begins a comment), the pages are handed to "
        "a vitae serve as a job instead, and the job's id is printed.",
    .example = "vitae --submit --batch-size 500\n"
               "vitae submit urls.txt --name morning --wait",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = submit,
};

#include "batch/source.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/work.h"

static bool all;
static char *batch;
static char *reason;

static const struct cli_option options[] = {
    { .name = "all", .help = "every record given up", .value = &all },
    { .name = "batch",
      .argument = "BATCH",
      .help = "those of a batch",
      .type = SETTING_TEXT,
      .value = &batch },
    { .name = "reason",
      .argument = "CODE",
      .help = "those of a reason, as vitae status shows it",
      .type = SETTING_TEXT,
      .value = &reason },
    { .name = NULL },
};

struct selection {
    const char *userid; /* NULL = any, all three */
    const char *batch;
    const char *code;
    int64_t changed;
};

static bool put_back(struct db *db, void *context, struct error *err)
{
    struct selection *s = context;
    const struct db_value values[] = {
        db_text("userid", s->userid),
        db_text("batch", s->batch),
        db_text("code", s->code),
    };

    return db_run(db, "retry_tries", values, ARRAY_LEN(values), NULL, err) &&
           db_run(db, "retry_records", values, ARRAY_LEN(values), &s->changed,
                  err);
}

static bool put_back_all(struct cli *cli, struct db *db, struct selection *s,
                         int64_t *total, struct error *err)
{
    size_t n = cli->argument_count;
    size_t i;

    for (i = 0; i == 0 || i < n; i++) {
        s->userid = n ? cli->arguments[i] : NULL;
        if (!db_transaction(db, "retry", put_back, s, NULL, err))
            return false;
        *total += s->changed;
    }
    return true;
}

static bool run(struct cli *cli, struct db *db, struct error *err)
{
    struct selection s = { .code = reason };
    int64_t total = 0;
    struct batch b;
    size_t i;

    if (!source_names(db, &cli->values->source, err))
        return false;
    if (batch) {
        if (!report_find(db, batch, &b, err))
            return false;
        s.batch = b.key;
    }
    for (i = 0; i < cli->argument_count; i++)
        if (!report_find_record(db, cli->arguments[i], err))
            return false;
    if (!put_back_all(cli, db, &s, &total, err))
        return false;
    if (cli->json)
        printf("{\"records\":%lld}\n", (long long)total);
    else
        printf("%lld records are back in the pool\n", (long long)total);
    return true;
}

static bool retry(struct cli *cli, struct error *err)
{
    struct db *db = NULL;
    bool ok;

    if (!all && !batch && !reason && cli->argument_count == 0)
        return cli_usage(err, "retry needs the records: their ids, --batch, "
                              "--reason or --all");
    ok = work_tables(cli, &db, err) && run(cli, db, err);
    db_close(db);
    return ok;
}

const struct cli_command cli_retry = {
    .name = "retry",
    .group = "Correcting",
    .arguments = "[USERID...]",
    .least = 0,
    .most = -1,
    .summary = "give records that were given up or skipped another chance",
    .text = "A record whose attempts are used up, or that had no usable text, "
            "is not taken again until its text changes or this command names "
            "it. Its tries begin anew; the next --submit takes it. An id that "
            "nobody has is a usage error, and nothing is done.",
    .example = "vitae retry 4711\nvitae retry --reason not_json\nvitae retry "
               "--all",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = retry,
};

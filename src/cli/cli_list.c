#include "cli/commands.h"
#include "cli/remote.h"
#include "cli/report.h"
#include "cli/work.h"

static bool all, jobs;
static int64_t most = 50;

static const struct cli_option options[] = {
    { .name = "all", .help = "closed batches too", .value = &all },
    { .name = "most",
      .argument = "N",
      .help = "at most N batches, the newest (default: 50)",
      .type = SETTING_INTEGER,
      .value = &most,
      .min = 1,
      .max = 100000 },
    { .name = "jobs",
      .help = "the jobs at a vitae serve instead",
      .value = &jobs },
    REMOTE_SERVER_OPTION,
    { .name = NULL },
};

static const struct report_column columns[] = {
    { "batch_key", "KEY", REPORT_TEXT, 36 },
    { "batch_id", "ID", REPORT_TEXT, 38 },
    { "section", NULL, REPORT_TEXT, 0 },
    { "provider", "PROVIDER", REPORT_TEXT, 12 },
    { "model", NULL, REPORT_TEXT, 0 },
    { "status", "STATUS", REPORT_TEXT, 10 },
    { "provider_status", NULL, REPORT_TEXT, 0 },
    { "requests", "REQUESTS", REPORT_NUMBER, 0 },
    { "completed", "ANSWERED", REPORT_NUMBER, 0 },
    { "failed", NULL, REPORT_NUMBER, 0 },
    { "done", "DONE", REPORT_NUMBER, 0 },
    { "retry", "RETRY", REPORT_NUMBER, 0 },
    { "dead", "DEAD", REPORT_NUMBER, 0 },
    { "skipped", NULL, REPORT_NUMBER, 0 },
    { "input_tokens", NULL, REPORT_NUMBER, 0 },
    { "cached_tokens", NULL, REPORT_NUMBER, 0 },
    { "output_tokens", NULL, REPORT_NUMBER, 0 },
    { "age", "AGE", REPORT_AGE, 0 },
    { "since_due", NULL, REPORT_TO_GO, 0 },
    { "worker", NULL, REPORT_TEXT, 0 },
    { "error_code", "ERROR", REPORT_TEXT, 24 },
    { "error_message", NULL, REPORT_TEXT, 0 },
    { "cost", "COST", REPORT_MONEY, 0 },
    { "saving", "SAVED", REPORT_MONEY, 0 },
    { "currency", NULL, REPORT_TEXT, 0 },
};

static const struct report report = { "report_batches", columns,
                                      ARRAY_LEN(columns) };

static bool print(struct cli *cli, struct db *db, struct strbuf *out,
                  struct error *err)
{
    const struct db_value values[] = {
        db_integer("count", most),
        db_integer("closed", all),
    };
    struct jsonw json;
    int64_t rows = 0;

    jsonw_init(&json, out);
    if (!(cli->json ? report_json(db, &report, values, ARRAY_LEN(values), &json,
                                  NULL, &rows, err)
                    : report_table(db, &report, values, ARRAY_LEN(values), out,
                                   &rows, err)))
        return false;
    if (cli->json)
        strbuf_addc(out, '\n');
    else if (rows == 0)
        cli_say(cli, all ? "no batch yet"
                         : "no open batch; --all shows the "
                           "closed ones");
    return report_print(out, err);
}

static bool list(struct cli *cli, struct error *err)
{
    struct db *db = NULL;
    struct strbuf out;
    bool ok;

    if (jobs || remote_options.server)
        return remote_list(cli, err);
    strbuf_init(&out, 64 * MIB);
    ok = work_tables(cli, &db, err) && print(cli, db, &out, err);
    strbuf_release(&out);
    db_close(db);
    return ok;
}

const struct cli_command cli_list = {
    .name = "list",
    .group = "Looking",
    .arguments = "",
    .summary = "list the batches that are open",
    .text = "KEY is vitae's own name of a batch, ID the provider's; both are "
            "understood wherever a batch is asked for. With --json: one "
            "array.",
    .example =
        "vitae list\nvitae list --jobs\nvitae list --all --most 10 --json",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = list,
};

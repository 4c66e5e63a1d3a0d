#include "base/progress.h"
#include "batch/pause.h"
#include "batch/source.h"
#include "batch/store.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include "cli/report.h"
#include "cli/status_check.h"
#include "cli/work.h"

#define FAILURES_SHOWN 5
#define BATCHES_SHOWN 10

/* All that is told, in one place. */
struct overview {
    struct store_backlog backlog;
    bool has_source; /* the user's table could be looked at */
    char why[512];   /* if not */
    int64_t records[ITEM_SKIPPED + 1];
    int64_t batches;
    char paused[512];              /* who */
    int64_t input, cached, output; /* tokens */
    double cost, reserved;
    double saving; /* against single requests */
    char currency[16];
};

static bool add_state(void *context, const struct db_rows *row,
                      struct error *err)
{
    struct overview *o = context;
    const char *state = db_rows_text(row, 0, NULL);
    size_t i;

    (void)err;
    for (i = 0; state && i < ARRAY_LEN(o->records); i++)
        if (strcmp(state, item_state_name((enum item_state)i)) == 0)
            o->records[i] = db_rows_integer(row, 1);
    return true;
}

static bool add_spent(void *context, const struct db_rows *row,
                      struct error *err)
{
    struct overview *o = context;
    const char *currency = db_rows_text(row, 7, NULL);

    (void)err;
    o->batches = db_rows_integer(row, 0);
    o->backlog.open = db_rows_integer(row, 1);
    o->input = db_rows_integer(row, 2);
    o->cached = db_rows_integer(row, 3);
    o->output = db_rows_integer(row, 4);
    o->cost = db_rows_real(row, 5);
    o->reserved = db_rows_real(row, 6);
    o->saving = db_rows_real(row, 8);
    snprintf(o->currency, sizeof(o->currency), "%s", currency ? currency : "");
    return true;
}

/* A table of resumes that is gone or renamed hides what waits, not how the
 * batches are. */
static bool count_waiting(struct cli *cli, struct db *db, struct overview *o,
                          struct error *err)
{
    o->has_source = source_names(db, &cli->values->source, err);
    if (o->has_source)
        return store_backlog(db, STORE_COUNT_ALL, &o->backlog, err);
    if (err->kind == ERROR_RETRY)
        return false;
    snprintf(o->why, sizeof(o->why), "%s", err->message);
    return true;
}

static bool look_at_pauses(struct db *db, struct overview *o, struct error *err)
{
    struct strbuf who;
    bool ok;

    strbuf_init(&who, 16 * KIB);
    ok = pause_text(db, &who, err);
    if (ok && who.len)
        snprintf(o->paused, sizeof(o->paused), "%.500s", who.data);
    utf8_trim_cut(o->paused);
    strbuf_release(&who);
    return ok;
}

static bool look(struct cli *cli, struct db *db, struct overview *o,
                 struct error *err)
{
    o->backlog.due_in = -1;
    return db_each(db, "report_spent", NULL, 0, add_spent, o, NULL, err) &&
           count_waiting(cli, db, o, err) && look_at_pauses(db, o, err) &&
           db_each(db, "report_states", NULL, 0, add_state, o, NULL, err);
}

static int64_t in_flight(const struct overview *o)
{
    return o->records[ITEM_CLAIMED] + o->records[ITEM_SUBMITTED];
}

/* -------------------------------------------------------------- people */

static void add_line(const char *title, int64_t n, const char *remark,
                     struct strbuf *out)
{
    struct strbuf number;

    strbuf_init(&number, 64);
    progress_number(n, &number);
    strbuf_addf(out, "%-12s %12s%s%s\n", title, number.data,
                *remark ? "  " : "", remark);
    strbuf_release(&number);
}

static void add_records(const struct overview *o, struct strbuf *out)
{
    char remark[80];

    if (o->has_source)
        add_line("Waiting", o->backlog.waiting,
                 o->records[ITEM_RETRY] ? "with those to be tried again" : "",
                 out);
    else
        strbuf_addf(out, "Waiting      not known: %s\n", o->why);
    snprintf(remark, sizeof(remark), "in %lld open batches",
             (long long)o->backlog.open);
    add_line("In flight", in_flight(o), o->backlog.open ? remark : "", out);
    add_line("Done", o->records[ITEM_DONE], "", out);
    if (o->records[ITEM_RETRY])
        add_line("Try again", o->records[ITEM_RETRY], "", out);
    if (o->records[ITEM_DEAD])
        add_line("Given up", o->records[ITEM_DEAD],
                 "vitae retry takes them up again", out);
    if (o->records[ITEM_SKIPPED])
        add_line("Without text", o->records[ITEM_SKIPPED], "", out);
}

static void add_money(const struct overview *o, struct strbuf *out)
{
    char remark[80];

    snprintf(remark, sizeof(remark), "%lld of them cached",
             (long long)o->cached);
    add_line("Tokens in", o->input, o->cached > 0 ? remark : "", out);
    add_line("Tokens out", o->output, "", out);
    if (o->currency[0]) {
        strbuf_addf(out, "%-12s %12.4f  %s", "Cost", o->cost, o->currency);
        if (o->reserved > 0)
            strbuf_addf(out, ", %.4f more expected", o->reserved);
        strbuf_addc(out, '\n');
        if (o->saving > 0)
            strbuf_addf(out, "%-12s %12.4f  %s against single requests\n",
                        "Saved", o->saving, o->currency);
    }
}

static void add_due(const struct overview *o, struct strbuf *out)
{
    char text[CLOCK_TEXT];

    if (!o->has_source || o->backlog.open == 0)
        return;
    if (o->backlog.due_in <= 0) {
        strbuf_adds(out,
                    "Next look             now: vitae --check-batch all\n");
        return;
    }
    clock_duration(o->backlog.due_in, text);
    strbuf_addf(out, "Next look    %12s\n", text);
}

static const struct report_column batch_columns[] = {
    { "batch_key", NULL, REPORT_TEXT, 0 },
    { "batch_id", "BATCH", REPORT_TEXT, 38 },
    { "section", NULL, REPORT_TEXT, 0 },
    { "provider", "PROVIDER", REPORT_TEXT, 12 },
    { "model", NULL, REPORT_TEXT, 0 },
    { "status", "STATUS", REPORT_TEXT, 10 },
    { "provider_status", "THERE", REPORT_TEXT, 12 },
    { "requests", "REQUESTS", REPORT_NUMBER, 0 },
    { "completed", "ANSWERED", REPORT_NUMBER, 0 },
    { "failed", "FAILED", REPORT_NUMBER, 0 },
    { "done", NULL, REPORT_NUMBER, 0 },
    { "retry", NULL, REPORT_NUMBER, 0 },
    { "dead", NULL, REPORT_NUMBER, 0 },
    { "skipped", NULL, REPORT_NUMBER, 0 },
    { "input_tokens", NULL, REPORT_NUMBER, 0 },
    { "cached_tokens", NULL, REPORT_NUMBER, 0 },
    { "output_tokens", NULL, REPORT_NUMBER, 0 },
    { "age", "AGE", REPORT_AGE, 0 },
    { "since_due", "NEXT LOOK", REPORT_TO_GO, 0 },
    { "worker", NULL, REPORT_TEXT, 0 },
    { "error_code", "ERROR", REPORT_TEXT, 24 },
    { "error_message", NULL, REPORT_TEXT, 0 },
    { "cost", NULL, REPORT_MONEY, 0 },
    { "saving", NULL, REPORT_MONEY, 0 },
    { "currency", NULL, REPORT_TEXT, 0 },
};

static const struct report_column failure_columns[] = {
    { "state", "STATE", REPORT_TEXT, 0 },
    { "error_code", "REASON", REPORT_TEXT, 30 },
    { "records", "RECORDS", REPORT_NUMBER, 0 },
    { "example", "EXAMPLE", REPORT_TEXT, 36 },
    { "message", "MESSAGE", REPORT_TEXT, 60 },
};

static const struct report batches = { "report_batches", batch_columns,
                                       ARRAY_LEN(batch_columns) };
static const struct report failures = { "report_failures", failure_columns,
                                        ARRAY_LEN(failure_columns) };

static bool add_table(struct db *db, const struct report *report, int64_t most,
                      const char *heading, struct strbuf *out,
                      struct error *err)
{
    const struct db_value values[] = {
        db_integer("count", most),
        db_integer("closed", 0),
    };
    size_t before = out->len;
    int64_t rows = 0;

    strbuf_addf(out, "\n%s:\n", heading);
    if (!report_table(db, report, values, ARRAY_LEN(values), out, &rows, err))
        return false;
    if (rows == 0)
        strbuf_cut(out, before);
    return true;
}

static bool tell(struct db *db, const struct overview *o, struct strbuf *out,
                 struct error *err)
{
    add_records(o, out);
    if (o->paused[0])
        strbuf_addf(out, "Paused       %s\n", o->paused);
    if (o->batches > 0)
        add_money(o, out);
    add_due(o, out);
    return add_table(db, &batches, BATCHES_SHOWN, "Open batches", out, err) &&
           add_table(db, &failures, FAILURES_SHOWN, "What went wrong", out,
                     err);
}

/* ------------------------------------------------------------ programs */

static void add_json_records(const struct overview *o, struct jsonw *json)
{
    size_t i;

    jsonw_object(json, "records");
    for (i = 0; i < ARRAY_LEN(o->records); i++)
        jsonw_integer(json, item_state_name((enum item_state)i), o->records[i]);
    jsonw_end_object(json);
}

static bool tell_json(struct db *db, const struct overview *o,
                      struct strbuf *out, struct error *err)
{
    const struct db_value values[] = {
        db_integer("count", INT32_MAX),
        db_integer("closed", 0),
    };
    struct jsonw json;

    jsonw_init(&json, out);
    jsonw_object(&json, NULL);
    if (o->has_source)
        jsonw_integer(&json, "waiting", o->backlog.waiting);
    else
        jsonw_null(&json, "waiting");
    add_json_records(o, &json);
    jsonw_text(&json, "paused", o->paused[0] ? o->paused : NULL);
    jsonw_integer(&json, "open_batches", o->backlog.open);
    jsonw_integer(&json, "all_batches", o->batches);
    jsonw_integer(&json, "input_tokens", o->input);
    jsonw_integer(&json, "cached_tokens", o->cached);
    jsonw_integer(&json, "output_tokens", o->output);
    jsonw_real(&json, "cost", o->cost);
    jsonw_real(&json, "cost_expected", o->reserved);
    jsonw_real(&json, "saving", o->saving);
    jsonw_text(&json, "currency", o->currency[0] ? o->currency : NULL);
    if (!report_json(db, &batches, values, ARRAY_LEN(values), &json, "batches",
                     NULL, err) ||
        !report_json(db, &failures, values, ARRAY_LEN(values), &json,
                     "failures", NULL, err))
        return false;
    jsonw_end_object(&json);
    strbuf_addc(out, '\n');
    return true;
}

static bool check;

static const struct cli_option options[] = {
    { .name = "check",
      .help = "say only what is wrong, for monitoring: ends with 0 (nothing), "
              "1 (warning) or 2 (critical)",
      .value = &check },
    { .name = "overdue",
      .argument = "S",
      .help = "how late a look, a batch or a command may be (default: "
              "monitor.overdue)",
      .setting = "monitor.overdue" },
    { .name = "no-progress",
      .argument = "S",
      .help = "how long nothing may go on while there is work (default: "
              "monitor.no_progress)",
      .setting = "monitor.no_progress" },
    { .name = "backlog-age",
      .argument = "S",
      .help = "how long a record may wait (default: monitor.backlog_age)",
      .setting = "monitor.backlog_age" },
    { .name = "max-dead",
      .argument = "N",
      .help = "how many records may be given up (default: monitor.max_dead)",
      .setting = "monitor.max_dead" },
    REMOTE_SERVER_OPTION,
    { .name = NULL },
};

static bool status(struct cli *cli, struct error *err)
{
    struct overview o = { .has_source = false };
    struct db *db = NULL;
    struct strbuf out;
    bool ok;

    if (cli->argument_count)
        return remote_status(cli, cli->arguments[0], err);
    if (check) {
        ok = work_tables(cli, &db, err) && status_check(cli, db, err);
        db_close(db);
        return ok;
    }
    strbuf_init(&out, 64 * MIB);
    ok = work_tables(cli, &db, err) && look(cli, db, &o, err) &&
         (cli->json ? tell_json(db, &o, &out, err) : tell(db, &o, &out, err)) &&
         report_print(&out, err);
    strbuf_release(&out);
    db_close(db);
    return ok;
}

const struct cli_command cli_status = {
    .name = "status",
    .group = "Looking",
    .arguments = "[JOB]",
    .most = 1,
    .summary = "how much waits, runs, is done, was given up, and what it cost",
    .text =
        "Nothing is changed and no provider is asked. What waits is "
        "counted in your table, all else in vitae's own. With JOB (jobs/...) "
        "a vitae serve is asked how far that job is.\n\n"
        "--check is for monitoring (Nagios, Icinga, Zabbix): one line "
        "that sums up, then one a finding: batches that are overdue, past "
        "their window or unknown, answers that can't be written back, looks "
        "that fail, commands that nobody takes, who is paused, records given "
        "up, no progress, a record that waits too long, budgets. The "
        "thresholds are settings of [monitor]. It ends as monitoring counts: "
        "0, 1 (warning) or 2 (critical), and with 3 or 4 when it cannot look. "
        "A usage error is 2 as well, but prints no line that begins with OK, "
        "WARNING or CRITICAL.",
    .example = "vitae status\nvitae status --json\nvitae status --check "
               "--overdue 2h --max-dead 100\nvitae status jobs/01a2...",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = status,
};

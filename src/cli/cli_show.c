#include "cli/commands.h"
#include "cli/report.h"
#include "cli/show_request.h"
#include "cli/work.h"

#define RECORDS_MOST 1000

static bool records;
static bool every;
static bool request;

static const struct cli_option options[] = {
    { .name = "records",
      .help = "list the records that did not end well, at most 1,000",
      .value = &records },
    { .name = "all", .help = "list every record", .value = &every },
    { .name = "request",
      .help = "the argument is a record's id: print exactly what would leave "
              "this machine for it",
      .value = &request },
    { .name = NULL },
};

static const struct report_column batch_columns[] = {
    { "batch_key", "Key", REPORT_TEXT, 0 },
    { "batch_id", "Provider's id", REPORT_TEXT, 0 },
    { "section", "Section", REPORT_TEXT, 0 },
    { "provider", "Provider", REPORT_TEXT, 0 },
    { "host", "Host", REPORT_TEXT, 0 },
    { "account", "Account", REPORT_TEXT, 0 },
    { "model", "Model", REPORT_TEXT, 0 },
    { "profile", "Profile", REPORT_TEXT, 0 },
    { "profile_hash", NULL, REPORT_TEXT, 0 },
    { "request_hash", NULL, REPORT_TEXT, 0 },
    { "status", "Status", REPORT_TEXT, 0 },
    { "provider_status", "At the provider", REPORT_TEXT, 0 },
    { "requests", "Requests", REPORT_NUMBER, 0 },
    { "completed", "Answered", REPORT_NUMBER, 0 },
    { "failed", "Failed", REPORT_NUMBER, 0 },
    { "done", "Written", REPORT_NUMBER, 0 },
    { "retry", "Back in the pool", REPORT_NUMBER, 0 },
    { "dead", "Given up", REPORT_NUMBER, 0 },
    { "skipped", "Without text", REPORT_NUMBER, 0 },
    { "unknown", "Unknown ids", REPORT_NUMBER, 0 },
    { "input_tokens", "Input tokens", REPORT_NUMBER, 0 },
    { "cached_tokens", "of these cached", REPORT_NUMBER, 0 },
    { "output_tokens", "Output tokens", REPORT_NUMBER, 0 },
    { "estimated_cost", "Estimated cost", REPORT_MONEY, 0 },
    { "actual_cost", "Cost", REPORT_MONEY, 0 },
    { "saving", "Saved", REPORT_MONEY, 0 },
    { "currency", "Currency", REPORT_TEXT, 0 },
    { "created_at", "Created", REPORT_TEXT, 0 },
    { "submitted_at", "Submitted", REPORT_TEXT, 0 },
    { "last_checked_at", "Last look", REPORT_TEXT, 0 },
    { "next_check_at", "Next look", REPORT_TEXT, 0 },
    { "ended_at", "Ended", REPORT_TEXT, 0 },
    { "collected_at", "Collected", REPORT_TEXT, 0 },
    { "worker", "Worker", REPORT_TEXT, 0 },
    { "since_lease", NULL, REPORT_AGE, 0 },
    { "input_file_id", "Input file", REPORT_TEXT, 0 },
    { "output_file_id", "Output file", REPORT_TEXT, 0 },
    { "error_file_id", "Error file", REPORT_TEXT, 0 },
    { "error_code", "Error", REPORT_TEXT, 0 },
    { "error_message", "Message", REPORT_TEXT, 0 },
};

static const struct report_column event_columns[] = {
    { "at", "AT (UTC)", REPORT_TEXT, 23 },
    { "from", "FROM", REPORT_TEXT, 0 },
    { "to", "TO", REPORT_TEXT, 0 },
    { "worker", "WORKER", REPORT_TEXT, 30 },
    { "detail", "DETAIL", REPORT_TEXT, 60 },
};

static const struct report_column reason_columns[] = {
    { "state", "STATE", REPORT_TEXT, 0 },
    { "error_code", "REASON", REPORT_TEXT, 30 },
    { "records", "RECORDS", REPORT_NUMBER, 0 },
    { "example", "EXAMPLE", REPORT_TEXT, 36 },
    { "message", "MESSAGE", REPORT_TEXT, 60 },
};

static const struct report_column record_columns[] = {
    { "userid", "RECORD", REPORT_TEXT, 36 },
    { "custom_id", NULL, REPORT_TEXT, 0 },
    { "state", "STATE", REPORT_TEXT, 0 },
    { "attempt", "TRY", REPORT_NUMBER, 0 },
    { "error_code", "REASON", REPORT_TEXT, 24 },
    { "error_message", "MESSAGE", REPORT_TEXT, 50 },
    { "flags", "FLAGS", REPORT_TEXT, 40 },
    { "input_tokens", NULL, REPORT_NUMBER, 0 },
    { "output_tokens", NULL, REPORT_NUMBER, 0 },
};

/* What follows the batch itself. */
static const struct {
    struct report report;
    const char *name;
    const char *heading;
} parts[] = {
    { { "report_events", event_columns, ARRAY_LEN(event_columns) },
      "events",
      "What happened" },
    { { "report_reasons", reason_columns, ARRAY_LEN(reason_columns) },
      "reasons",
      "What did not end well" },
    { { "report_records", record_columns, ARRAY_LEN(record_columns) },
      "records",
      "Records" },
};

static const struct report batch_report = { "report_batch", batch_columns,
                                            ARRAY_LEN(batch_columns) };

static bool is_wanted(size_t part)
{
    return strcmp(parts[part].name, "records") != 0 || records || every;
}

static bool show_json(struct db *db, const struct db_value *values,
                      size_t count, struct strbuf *out, struct error *err)
{
    struct jsonw json;
    size_t i;
    bool ok;

    jsonw_init(&json, out);
    jsonw_object(&json, NULL);
    ok = report_json(db, &batch_report, values, count, &json, "batch", NULL,
                     err);
    for (i = 0; ok && i < ARRAY_LEN(parts); i++)
        if (is_wanted(i))
            ok = report_json(db, &parts[i].report, values, count, &json,
                             parts[i].name, NULL, err);
    jsonw_end_object(&json);
    strbuf_addc(out, '\n');
    return ok;
}

static bool show_part(struct db *db, size_t part, const struct db_value *values,
                      size_t count, struct strbuf *out, struct error *err)
{
    size_t before = out->len;
    int64_t rows = 0;

    strbuf_addf(out, "\n%s:\n", parts[part].heading);
    if (!report_table(db, &parts[part].report, values, count, out, &rows, err))
        return false;
    if (rows == 0)
        strbuf_cut(out, before);
    return true;
}

static bool show_text(struct db *db, const struct db_value *values,
                      size_t count, struct strbuf *out, struct error *err)
{
    size_t i;

    if (!report_fields(db, &batch_report, values, count, out, NULL, err))
        return false;
    for (i = 0; i < ARRAY_LEN(parts); i++)
        if (is_wanted(i) && !show_part(db, i, values, count, out, err))
            return false;
    return true;
}

static bool print(struct cli *cli, struct db *db, struct strbuf *out,
                  struct error *err)
{
    struct batch b;

    if (!report_find(db, cli->arguments[0], &b, err))
        return false;
    {
        const struct db_value values[] = {
            db_text("id", b.key),
            db_text("key", b.key),
            db_integer("every", every),
            db_integer("count", every ? INT32_MAX : RECORDS_MOST),
        };

        if (!(cli->json ? show_json(db, values, ARRAY_LEN(values), out, err)
                        : show_text(db, values, ARRAY_LEN(values), out, err)))
            return false;
    }
    return report_print(out, err);
}

static bool show(struct cli *cli, struct error *err)
{
    struct db *db = NULL;
    struct strbuf out;
    bool ok;

    if (request)
        return show_request(cli, cli->arguments[0], err);
    strbuf_init(&out, 256 * MIB);
    ok = work_tables(cli, &db, err) && print(cli, db, &out, err);
    strbuf_release(&out);
    db_close(db);
    return ok;
}

const struct cli_command cli_show = {
    .name = "show",
    .group = "Looking",
    .arguments = "BATCH|USERID",
    .least = 1,
    .most = 1,
    .summary = "show a batch: its state, its history, its failures",
    .text = "BATCH is vitae's key of a batch or the provider's id. Reasons "
            "are shown with their number and one example; --records lists "
            "the records themselves; resume text is not shown. With --request "
            "the request of one record is printed as a batch would hold it, "
            "resume and all: it is what --submit sends for it now.",
    .example = "vitae show batch_68a1\nvitae show batch_68a1 --records --json\n"
               "vitae show --request 4711",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = show,
};

#include "base/digest.h"
#include "cli/commands.h"
#include "cli/evidence.h"
#include "cli/report.h"
#include "cli/work.h"

#define LINE_MOST 72

static bool every;

static const struct cli_option options[] = {
    { .name = "all", .help = "columns without a value too", .value = &every },
    { .name = NULL },
};

static const struct report_column item_columns[] = {
    { "batch_key", NULL, REPORT_TEXT, 0 },
    { "batch_id", "BATCH", REPORT_TEXT, 38 },
    { "state", "STATE", REPORT_TEXT, 0 },
    { "attempt", "TRY", REPORT_NUMBER, 0 },
    { "error_code", "REASON", REPORT_TEXT, 24 },
    { "error_message", "MESSAGE", REPORT_TEXT, 50 },
    { "flags", "FLAGS", REPORT_TEXT, 40 },
    { "evidence", NULL, REPORT_TEXT, 0 },
    { "input_tokens", NULL, REPORT_NUMBER, 0 },
    { "output_tokens", NULL, REPORT_NUMBER, 0 },
    { "updated_at", "AT (UTC)", REPORT_TEXT, 19 },
    { "provider", "PROVIDER", REPORT_TEXT, 12 },
    { "host", "HOST", REPORT_TEXT, 24 },
    { "model", "MODEL", REPORT_TEXT, 30 },
    { "profile", "PROFILE", REPORT_TEXT, 16 },
    { "profile_hash", NULL, REPORT_TEXT, 0 },
    { "text_hash", NULL, REPORT_TEXT, 0 },
};

static const struct report items = { "explain_items", item_columns,
                                     ARRAY_LEN(item_columns) };

/* The record's newest item that was written, and its row. */
struct explain {
    struct work work;
    const char *userid; /* borrowed */
    char *evidence;     /* owned, or NULL */
    char *flags;        /* owned, or NULL */
    char hash[DIGEST_HEX];
    bool json;
    bool changed; /* the text is no longer what was read */
    struct strbuf out;
    struct strbuf line;
    struct jsonw writer;
};

/* Of item_columns. */
enum {
    ITEM_STATE_COLUMN = 2,
    ITEM_FLAGS = 6,
    ITEM_EVIDENCE = 7,
    ITEM_HASH = 16
};

/* *out is NULL where the column is. */
static bool copy(const struct db_rows *row, size_t column, char **out,
                 struct error *err)
{
    const char *text = db_rows_text(row, column, NULL);

    *out = text ? strdup(text) : NULL;
    return !text || *out || error_memory(err);
}

static bool keep_newest(void *context, const struct db_rows *row,
                        struct error *err)
{
    struct explain *e = context;
    const char *state = db_rows_text(row, ITEM_STATE_COLUMN, NULL);
    const char *hash = db_rows_text(row, ITEM_HASH, NULL);

    if (e->hash[0] || !state || strcmp(state, "done") != 0)
        return true;
    snprintf(e->hash, sizeof(e->hash), "%s", hash && *hash ? hash : "-");
    return copy(row, ITEM_FLAGS, &e->flags, err) &&
           copy(row, ITEM_EVIDENCE, &e->evidence, err);
}

/* ------------------------------------------------------- one value */

/* What can be said of where a value came from. */
static const char *remark(const struct explain *e, const char *column,
                          const struct evidence *found)
{
    if (e->changed && found->at >= 0)
        return "found in the text as it was then";
    if (found->at >= 0)
        return NULL;
    if (evidence_flag(e->flags, "ungrounded", column))
        return "not in the resume";
    if (evidence_flag(e->flags, "dropped", column))
        return "the model's value was dropped";
    if (evidence_flag(e->flags, "current", column))
        return "still held: no end date";
    return "not looked for in the resume";
}

static void tell(struct explain *e, const char *column, const char *value,
                 const struct evidence *found, size_t number)
{
    const char *why = remark(e, column, found);

    strbuf_addf(&e->out, "%s = %s\n", column, value ? value : "NULL");
    if (why)
        strbuf_addf(&e->out, "    %s\n", why);
    else
        strbuf_addf(&e->out, "    line %zu: %s\n", number, e->line.data);
    if (found->rules[0])
        strbuf_addf(&e->out, "    by the rule: %s\n", found->rules);
    if (evidence_flag(e->flags, "clipped", column))
        strbuf_adds(&e->out, "    cut at the column's width\n");
}

static void tell_json(struct explain *e, const char *column, const char *value,
                      const struct evidence *found, size_t number)
{
    bool shown = found->at >= 0 && !e->changed;

    jsonw_object(&e->writer, NULL);
    jsonw_text(&e->writer, "column", column);
    jsonw_text(&e->writer, "value", value);
    if (found->at >= 0) {
        jsonw_integer(&e->writer, "at", found->at);
        jsonw_integer(&e->writer, "length", found->len);
    }
    if (shown) {
        jsonw_integer(&e->writer, "line_number", (int64_t)number);
        jsonw_text(&e->writer, "line", e->line.data);
    }
    jsonw_text(&e->writer, "rules", found->rules[0] ? found->rules : NULL);
    jsonw_bool(&e->writer, "ungrounded",
               evidence_flag(e->flags, "ungrounded", column));
    jsonw_bool(&e->writer, "dropped",
               evidence_flag(e->flags, "dropped", column));
    jsonw_bool(&e->writer, "clipped",
               evidence_flag(e->flags, "clipped", column));
    jsonw_end_object(&e->writer);
}

static void explain_value(struct explain *e, const char *column,
                          const char *value, const char *text, size_t text_len)
{
    struct evidence found;
    size_t number = 0;

    if (!value && !every && !evidence_flag(e->flags, "dropped", column))
        return;
    evidence_read(e->evidence, column, &found);
    strbuf_clear(&e->line);
    if (found.at >= 0 && text)
        number = evidence_line(text, text_len, (size_t)found.at,
                               (size_t)found.len, LINE_MOST, &e->line);
    if (e->json)
        tell_json(e, column, value, &found, number);
    else
        tell(e, column, value, &found, number);
}

static bool explain_row(void *context, const struct db_rows *row,
                        struct error *err)
{
    struct explain *e = context;
    const struct worker *w = &e->work.worker;
    size_t text_len = 0;
    const char *text = db_rows_text(row, 0, &text_len);
    char hex[DIGEST_HEX];
    size_t at = 1;
    size_t i;

    (void)err;
    digest_of(text ? text : "", text_len, hex);
    e->changed = strncmp(hex, e->hash, 32) != 0;
    if (e->changed && !e->json)
        strbuf_adds(&e->out, "The text has changed since it was read.\n\n");
    for (i = 0; i < w->profile->column_count; i++)
        if (w->targets[i].present)
            explain_value(e, w->profile->columns[i].key,
                          db_rows_text(row, at++, NULL), text, text_len);
    return true;
}

/* ------------------------------------------------------------ the whole */

static bool values_part(struct explain *e, const struct db_value *values,
                        size_t count, struct error *err)
{
    int64_t rows = 0;
    bool ok;

    if (e->json)
        jsonw_array(&e->writer, "values");
    else
        strbuf_addc(&e->out, '\n');
    ok = db_each(e->work.worker.db, "explain_row", values, count, explain_row,
                 e, &rows, err);
    if (e->json)
        jsonw_end_array(&e->writer);
    if (ok && rows == 0)
        return cli_usage(err, "record %.100s is gone from the table",
                         e->userid);
    return ok;
}

static bool explain_all(struct explain *e, struct error *err)
{
    const struct db_value values[] = { db_text("userid", e->userid) };
    struct db *db = e->work.worker.db;
    int64_t rows = 0;

    if (!report_find_record(db, e->userid, err) ||
        !db_each(db, "explain_items", values, 1, keep_newest, e, NULL, err))
        return false;
    if (e->json) {
        jsonw_init(&e->writer, &e->out);
        jsonw_object(&e->writer, NULL);
        jsonw_text(&e->writer, "userid", e->userid);
        if (!report_json(db, &items, values, 1, &e->writer, "batches", &rows,
                         err))
            return false;
    } else if (!report_table(db, &items, values, 1, &e->out, &rows, err)) {
        return false;
    }
    if (rows == 0 && !e->json)
        strbuf_adds(&e->out, "vitae never had this record in hand.\n");
    if (e->hash[0] && !values_part(e, values, 1, err))
        return false;
    if (e->json) {
        jsonw_end_object(&e->writer);
        strbuf_addc(&e->out, '\n');
    }
    return report_print(&e->out, err);
}

static bool explain(struct cli *cli, struct error *err)
{
    struct explain e = { .userid = cli->arguments[0], .json = cli->json };
    bool ok;

    strbuf_init(&e.out, 64 * MIB);
    strbuf_init(&e.line, 4 * KIB);
    ok = work_open(&e.work, cli, err) && explain_all(&e, err);
    work_close(&e.work);
    strbuf_release(&e.out);
    strbuf_release(&e.line);
    free(e.evidence);
    free(e.flags);
    return ok;
}

const struct cli_command cli_explain = {
    .name = "explain",
    .group = "Looking",
    .arguments = "USERID",
    .least = 1,
    .most = 1,
    .summary = "show what each stored value of a record rests on",
    .text = "For every column: the value, the line of the resume it was found "
            "in, the rules that changed it; and the batches, models and "
            "profiles that made it. This prints personal data: to your "
            "terminal only, never to the log.",
    .example = "vitae explain 4711\nvitae explain 4711 --all --json",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = explain,
};

#include "cli/report.h"

#include "base/clock.h"
#include "base/progress.h"
#include "base/table.h"
#include "batch/store.h"
#include "cli/cli.h"

#define FIELD_COLUMN 18 /* where values begin in report_fields */

/* What one row is given to. */
struct visit {
    const struct report *report;
    struct table *table;
    struct strbuf *out;
    struct jsonw *json;
};

static void format_time(const char *prefix, double seconds, struct strbuf *out)
{
    char text[CLOCK_TEXT];

    clock_duration(seconds, text);
    strbuf_addf(out, "%s%s", prefix, text);
}

static void format(const struct report_column *column,
                   const struct db_rows *row, size_t i, struct strbuf *out)
{
    double seconds;

    strbuf_clear(out);
    if (db_rows_is_null(row, i))
        return;
    switch (column->kind) {
    case REPORT_TEXT: strbuf_adds(out, db_rows_text(row, i, NULL)); break;
    case REPORT_NUMBER: progress_number(db_rows_integer(row, i), out); break;
    case REPORT_MONEY: strbuf_addf(out, "%.4f", db_rows_real(row, i)); break;
    case REPORT_AGE: format_time("", db_rows_real(row, i), out); break;
    case REPORT_TO_GO:
        seconds = -db_rows_real(row, i);
        if (seconds <= 0)
            strbuf_adds(out, "now");
        else
            format_time("in ", seconds, out);
        break;
    }
}

static bool add_row(void *context, const struct db_rows *row, struct error *err)
{
    struct visit *visit = context;
    struct strbuf cell;
    size_t i;

    (void)err;
    strbuf_init(&cell, MIB);
    for (i = 0; i < visit->report->count; i++) {
        const struct report_column *column = &visit->report->columns[i];

        if (!column->title)
            continue;
        format(column, row, i, &cell);
        table_add(visit->table, cell.data);
    }
    strbuf_release(&cell);
    return true;
}

static bool add_fields(void *context, const struct db_rows *row,
                       struct error *err)
{
    struct visit *visit = context;
    struct strbuf value;
    size_t i;

    (void)err;
    strbuf_init(&value, MIB);
    for (i = 0; i < visit->report->count; i++) {
        const struct report_column *column = &visit->report->columns[i];

        format(column, row, i, &value);
        if (column->title && value.len > 0)
            strbuf_addf(visit->out, "%-*s%s\n", FIELD_COLUMN, column->title,
                        value.data);
    }
    strbuf_release(&value);
    return true;
}

static void add_member(struct jsonw *json, const struct report_column *column,
                       const struct db_rows *row, size_t i)
{
    size_t len = 0;
    const char *text;

    if (db_rows_is_null(row, i)) {
        jsonw_null(json, column->name);
    } else if (column->kind == REPORT_NUMBER) {
        jsonw_integer(json, column->name, db_rows_integer(row, i));
    } else if (column->kind == REPORT_TEXT) {
        text = db_rows_text(row, i, &len);
        jsonw_text_len(json, column->name, text, len);
    } else {
        jsonw_real(json, column->name, db_rows_real(row, i));
    }
}

static bool add_object(void *context, const struct db_rows *row,
                       struct error *err)
{
    struct visit *visit = context;
    size_t i;

    (void)err;
    jsonw_object(visit->json, NULL);
    for (i = 0; i < visit->report->count; i++)
        add_member(visit->json, &visit->report->columns[i], row, i);
    jsonw_end_object(visit->json);
    return true;
}

static bool run(struct db *db, struct visit *visit, db_row_function *each,
                const struct db_value *values, size_t count, int64_t *rows,
                struct error *err)
{
    int64_t n = 0;

    if (!db_each(db, visit->report->statement, values, count, each, visit, &n,
                 err))
        return false;
    if (rows)
        *rows = n;
    return true;
}

static size_t shown_columns(const struct report *report,
                            struct table_column *columns)
{
    size_t n = 0;
    size_t i;

    for (i = 0; i < report->count; i++) {
        if (!report->columns[i].title)
            continue;
        columns[n].title = report->columns[i].title;
        columns[n].limit = report->columns[i].limit;
        columns[n].align =
            report->columns[i].kind == REPORT_TEXT ? TABLE_LEFT : TABLE_RIGHT;
        n++;
    }
    return n;
}

bool report_table(struct db *db, const struct report *report,
                  const struct db_value *values, size_t count,
                  struct strbuf *out, int64_t *rows, struct error *err)
{
    struct table_column columns[REPORT_COLUMNS];
    struct table table;
    struct visit visit = { .report = report, .table = &table };
    int64_t n = 0;
    bool ok;

    table_init(&table, columns, shown_columns(report, columns));
    ok = run(db, &visit, add_row, values, count, &n, err);
    if (ok && n > 0 && !table_print(&table, out))
        ok = error_memory(err);
    if (rows)
        *rows = n;
    table_release(&table);
    return ok;
}

bool report_fields(struct db *db, const struct report *report,
                   const struct db_value *values, size_t count,
                   struct strbuf *out, int64_t *rows, struct error *err)
{
    struct visit visit = { .report = report, .out = out };

    return run(db, &visit, add_fields, values, count, rows, err);
}

bool report_json(struct db *db, const struct report *report,
                 const struct db_value *values, size_t count,
                 struct jsonw *json, const char *name, int64_t *rows,
                 struct error *err)
{
    struct visit visit = { .report = report, .json = json };
    bool ok;

    jsonw_array(json, name);
    ok = run(db, &visit, add_object, values, count, rows, err);
    jsonw_end_array(json);
    return ok;
}

bool report_find(struct db *db, const char *id, struct batch *b,
                 struct error *err)
{
    bool found = false;

    if (!store_find(db, id, b, &found, err))
        return false;
    if (!found)
        return cli_usage(err,
                         "no batch has the id %.200s; vitae list --all "
                         "shows them (a record: vitae explain %.200s)",
                         id, id);
    return true;
}

static bool pass_over(void *context, const struct db_rows *row,
                      struct error *err)
{
    (void)context, (void)row, (void)err;
    return true;
}

bool report_find_record(struct db *db, const char *id, struct error *err)
{
    const struct db_value values[] = { db_text("userid", id) };
    int64_t rows = 0;

    if (!db_each(db, "record_known", values, ARRAY_LEN(values), pass_over, NULL,
                 &rows, err)) {
        /* A key of whole numbers, asked for by a word. */
        if (err->kind != ERROR_REJECT)
            return false;
        rows = 0;
    }
    return rows > 0 || cli_usage(err, "no record has the id %.100s", id);
}

bool report_print(struct strbuf *out, struct error *err)
{
    if (!strbuf_ok(out))
        return error_memory(err);
    fwrite(out->data, 1, out->len, stdout);
    return true;
}

/*
 * record_csv.c -- rows of a CSV file as records.
 */
#include <ctype.h>

#include "base/text.h"
#include "io/record_private.h"

/* Takes a fault of the CSV itself for one of the record. */
static bool next_row(struct record_reader *r, bool *more, struct error *err)
{
    if (csv_next(&r->csv, more, err))
        return true;
    if (strcmp(err->code, "csv") == 0)
        error_code(err, "record");
    return false;
}

/* "years_experience" is shown as "Years experience". */
static char *shown_name(const char *name)
{
    char *copy = strdup(name);
    char *s;

    if (!copy)
        return NULL;
    for (s = copy; *s; s++)
        if (*s == '_')
            *s = ' ';
    copy[0] = (char)toupper((unsigned char)copy[0]);
    return copy;
}

static bool keep_names(struct record_reader *r, struct error *err)
{
    const struct csv_reader *csv = &r->csv;
    size_t i;

    r->names = calloc(csv->count + 1, sizeof(*r->names));
    if (!r->names)
        return error_memory(err);
    for (i = 0; i < csv->count; i++) {
        if (!record_text_fits(r, 1, NULL, csv->fields[i].text,
                              csv->fields[i].len, err))
            return false;
        r->names[i] = shown_name(csv->fields[i].text);
        if (!r->names[i])
            return error_memory(err);
        r->columns++;
    }
    return true;
}

static bool lacks(const struct record_reader *r, const char *column,
                  struct error *err)
{
    struct strbuf names;
    size_t i;

    for (i = 0; i < r->csv.count; i++)
        if (!record_text_fits(r, 1, NULL, r->csv.fields[i].text,
                              r->csv.fields[i].len, err))
            return false;
    strbuf_init(&names, 200);
    for (i = 0; i < r->csv.count; i++)
        strbuf_addf(&names, "%s%s", i ? ", " : "", r->csv.fields[i].text);
    utf8_trim_cut(names.data);
    for (i = 0; i < names.len; i++)
        if ((unsigned char)names.data[i] < ' ')
            names.data[i] = '?';
    error_set(err, ERROR_REJECT, "%s has no column %s; it has %s%s", r->path,
              column, names.data, names.failed ? ", ..." : "");
    strbuf_release(&names);
    return false;
}

static bool csv_records_open(struct record_reader *r, struct error *err)
{
    const char *id = r->settings.id_column;
    const char *text = r->settings.text_column;
    bool more = false;

    if (!id)
        id = "candidate_id";
    if (!csv_open(&r->csv, r->path, r->settings.ceiling, err) ||
        !csv_next(&r->csv, &more, err))
        return false;
    if (!more)
        return error_set(err, ERROR_REJECT, "%s is empty", r->path);
    r->id_at = csv_find(&r->csv, id);
    r->text_at = text ? csv_find(&r->csv, text) : -1;
    if (r->id_at < 0)
        return lacks(r, id, err);
    if (text && r->text_at < 0)
        return lacks(r, text, err);
    return keep_names(r, err);
}

static bool fields_fit(const struct record_reader *r, struct error *err)
{
    const struct csv_reader *csv = &r->csv;
    size_t i;

    if (csv->count != r->columns)
        return record_bad(r, csv->row, NULL, err,
                          "%zu fields where the header has %zu", csv->count,
                          r->columns);
    for (i = 0; i < csv->count; i++)
        if (!record_text_fits(r, csv->row, r->names[i], csv->fields[i].text,
                              csv->fields[i].len, err))
            return false;
    return true;
}

static void render(struct record_reader *r)
{
    const struct csv_field *f = r->csv.fields;
    size_t i;

    strbuf_clear(&r->text);
    for (i = 0; i < r->columns; i++) {
        if ((long)i == r->id_at || text_is_blank(f[i].text, f[i].len))
            continue;
        if (r->text.len)
            strbuf_adds(&r->text, ", ");
        strbuf_adds(&r->text, r->names[i]);
        strbuf_adds(&r->text, ": ");
        strbuf_add(&r->text, f[i].text, f[i].len);
    }
}

/* Without the blanks around it. */
static void keep_id(struct record_reader *r, struct record *record)
{
    const struct csv_field *f = &r->csv.fields[r->id_at];
    size_t from = 0, to = f->len;

    while (from < to && f->text[from] == ' ')
        from++;
    while (to > from && f->text[to - 1] == ' ')
        to--;
    strbuf_clear(&r->id);
    strbuf_add(&r->id, f->text + from, to - from);
    record->id = r->id.data;
}

static bool take_text(struct record_reader *r, struct record *record,
                      struct error *err)
{
    const struct csv_field *f;

    if (r->text_at >= 0) {
        f = &r->csv.fields[r->text_at];
        record->text = f->text;
        record->len = f->len;
    } else {
        render(r);
        record->text = r->text.data;
        record->len = r->text.len;
    }
    if (!strbuf_ok(&r->text))
        return record_bad(r, record->row, NULL, err, "it is too long");
    return !text_is_blank(record->text, record->len) ||
           record_bad(r, record->row,
                      r->text_at < 0 ? NULL : r->names[r->text_at], err,
                      "there is no text");
}

static bool csv_records_next(struct record_reader *r, struct record *record,
                             bool *more, struct error *err)
{
    if (!next_row(r, more, err))
        return false;
    if (!*more)
        return true;
    record->row = r->csv.row;
    if (!fields_fit(r, err))
        return false;
    keep_id(r, record);
    if (!strbuf_ok(&r->id))
        return record_bad(r, record->row, r->names[r->id_at], err,
                          "the id is too long");
    if (!record->id[0])
        return record_bad(r, record->row, r->names[r->id_at], err,
                          "there is no id");
    return take_text(r, record, err);
}

static void csv_records_close(struct record_reader *r)
{
    if (r->csv.fields)
        csv_close(&r->csv);
    while (r->columns)
        free(r->names[--r->columns]);
    free(r->names);
}

const struct record_ops record_csv = {
    .unit = "row",
    .open = csv_records_open,
    .next = csv_records_next,
    .close = csv_records_close,
};

/*
 * table_import.c -- whatever was uploaded, written again in one plain form.
 */
#include <stdarg.h>
#include <string.h>

#include "base/file.h"
#include "base/jsonr.h"
#include "base/text.h"
#include "io/items.h"
#include "server/table.h"

#define EXAMPLES 10
#define NAME_LONGEST 200
#define KEY_LONGEST (64 * KIB)

struct import {
    const char *from;
    struct file_writer out;
    int64_t most;
    const volatile bool *stop;
    struct table_news *news;
    struct jsonw examples;
    char *names[TABLE_COLUMNS]; /* owned */
    /* Owned; the member of each column, of JSON only: a name is tidied. */
    struct strbuf keys[TABLE_COLUMNS];
    size_t columns;
    struct strbuf cell, row;
    bool is_utf16;          /* what isn't UTF-8 was none of Windows' either */
    bool filled;            /* a cell of the row holds something */
    char first_reason[200]; /* why a row was left out */
};

static bool refuse(struct error *err, const char *format, ...)
    PRINTF_LIKE(2, 3);
static bool refuse(struct error *err, const char *format, ...)
{
    char text[300];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    error_set(err, ERROR_REJECT, "%s", text);
    error_code(err, "table");
    return false;
}

/* -- cells -- */

/* Excel's "CSV" outside of UTF-8, 0x80 to 0x9f. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
    0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
    0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
};

static void from_windows(const char *text, size_t len, struct strbuf *out)
{
    unsigned char c;
    char bytes[4];
    size_t i;

    for (i = 0; i < len; i++) {
        c = (unsigned char)text[i];
        strbuf_add(
            out, bytes,
            utf8_encode(c >= 0x80 && c < 0xa0 ? windows_1252[c - 0x80] : c,
                        bytes));
    }
}

/* Half pairs of UTF-16, as the reader gives them. */
static void from_halves(const char *text, size_t len, struct strbuf *out)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (text[i] == '\xff')
            strbuf_adds(out, "\xef\xbf\xbd");
        else
            strbuf_addc(out, text[i]);
}

/* Valid UTF-8 without what nobody sees, in m->cell. */
static void clean(struct import *m, const char *text, size_t len)
{
    struct text_repair ignored = { 0 };
    struct strbuf utf8;

    strbuf_clear(&m->cell);
    if (utf8_valid(text, len)) {
        text_repair(text, len, &m->cell, &ignored);
        return;
    }
    strbuf_init(&utf8, m->cell.ceiling);
    if (m->is_utf16)
        from_halves(text, len, &utf8);
    else
        from_windows(text, len, &utf8);
    text_repair(utf8.data, utf8.len, &m->cell, &ignored);
    strbuf_release(&utf8);
}

static void add_cell(struct import *m, const char *text, size_t len)
{
    clean(m, text, len);
    m->filled = m->filled || !text_is_blank(m->cell.data, m->cell.len);
    if (m->row.len || m->row.failed)
        strbuf_addc(&m->row, ',');
    else if (!m->cell.len)
        strbuf_adds(&m->row, "\"\"");
    csv_add(&m->row, m->cell.data, m->cell.len, false);
    m->row.failed = m->row.failed || m->cell.failed;
}

static void leave_out(struct import *m, const char *why)
{
    if (!m->news->left_out) {
        snprintf(m->first_reason, sizeof(m->first_reason), "%.199s", why);
        utf8_trim_cut(m->first_reason);
    }
    if (m->news->left_out++ < EXAMPLES)
        jsonw_text(&m->examples, NULL, why);
}

/* An empty row is none. */
static bool end_row(struct import *m, struct error *err)
{
    bool filled = m->filled;

    m->filled = false;
    if (!filled)
        return true;
    if (m->row.failed) {
        leave_out(m, "A row is too long.");
        return true;
    }
    if (flag_is_set(m->stop))
        return error_set(err, ERROR_RETRY, "the server is shutting down");
    if (m->news->rows >= m->most)
        return refuse(err,
                      "The table has more rows than this server takes: %lld.",
                      (long long)m->most);
    m->news->rows++;
    strbuf_addc(&m->row, '\n');
    return file_add(&m->out, m->row.data, m->row.len, err);
}

/* -- names -- */

static bool name_is_taken(const struct import *m, const char *name)
{
    size_t i;

    for (i = 0; i < m->columns; i++)
        if (ascii_equal_nocase(m->names[i], name))
            return true;
    return false;
}

/* Out of m->cell; "Column 3" without one, "Name (2)" for the second. */
static bool add_name(struct import *m, struct error *err)
{
    char name[NAME_LONGEST + 32], first[NAME_LONGEST + 1];
    size_t len = utf8_cut(m->cell.data, m->cell.len, NAME_LONGEST, TEXT_BYTES);
    unsigned n;
    char *s;

    if (m->columns == TABLE_COLUMNS)
        return refuse(err, "The table has more than %d columns.",
                      TABLE_COLUMNS);
    while (len && (m->cell.data[len - 1] == ' ' || m->cell.data[len - 1] < 14))
        len--;
    m->cell.data[len] = '\0';
    for (s = m->cell.data; *s; s++)
        if (*s == '\n' || *s == '\t')
            *s = ' ';
    if (text_is_blank(m->cell.data, len))
        snprintf(first, sizeof(first), "Column %zu", m->columns + 1);
    else
        snprintf(first, sizeof(first), "%s", m->cell.data);
    snprintf(name, sizeof(name), "%s", first);
    for (n = 2; name_is_taken(m, name) && n < 1000; n++)
        snprintf(name, sizeof(name), "%s (%u)", first, n);
    m->names[m->columns] = strdup(name);
    return m->names[m->columns++] || error_memory(err);
}

static bool write_header(struct import *m, struct error *err)
{
    size_t i;

    strbuf_clear(&m->row);
    for (i = 0; i < m->columns; i++) {
        if (i)
            strbuf_addc(&m->row, ',');
        csv_add(&m->row, m->names[i], strlen(m->names[i]), false);
    }
    strbuf_addc(&m->row, '\n');
    return file_add(&m->out, m->row.data, m->row.len, err);
}

/* -- CSV -- */

/* Nobody shall think that one row is missing where all the rest is. */
static bool csv_fault(const struct csv_reader *csv, struct error *err)
{
    if (csv->unclosed)
        return refuse(err,
                      "In row %llu a quote (\") is opened and never closed, so "
                      "that nothing behind it can be read. Close it, or take "
                      "it out, and drop the file again.",
                      (unsigned long long)csv->row);
    return false;
}

static bool csv_header(struct import *m, struct csv_reader *csv,
                       struct error *err)
{
    bool more;
    size_t i;

    if (!csv_next(csv, &more, err))
        return csv_fault(csv, err);
    if (!more)
        return refuse(err, "The file is empty.");
    for (i = 0; i < csv->count; i++) {
        clean(m, csv->fields[i].text, csv->fields[i].len);
        if (!add_name(m, err))
            return false;
    }
    return write_header(m, err);
}

/* Cells behind the last column that hold something: a quote or a separator
 * is missing, and guessing which would mix up people. */
static bool is_too_wide(const struct import *m, const struct csv_reader *csv)
{
    size_t i;

    for (i = m->columns; i < csv->count; i++)
        if (!text_is_blank(csv->fields[i].text, csv->fields[i].len))
            return true;
    return false;
}

static bool csv_row(struct import *m, const struct csv_reader *csv,
                    struct error *err)
{
    char why[120];
    size_t i;

    if (is_too_wide(m, csv)) {
        snprintf(why, sizeof(why),
                 "Row %llu has %zu cells where the header has %zu.",
                 (unsigned long long)csv->row, csv->count, m->columns);
        leave_out(m, why);
        return true;
    }
    strbuf_clear(&m->row);
    for (i = 0; i < m->columns; i++)
        add_cell(m, i < csv->count ? csv->fields[i].text : "",
                 i < csv->count ? csv->fields[i].len : 0);
    return end_row(m, err);
}

static bool import_csv(struct import *m, struct error *err)
{
    struct csv_reader csv;
    bool more = true, ok;

    ok = csv_open(&csv, m->from, TABLE_ROW, err);
    csv.name = "the table";
    m->is_utf16 = csv_is_utf16(&csv);
    ok = ok && csv_header(m, &csv, err);
    while (ok && more) {
        if (csv_next(&csv, &more, err)) {
            ok = !more || csv_row(m, &csv, err);
        } else if (!strcmp(err->code, "csv") && !csv.unclosed) {
            leave_out(m, err->message);
        } else {
            ok = csv_fault(&csv, err);
        }
    }
    csv_close(&csv);
    return ok;
}

/* -- JSON -- */

/* Elements of an array, or lines. */
struct elements {
    bool array;
    struct items items;
    struct file_lines lines;
    uint64_t number;
};

static bool elements_open(struct elements *e, const char *path, bool array,
                          struct error *err)
{
    bool ok;

    *e = (struct elements){ .array = array };
    e->lines.fd = e->items.fd = -1;
    if (!array)
        return file_lines_open(&e->lines, path, TABLE_ROW, err);
    ok = items_open(&e->items, path, TABLE_ROW, err);
    e->items.name = "the table";
    return ok;
}

static void elements_close(struct elements *e)
{
    if (e->array)
        items_close(&e->items);
    else
        file_lines_close(&e->lines);
}

/* *text NULL at the end; "" for one that is too long. */
static bool elements_next(struct elements *e, const char **text, size_t *len,
                          struct error *err)
{
    bool too_long;
    char *line;

    e->number++;
    if (e->array)
        return items_next(&e->items, text, len, err);
    if (!file_lines_next(&e->lines, &line, len, &too_long, err))
        return false;
    *text = too_long ? "" : line;
    if (too_long)
        *len = 0;
    return true;
}

/* Lines of OpenAI's Batch API: no table, but they can be run as they are. */
static bool is_request(const struct json_node *object)
{
    return json_is(json_member(object, "custom_id"), JSON_STRING) &&
           json_is(json_member(object, "body"), JSON_OBJECT);
}

static bool refuse_request(struct error *err)
{
    error_set(err, ERROR_REJECT,
              "This is no table: its lines are requests already.");
    error_code(err, "requests");
    return false;
}

typedef bool take_object(struct import *m, const struct json_node *object,
                         struct error *err);

static bool key_is_known(const struct import *m, const struct strbuf *key)
{
    size_t i;

    for (i = 0; i < m->columns; i++)
        if (m->keys[i].len == key->len &&
            !memcmp(m->keys[i].data, key->data, key->len))
            return true;
    return false;
}

/* Takes key. */
static bool add_key(struct import *m, struct strbuf *key, struct error *err)
{
    size_t at = m->columns;
    bool ok;

    clean(m, key->data, key->len);
    ok = add_name(m, err);
    if (ok)
        m->keys[at] = *key;
    else
        strbuf_release(key);
    return ok;
}

static bool take_name(struct import *m, const struct json_node *name,
                      struct error *err)
{
    struct strbuf key;
    bool ok;

    strbuf_init(&key, KEY_LONGEST);
    ok = json_string(name, &key);
    if (ok && !key_is_known(m, &key))
        return add_key(m, &key, err);
    strbuf_release(&key);
    return ok || refuse(err, "A column's name is too long.");
}

static bool take_names(struct import *m, const struct json_node *object,
                       struct error *err)
{
    const struct json_node *value;

    if (is_request(object))
        return refuse_request(err);
    for (value = json_first(object); value; value = json_next(value))
        if (!take_name(m, json_name(value), err))
            return false;
    return true;
}

static void add_value(struct import *m, const struct json_node *value)
{
    struct strbuf text;

    if (!value || json_is(value, JSON_NULL)) {
        add_cell(m, "", 0);
    } else if (!json_is(value, JSON_STRING)) {
        add_cell(m, value->text, value->len);
    } else {
        strbuf_init(&text, TABLE_ROW);
        m->row.failed = !json_string(value, &text) || m->row.failed;
        add_cell(m, text.data, text.len);
        strbuf_release(&text);
    }
}

static bool take_row(struct import *m, const struct json_node *object,
                     struct error *err)
{
    size_t i;

    strbuf_clear(&m->row);
    for (i = 0; i < m->columns; i++)
        add_value(m, json_member_of(object, m->keys[i].data, m->keys[i].len));
    return end_row(m, err);
}

static void leave_out_element(struct import *m, const struct elements *e)
{
    char why[100];

    snprintf(why, sizeof(why), "%s %llu is no object with a value a column.",
             e->array ? "Element" : "Line", (unsigned long long)e->number);
    leave_out(m, why);
}

static bool each_object(struct import *m, bool array, struct json_doc *doc,
                        take_object *take, struct error *err)
{
    const struct json_node *root;
    struct elements e;
    struct error ignored;
    const char *text;
    size_t len;
    bool ok = elements_open(&e, m->from, array, err);

    while (ok) {
        ok = elements_next(&e, &text, &len, err);
        if (!ok || !text)
            break;
        if (!array && text_is_blank(text, len) && len)
            continue;
        root = json_read(doc, text, len, &json_limits_default, &ignored);
        if (json_is(root, JSON_OBJECT))
            ok = take(m, root, err);
        else if (take == take_row)
            leave_out_element(m, &e);
    }
    elements_close(&e);
    return ok;
}

static bool import_json(struct import *m, bool array, struct error *err)
{
    struct json_doc *doc = json_doc_new();
    bool ok =
        doc ? each_object(m, array, doc, take_names, err) : error_memory(err);

    if (ok && !m->columns)
        ok = refuse(err, "There is no row in the file.");
    ok =
        ok && write_header(m, err) && each_object(m, array, doc, take_row, err);
    json_doc_free(doc);
    return ok;
}

/* -- what it is -- */

static const struct {
    const char *begins, *told;
} foreign[] = {
    { "PK\003\004", "This is an Excel or other office file. In Excel choose "
                    "File, Save as, \"CSV UTF-8\", and drop that file." },
    { "\320\317\021\340", "This is an old Excel file. In Excel choose File, "
                          "Save as, \"CSV UTF-8\", and drop that file." },
    { "%PDF", "This is a PDF. What is needed is a table: a CSV file with one "
              "person a row." },
    { "\037\213", "This file is compressed. Unpack it, and drop the CSV." },
    { "{\\rtf", "This is a text document. What is needed is a table: a CSV "
                "file." },
};

static bool refuse_empty(const struct import *m, struct error *err)
{
    if (*m->first_reason)
        return refuse(err, "No row could be read. The first reason: %s",
                      m->first_reason);
    return refuse(err, "There is no row below the header.");
}

static bool import(struct import *m, struct error *err)
{
    char begin[512];
    size_t len, i, at = 0;
    FILE *file = fopen(m->from, "re");

    len = file ? fread(begin, 1, sizeof(begin) - 1, file) : 0;
    if (file)
        fclose(file);
    begin[len] = '\0';
    for (i = 0; i < ARRAY_LEN(foreign); i++)
        if (!strncmp(begin, foreign[i].begins, strlen(foreign[i].begins)))
            return refuse(err, "%s", foreign[i].told);
    if (memchr(begin, '\0', len) && strncmp(begin, "\377\376", 2) != 0 &&
        strncmp(begin, "\376\377", 2) != 0)
        return refuse(err, "This is no text. What is needed is a table: a CSV "
                           "file, as Excel saves it with \"CSV UTF-8\".");
    if (!strncmp(begin, "\357\273\277", 3))
        at = 3;
    at += strspn(begin + at, " \t\r\n");
    if (begin[at] == '{' || begin[at] == '[')
        return import_json(m, begin[at] == '[', err);
    return import_csv(m, err);
}

bool table_import(const char *from, const char *to, int64_t most,
                  const volatile bool *stop, struct table_news *news,
                  struct error *err)
{
    struct import m = {
        .from = from, .out.fd = -1, .most = most, .stop = stop, .news = news
    };
    bool ok;
    size_t i;

    *news = (struct table_news){ 0 };
    strbuf_init(&news->examples, 64 * KIB);
    strbuf_init(&m.cell, 3 * TABLE_ROW);
    strbuf_init(&m.row, 3 * TABLE_ROW);
    jsonw_init(&m.examples, &news->examples);
    jsonw_array(&m.examples, NULL);
    ok = file_create(&m.out, to, err) && import(&m, err);
    if (ok && !news->rows)
        ok = refuse_empty(&m, err);
    ok = ok && file_commit(&m.out, err);
    file_abandon(&m.out);
    jsonw_end_array(&m.examples);
    for (i = 0; i < m.columns; i++) {
        free(m.names[i]);
        strbuf_release(&m.keys[i]);
    }
    strbuf_release(&m.cell);
    strbuf_release(&m.row);
    return ok;
}

void table_news_release(struct table_news *news)
{
    strbuf_release(&news->examples);
}

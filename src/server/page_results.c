/*
 * page_results.c -- a job's table with what the model said beside it.
 */
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "server/page_answers.h"

#define ROW_MOST (128 * MIB)
#define SHOWN 20

/* -- the new table -- */

struct results {
    struct exchange *x;
    struct page_job job;
    struct page_reader reader;
    struct answer_index index;
    struct csv_reader csv;
    struct table_texts names;
    struct file_lines files[2]; /* output, errors */
    struct strbuf cell, row;
    struct file_writer out;
    bool started;       /* the row has a cell */
    struct jsonw *json; /* NULL = a row of CSV is written */
    uint64_t asked;     /* the last row that was to be asked */
};

static void add(struct results *r, const char *text, size_t len)
{
    if (r->json) {
        jsonw_text_len(r->json, NULL, text, len);
        return;
    }
    if (r->started)
        strbuf_addc(&r->row, ',');
    r->started = true;
    csv_add(&r->row, text, len, true);
}

/* One of ours: no spreadsheet takes -1 for a formula. */
static void add_number(struct results *r, const char *text, size_t len)
{
    if (r->json) {
        jsonw_text_len(r->json, NULL, text, len);
        return;
    }
    strbuf_addc(&r->row, ',');
    strbuf_add(&r->row, text, len);
}

static bool is_her_name(const struct results *r, const char *name)
{
    size_t i;

    for (i = 0; i < r->names.count; i++)
        if (!strcasecmp(r->names.names[i], name))
            return true;
    return false;
}

/* A column of ours has " (2)" where the table has one of that name. */
static void add_name(struct results *r, const char *name)
{
    char text[300];

    snprintf(text, sizeof(text), "%s%s", name,
             is_her_name(r, name) ? " (2)" : "");
    add(r, text, strlen(text));
}

static bool write_row(struct results *r, struct error *err)
{
    strbuf_adds(&r->row, "\r\n");
    if (!strbuf_ok(&r->row))
        return error_set(err, ERROR_REJECT, "A row is too long.");
    return file_add(&r->out, r->row.data, r->row.len, err);
}

static void add_names(struct results *r)
{
    const struct profile *p = r->reader.profile;
    size_t i;

    for (i = 0; i < p->column_count; i++)
        add_name(r, p->columns[i].name);
    add_name(r, "Status");
    add_name(r, "Reason");
    add_name(r, "Notes");
}

static bool write_header(struct results *r, struct error *err)
{
    size_t i;

    strbuf_adds(&r->row, "\357\273\277"); /* so that Excel sees UTF-8 */
    for (i = 0; i < r->names.count; i++)
        add(r, r->names.names[i], strlen(r->names.names[i]));
    add_names(r);
    return write_row(r, err);
}

/* The answer line of a row; NULL when there is none. */
static bool find_line(struct results *r, uint64_t row, char **line, size_t *len,
                      struct error *err)
{
    uint64_t at = row < r->index.size ? r->index.at[row] : PAGE_NO_ANSWER;
    struct file_lines *file =
        &r->files[at != PAGE_NO_ANSWER && (at & PAGE_IN_ERRORS)];
    bool too_long;

    *line = NULL;
    if (at == PAGE_NO_ANSWER)
        return true;
    if (file_lines_seek(file, at & ~PAGE_IN_ERRORS, err) &&
        file_lines_next(file, line, len, &too_long, err))
        return true;
    return false;
}

static void add_values(struct results *r, bool there)
{
    const struct profile *p = r->reader.profile;
    const struct value *v;
    size_t i;

    for (i = 0; i < p->column_count; i++) {
        v = there ? values_at(r->reader.values, i) : NULL;
        if (v && v->state == VALUE_NUMBER)
            add_number(r, v->text, v->len);
        else if (v && v->state == VALUE_TEXT)
            add(r, v->text, v->len);
        else
            add(r, "", 0);
    }
}

static void add_end(struct results *r, const char *status, const char *reason,
                    bool flags)
{
    struct strbuf notes;

    strbuf_init(&notes, 64 * KIB);
    if (flags)
        values_flags(r->reader.values, &notes);
    add(r, status, strlen(status));
    add(r, reason, strlen(reason));
    add(r, notes.data, notes.len);
    strbuf_release(&notes);
}

static void add_unasked(struct results *r, uint64_t row)
{
    table_text(&r->names, r->job.text, &r->csv, &r->cell);
    add_values(r, false);
    if (!r->cell.len)
        add_end(r, "left out", "The row has no text.", false);
    else if (row > r->asked)
        add_end(r, "not asked", "Only the first rows were tried.", false);
    else if (served_is_final(r->job.status))
        add_end(r, "not asked", "The job ended before this row.", false);
    else
        add_end(r, "waiting", "", false);
}

static bool add_answer(struct results *r, uint64_t row, struct error *err)
{
    enum page_outcome outcome;
    const char *why;
    uint64_t named;
    char *line;
    size_t len;

    if (!find_line(r, row, &line, &len, err))
        return false;
    if (!line) {
        add_unasked(r, row);
        return true;
    }
    table_text(&r->names, r->job.text, &r->csv, &r->cell);
    if (!page_read_answer(&r->reader, line, len, r->cell.data, r->cell.len,
                          &outcome, &named, &why, err))
        return false;
    add_values(r, outcome == PAGE_DONE);
    add_end(r, outcome == PAGE_DONE ? "done" : "failed", why,
            outcome == PAGE_DONE);
    return true;
}

static bool write_rows(struct results *r, struct error *err)
{
    const volatile bool *stop = page_stop(api_of(r->x)->page);
    uint64_t row = 0;
    bool more = true;
    size_t i;

    for (;;) {
        if (flag_is_set(stop))
            return error_set(err, ERROR_RETRY, "the server is shutting down");
        if (!csv_next(&r->csv, &more, err))
            return false;
        if (!more)
            return true;
        strbuf_clear(&r->row);
        r->started = false;
        for (i = 0; i < r->names.count && i < r->csv.count; i++)
            add(r, r->csv.fields[i].text, r->csv.fields[i].len);
        if (!add_answer(r, ++row, err) || !write_row(r, err))
            return false;
    }
}

/* -- some rows, for the page -- */

static void add_id(struct results *r, uint64_t row)
{
    size_t at = (size_t)r->job.id;
    char number[32];

    if (r->job.id >= 0 && at < r->csv.count) {
        add(r, r->csv.fields[at].text, r->csv.fields[at].len);
        return;
    }
    snprintf(number, sizeof(number), "%llu", (unsigned long long)row);
    add(r, number, strlen(number));
}

static bool is_answered(const struct results *r, uint64_t row)
{
    return row < r->index.size && r->index.at[row] != PAGE_NO_ANSWER;
}

/* The first that have an answer. */
static bool show_rows(struct results *r, struct error *err)
{
    uint64_t row = 0;
    bool more = true;
    int shown = 0;

    while (shown < SHOWN && row + 1 < r->index.size) {
        if (!csv_next(&r->csv, &more, err))
            return false;
        if (!more)
            break;
        if (!is_answered(r, ++row))
            continue;
        shown++;
        jsonw_array(r->json, NULL);
        add_id(r, row);
        if (!add_answer(r, row, err))
            return false;
        jsonw_end_array(r->json);
    }
    return true;
}

static bool show(struct results *r, struct error *err)
{
    size_t id = (size_t)r->job.id;
    bool ok;

    jsonw_object(r->json, NULL);
    jsonw_array(r->json, "columns");
    jsonw_text(r->json, NULL,
               r->job.id >= 0 && id < r->names.count ? r->names.names[id]
                                                     : "Row");
    add_names(r);
    jsonw_end_array(r->json);
    jsonw_array(r->json, "rows");
    ok = show_rows(r, err);
    jsonw_end_array(r->json);
    jsonw_end_object(r->json);
    return ok;
}

/* -- replying -- */

/* The last row that was asked: rows behind it are no failures. */
static bool find_last(struct results *r, struct error *err)
{
    int64_t left = r->job.limit;
    bool more = true;
    uint64_t row = 0;

    r->asked = UINT64_MAX;
    if (!left)
        return true;
    while (left && more) {
        if (!csv_next(&r->csv, &more, err))
            return false;
        if (!more)
            break;
        row++;
        table_text(&r->names, r->job.text, &r->csv, &r->cell);
        left -= r->cell.len > 0;
    }
    r->asked = row;
    return true;
}

static bool open_parts(struct results *r, const char *table, struct error *err)
{
    struct page *p = api_of(r->x)->page;
    struct state *st = page_state(p);
    struct clock *clock = state_clock(st);
    const char *ids[2] = { r->job.output, r->job.errors };
    uint64_t most = (uint64_t)page_settings(p)->max_requests;
    char path[STATE_PATH];
    size_t i;

    for (i = 0; i < 2; i++) {
        state_path(st, ids[i], path);
        if (!page_index(&r->index, path, i ? PAGE_IN_ERRORS : 0, most, err) ||
            (file_size(path) > 0 &&
             !file_lines_open(&r->files[i], path, PAGE_LINE, err)))
            return false;
    }
    if (!page_reader_open(&r->reader, r->job.profile, clock->now(clock), err) ||
        !table_open(&r->csv, table, err) ||
        !table_names(&r->names, &r->csv, err) || !find_last(r, err))
        return false;
    if (r->job.limit) {
        csv_close(&r->csv);
        return table_open(&r->csv, table, err);
    }
    return true;
}

static void close_parts(struct results *r)
{
    page_reader_close(&r->reader);
    csv_close(&r->csv);
    table_names_free(&r->names);
    file_lines_close(&r->files[0]);
    file_lines_close(&r->files[1]);
    strbuf_release(&r->cell);
    strbuf_release(&r->row);
    file_abandon(&r->out);
    free(r->index.at);
    free(r);
}

/* Letters, digits, and what no system and no header minds. */
static void safe_name(const char *from, char *out, size_t size)
{
    size_t n = 0, len = strlen(from);

    if (len > 4 && from[len - 4] == '.')
        len -= 4;
    for (; len && n + 1 < size; from++, len--)
        out[n++] = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789-_",
                          *from)
                       ? *from
                       : '_';
    out[n] = '\0';
}

/* The file is sent from a name that is gone already. */
static void send_results(struct results *r, const char *path)
{
    char name[100], text[160];
    struct stat st;
    struct error ignored;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (!file_remove(path, &ignored))
        log_warn("results_left", "path=%s reason=%s", path, ignored.message);
    if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0)
            close(fd);
        api_error(r->x, 500, "server_error", NULL, "The file can't be read.");
        return;
    }
    exchange_reply_file(r->x, 200, "text/csv; charset=utf-8", fd, 0,
                        (uint64_t)st.st_size);
    safe_name(r->job.name, name, sizeof(name));
    snprintf(text, sizeof(text), "attachment; filename=\"%s_results.csv\"",
             name);
    exchange_add_header(r->x, "Content-Disposition", text);
}

/* NULL = it has replied. */
static struct results *open_results(struct exchange *x)
{
    struct results *r = calloc(1, sizeof(*r));
    char table[STATE_PATH];
    struct error err;

    if (!r) {
        api_error(x, 503, "no_memory", NULL, "There is no memory.");
        return NULL;
    }
    r->x = x;
    r->out.fd = r->files[0].fd = r->files[1].fd = r->csv.fd = -1;
    strbuf_init(&r->cell, PAGE_LINE);
    strbuf_init(&r->row, ROW_MOST);
    answer_init(&r->reader.answer);
    if (page_find_job(x, &r->job) &&
        page_find_table(x, r->job.table, table, NULL)) {
        if (open_parts(r, table, &err))
            return r;
        api_failure(x, &err);
    }
    close_parts(r);
    return NULL;
}

static bool write_results(struct results *r, char *path, struct error *err)
{
    struct state *st = page_state(api_of(r->x)->page);
    char id[STATE_ID];

    if (!state_new_id(st, "file-", id, err))
        return false;
    state_path(st, id, path);
    return file_create(&r->out, path, err) && write_header(r, err) &&
           write_rows(r, err) && file_commit(&r->out, err);
}

static void results(struct exchange *x)
{
    struct results *r = open_results(x);
    char path[STATE_PATH];
    struct error err;

    if (!r)
        return;
    if (write_results(r, path, &err))
        send_results(r, path);
    else
        api_failure(x, &err);
    close_parts(r);
}

void page_results(struct exchange *x)
{
    page_later(x, results);
}

static void rows(struct exchange *x)
{
    struct results *r = open_results(x);
    struct strbuf out;
    struct jsonw w;
    struct error err;

    if (!r)
        return;
    strbuf_init(&out, ROW_MOST);
    jsonw_init(&w, &out);
    r->json = &w;
    if (show(r, &err))
        api_reply(x, &out);
    else
        api_failure(x, &err);
    strbuf_release(&out);
    close_parts(r);
}

void page_rows(struct exchange *x)
{
    page_later(x, rows);
}

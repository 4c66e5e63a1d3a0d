/*
 * page_jobs.c -- a job's table with what the model said beside it.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "server/page_answers.h"

#define LINE_MOST (64 * MIB)
#define ROW_MOST (128 * MIB)

/* -- a job -- */

static void read_text_columns(struct page_job *job, const char *list)
{
    char *end;
    unsigned long at;

    while (list && *list) {
        at = strtoul(list, &end, 10);
        if (end == list)
            break;
        if (at < TABLE_COLUMNS)
            job->text[at] = true;
        list = *end == ',' ? end + 1 : end;
    }
}

/* A member of at most size - 1 bytes. */
static void member(struct json_object *o, const char *name, char *out,
                   size_t size)
{
    const char *text = json_get_text(o, name);

    snprintf(out, size, "%s", text ? text : "");
}

static bool read_job(struct page_job *job, const char *metadata)
{
    struct error ignored;
    struct json_object *o =
        metadata ? json_parse(metadata, strlen(metadata), &ignored) : NULL;
    char number[32];

    if (!json_get_text(o, "page_table")) {
        json_free(o);
        return false;
    }
    member(o, "page_table", job->table, sizeof(job->table));
    member(o, "page_name", job->name, sizeof(job->name));
    member(o, "page_profile", job->profile, sizeof(job->profile));
    member(o, "page_id", number, sizeof(number));
    job->id = *number ? strtol(number, NULL, 10) : -1;
    member(o, "page_limit", number, sizeof(number));
    job->limit = strtoll(number, NULL, 10);
    read_text_columns(job, json_get_text(o, "page_text"));
    json_free(o);
    return true;
}

bool page_find_job(struct exchange *x, struct page_job *job)
{
    struct state *st = page_state(api_of(x)->page);
    const struct served_batch *b;
    char *metadata = NULL;
    bool found;

    *job = (struct page_job){ .id = -1 };
    state_lock(st);
    b = state_batch(st, api_owner(x), exchange_param(x));
    if (b) {
        snprintf(job->batch, sizeof(job->batch), "%s", b->id);
        snprintf(job->input, sizeof(job->input), "%s", b->input);
        snprintf(job->output, sizeof(job->output), "%s", b->output);
        snprintf(job->errors, sizeof(job->errors), "%s", b->errors);
        job->status = b->status;
        job->requests = b->total;
        metadata = b->metadata ? strdup(b->metadata) : NULL;
    }
    state_unlock(st);
    found = b && read_job(job, metadata);
    free(metadata);
    if (!b)
        api_not_found(x, "Batch");
    else if (!found)
        api_error(x, 404, "not_found", NULL,
                  "This job was not started from the page: its results are "
                  "in its output file.");
    return found;
}

/* -- where the answers are -- */

#define IN_ERRORS ((uint64_t)1 << 63)
#define NONE UINT64_MAX

struct answer_index {
    uint64_t *at; /* owned: offset by row, IN_ERRORS; NONE = no answer */
    size_t size;
};

static bool index_put(struct answer_index *index, uint64_t row, uint64_t at,
                      uint64_t most, struct error *err)
{
    size_t size = index->size;
    uint64_t *more;

    if (!row || row > most)
        return true;
    while (size <= row)
        size = size ? 2 * size : 1024;
    if (size > index->size) {
        more = realloc(index->at, size * sizeof(*more));
        if (!more)
            return error_memory(err);
        memset(more + index->size, 0xff, (size - index->size) * sizeof(*more));
        index->at = more;
        index->size = size;
    }
    index->at[row] = at;
    return true;
}

/* Without reading the answer: our lines begin {"id":...,"custom_id":"row-7". */
static uint64_t row_of_line(struct json_doc *doc, const char *line, size_t len)
{
    static const char name[] = "\"custom_id\":\"";
    const char *at =
        len > 200 ? memmem(line, 200, name, sizeof(name) - 1) : NULL;
    const struct json_node *node;
    struct error ignored;
    char id[32];
    size_t n;

    if (at) {
        at += sizeof(name) - 1;
        n = strcspn(at, "\"");
        if (n >= sizeof(id))
            return 0;
        memcpy(id, at, n);
        id[n] = '\0';
        return page_row(id);
    }
    node = json_member(
        json_read(doc, line, len, &json_limits_default, &ignored), "custom_id");
    if (!json_is(node, JSON_STRING) || node->len >= sizeof(id))
        return 0;
    memcpy(id, node->text, node->len);
    id[node->len] = '\0';
    return page_row(id);
}

static bool index_file(struct answer_index *index, const char *path,
                       uint64_t mark, uint64_t most, struct error *err)
{
    struct file_lines lines = { .fd = -1 };
    struct json_doc *doc;
    bool ok, too_long;
    char *line;
    size_t len;

    if (file_size(path) <= 0)
        return true;
    doc = json_doc_new();
    if (!doc)
        return error_memory(err);
    ok = file_lines_open(&lines, path, LINE_MOST, err);
    while (ok) {
        ok = file_lines_next(&lines, &line, &len, &too_long, err);
        if (!ok || (!line && !too_long) || lines.last_unended)
            break;
        if (line)
            ok = index_put(index, row_of_line(doc, line, len),
                           lines.offset | mark, most, err);
    }
    file_lines_close(&lines);
    json_doc_free(doc);
    return ok;
}

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
    uint64_t asked; /* the last row that was to be asked */
};

static void add(struct results *r, const char *text, size_t len)
{
    strbuf_addc(&r->row, ',');
    csv_add(&r->row, text, len, true);
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

static bool write_header(struct results *r, struct error *err)
{
    const struct profile *p = r->reader.profile;
    size_t i;

    strbuf_adds(&r->row, "\357\273\277"); /* so that Excel sees UTF-8 */
    for (i = 0; i < r->names.count; i++) {
        if (i)
            strbuf_addc(&r->row, ',');
        csv_add(&r->row, r->names.names[i], strlen(r->names.names[i]), true);
    }
    for (i = 0; i < p->column_count; i++)
        add_name(r, p->columns[i].name);
    add_name(r, "Status");
    add_name(r, "Reason");
    add_name(r, "Notes");
    return write_row(r, err);
}

/* The answer line of a row; NULL when there is none. */
static bool find_line(struct results *r, uint64_t row, char **line, size_t *len,
                      struct error *err)
{
    uint64_t at = row < r->index.size ? r->index.at[row] : NONE;
    struct file_lines *file = &r->files[at != NONE && (at & IN_ERRORS)];
    bool too_long;

    *line = NULL;
    if (at == NONE)
        return true;
    if (file_lines_seek(file, at & ~IN_ERRORS, err) &&
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
        if (v && v->state == VALUE_NUMBER) {
            strbuf_addc(&r->row, ',');
            strbuf_add(&r->row, v->text, v->len);
        } else if (v && v->state == VALUE_TEXT) {
            add(r, v->text, v->len);
        } else {
            strbuf_addc(&r->row, ',');
        }
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
        for (i = 0; i < r->names.count && i < r->csv.count; i++) {
            if (i)
                strbuf_addc(&r->row, ',');
            csv_add(&r->row, r->csv.fields[i].text, r->csv.fields[i].len, true);
        }
        if (!add_answer(r, ++row, err) || !write_row(r, err))
            return false;
    }
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
        if (!index_file(&r->index, path, i ? IN_ERRORS : 0, most, err) ||
            (file_size(path) > 0 &&
             !file_lines_open(&r->files[i], path, LINE_MOST, err)))
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

static void results(struct exchange *x)
{
    struct results *r = calloc(1, sizeof(*r));
    struct state *st = page_state(api_of(x)->page);
    char table[STATE_PATH], path[STATE_PATH], id[STATE_ID];
    struct error err;

    if (!r) {
        api_error(x, 503, "no_memory", NULL, "There is no memory.");
        return;
    }
    r->x = x;
    r->out.fd = r->files[0].fd = r->files[1].fd = r->csv.fd = -1;
    strbuf_init(&r->cell, LINE_MOST);
    strbuf_init(&r->row, ROW_MOST);
    answer_init(&r->reader.answer);
    if (page_find_job(x, &r->job) &&
        page_find_table(x, r->job.table, table, NULL)) {
        bool ok =
            open_parts(r, table, &err) && state_new_id(st, "file-", id, &err);

        if (ok) {
            state_path(st, id, path);
            ok = file_create(&r->out, path, &err) && write_header(r, &err) &&
                 write_rows(r, &err) && file_commit(&r->out, &err);
        }
        if (ok)
            send_results(r, path);
        else
            api_failure(x, &err);
    }
    close_parts(r);
    free(r);
}

void page_results(struct exchange *x)
{
    page_later(x, results);
}

/*
 * page_jobs.c -- a job of the page, and where its answers are.
 */
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "server/page_answers.h"

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
        snprintf(job->output, sizeof(job->output), "%s", b->output);
        snprintf(job->errors, sizeof(job->errors), "%s", b->errors);
        job->status = b->status;
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

bool page_index(struct answer_index *index, const char *path, uint64_t mark,
                uint64_t most, struct error *err)
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
    ok = file_lines_open(&lines, path, PAGE_LINE, err);
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

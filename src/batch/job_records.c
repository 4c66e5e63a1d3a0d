/*
 * job_records.c -- what a job got: answers to table, table to files.
 */
#include "batch/job.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "batch/spool.h"
#include "batch/worker.h"

#define CHUNK 1000
#define LINE_CEILING (64 * MIB)

/* -- answers -- */

struct taking {
    struct worker *w;
    const struct batch *b;
    struct provider *provider;
    struct json_doc *doc; /* owned */
    struct answer answer;
    struct file_lines lines;
    int file;
    bool more;
};

/* The runner ends its lines with the time a request took. */
static double duration_of(const char *line, size_t len)
{
    static const char mark[] = ",\"duration\":";
    const char *at = line + (len > 40 ? len - 40 : 0);
    const char *found = strstr(at, mark);

    return found ? strtod(found + sizeof(mark) - 1, NULL) : -1;
}

static bool save_answer(struct taking *t, const char *line, size_t len,
                        struct error *err)
{
    const struct answer *a = &t->answer;
    double duration = duration_of(line, len);
    const struct db_value values[] = {
        a->content.len
            ? db_text_len("response", a->content.data, a->content.len)
            : db_null("response"),
        duration >= 0 ? db_real("duration", duration) : db_null("duration"),
        db_text("batch", t->b->key),
        db_integer("file", t->file),
        db_integer("at", (int64_t)t->lines.offset),
        db_integer("bytes", (int64_t)(t->lines.next - t->lines.offset)),
        db_text("custom_id", a->custom_id),
    };

    return db_run(t->w->db, "job_answer", values, ARRAY_LEN(values), NULL, err);
}

/* Some thousand lines in a transaction of their own; a repeat begins where
 * this one did. */
static bool take_lines(struct db *db, void *context, struct error *err)
{
    struct taking *t = context;
    bool too_long = false;
    char *line = NULL;
    size_t len = 0;
    int i;

    (void)db;
    for (i = 0; i < CHUNK; i++) {
        if (!file_lines_next(&t->lines, &line, &len, &too_long, err))
            return false;
        t->more = line || too_long;
        if (!t->more)
            return true;
        if (!line || !len)
            continue;
        if (!t->provider->ops->decode(t->provider, t->doc, line, len,
                                      &t->answer, err))
            return false;
        if (t->answer.custom_id[0] && !save_answer(t, line, len, err))
            return false;
    }
    return true;
}

static bool take_file(struct taking *t, enum spool_file which,
                      struct error *err)
{
    char path[SPOOL_PATH];
    uint64_t begin = 0;
    bool ok = true;

    if (!spool_path(t->w->spool, t->b->key, which, path, err))
        return false;
    if (!file_exists(path))
        return true;
    if (!file_lines_open(&t->lines, path, LINE_CEILING, err))
        return false;
    t->file = which == SPOOL_OUTPUT ? 1 : 2;
    t->more = true;
    while (ok && t->more) {
        ok = file_lines_seek(&t->lines, begin, err) &&
             db_transaction(t->w->db, "answers", take_lines, t, NULL, err) &&
             worker_beat(t->w, err);
        begin = t->lines.next;
    }
    file_lines_close(&t->lines);
    return ok;
}

bool job_take_answers(struct worker *w, const struct batch *b,
                      struct error *err)
{
    struct taking t = { .w = w, .b = b };
    bool ok;

    answer_init(&t.answer);
    t.doc = json_doc_new();
    ok = t.doc ? worker_provider_of(w, b, &t.provider, err) &&
                     take_file(&t, SPOOL_OUTPUT, err) &&
                     take_file(&t, SPOOL_ERRORS, err)
               : error_memory(err);
    answer_release(&t.answer);
    json_doc_free(t.doc);
    return ok ? ok : error_context(err, "reading the answers of %s", b->key);
}

static bool take_counts(void *context, const struct db_rows *row,
                        struct error *err)
{
    struct job *job = context;

    (void)err;
    job->total = db_rows_integer(row, 0);
    job->completed = db_rows_integer(row, 1);
    job->failed = db_rows_integer(row, 2);
    return true;
}

bool job_count(struct db *db, struct job *job, struct error *err)
{
    return db_run(db, "job_outcome", NULL, 0, NULL, err) &&
           db_each(db, "job_count", NULL, 0, take_counts, job, NULL, err);
}

/* -- out -- */

struct writing {
    const char *spool;
    struct file_writer file;
    char key[BATCH_KEY]; /* of the file that is open */
    int which, fd;
    char *line; /* owned */
    size_t size;
};

static bool open_answers(struct writing *w, const char *key, int which,
                         struct error *err)
{
    char path[SPOOL_PATH];

    if (w->fd >= 0 && w->which == which && strcmp(w->key, key) == 0)
        return true;
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    if (!spool_path(w->spool, key, which == 1 ? SPOOL_OUTPUT : SPOOL_ERRORS,
                    path, err))
        return false;
    w->fd = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(w->key, sizeof(w->key), "%s", key);
    w->which = which;
    return w->fd >= 0 ||
           error_set(err, ERROR_REJECT, "the answers in %s are gone", path);
}

static bool copy_line(void *context, const struct db_rows *row,
                      struct error *err)
{
    struct writing *w = context;
    const char *key = db_rows_text(row, 0, NULL);
    size_t len = (size_t)db_rows_integer(row, 3);

    if (!key || len > LINE_CEILING + 2 ||
        !open_answers(w, key, (int)db_rows_integer(row, 1), err))
        return key && len <= LINE_CEILING + 2
                   ? false
                   : error_set(err, ERROR_REJECT, "job.db is damaged");
    if (len + 1 > w->size) {
        char *bigger = realloc(w->line, len + 1);

        if (!bigger)
            return error_memory(err);
        w->line = bigger;
        w->size = len + 1;
    }
    if (pread(w->fd, w->line, len, (off_t)db_rows_integer(row, 2)) !=
        (ssize_t)len)
        return error_set(err, ERROR_REJECT, "the answers of batch %s are cut",
                         key);
    if (len && w->line[len - 1] != '\n')
        w->line[len++] = '\n';
    return file_add(&w->file, w->line, len, err);
}

bool job_write_answers(struct worker *worker, const char *path, bool ordered,
                       struct error *err)
{
    struct writing w = { .spool = worker->spool, .file = FILE_WRITER_CLOSED };
    bool ok;

    w.fd = -1;
    ok = file_create(&w.file, path, err) &&
         db_each(worker->db, ordered ? "job_lines_ordered" : "job_lines", NULL,
                 0, copy_line, &w, NULL, err) &&
         file_commit(&w.file, err);
    file_abandon(&w.file);
    if (w.fd >= 0)
        close(w.fd);
    free(w.line);
    return ok ? ok : error_context(err, "writing %s", path);
}

struct visiting {
    job_result_function *each;
    void *context;
};

static int64_t count_at(const struct db_rows *row, size_t i)
{
    return db_rows_is_null(row, i) ? -1 : db_rows_integer(row, i);
}

static bool visit(void *context, const struct db_rows *row, struct error *err)
{
    struct visiting *v = context;
    struct job_result r = {
        .index = db_rows_integer(row, 0),
        .id = db_rows_text(row, 1, NULL),
        .custom_id = db_rows_text(row, 2, NULL),
        .prompt = db_rows_text(row, 3, NULL),
        .response = db_rows_text(row, 4, NULL),
        .tokens_in = count_at(row, 5),
        .tokens_out = count_at(row, 6),
        .duration = db_rows_is_null(row, 7) ? -1 : db_rows_real(row, 7),
        .success = (int)count_at(row, 8),
        .error = db_rows_text(row, 9, NULL),
    };

    return v->each(v->context, &r, err);
}

bool job_results(struct db *db, job_result_function *each, void *context,
                 struct error *err)
{
    struct visiting v = { each, context };

    return db_each(db, "job_results", NULL, 0, visit, &v, NULL, err);
}

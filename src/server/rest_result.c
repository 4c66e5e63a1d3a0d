/*
 * rest_result.c -- how far a job is and what came of it, out of the job.db
 * that its `vitae run` keeps.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/jsonr.h"
#include "base/jsonw.h"
#include "batch/job.h"
#include "server/rest_private.h"

/* *db = NULL: there is none yet. */
static bool open_job(struct rest *r, const struct rest_job *job, struct db **db,
                     struct error *err)
{
    struct state *st = rest_state(r);
    char path[STATE_PATH];

    *db = NULL;
    rest_path(st, job->id, "out/job.db", path);
    if (!file_exists(path))
        return true;
    rest_path(st, job->id, "out", path);
    return job_open(db, rest_database(r), path, false, state_clock(st), NULL,
                    err);
}

/* The last line that the process said. */
static void last_words(struct rest *r, const struct rest_job *job, char *out,
                       size_t size)
{
    char path[STATE_PATH];
    struct strbuf text;
    struct error ignored;
    const char *line;

    rest_path(rest_state(r), job->id, "output.txt", path);
    strbuf_init(&text, MIB);
    if (file_read(path, &text, &ignored)) {
        while (text.len && text.data[text.len - 1] == '\n')
            strbuf_cut(&text, text.len - 1);
        line = text.len ? strrchr(text.data, '\n') : NULL;
        snprintf(out, size, "%s", line ? line + 1 : text.data);
        utf8_trim_cut(out);
    }
    strbuf_release(&text);
}

bool rest_progress(struct rest *r, const struct rest_job *job,
                   struct rest_progress *out, struct error *err)
{
    struct db *db;
    struct job state;
    bool ok = true;

    memset(out, 0, sizeof(*out));
    if (!open_job(r, job, &db, err))
        return false;
    if (db) {
        ok = job_load(db, &state, err);
        out->total = ok ? state.total : 0;
        out->completed = ok ? state.completed : 0;
        out->failed = ok ? state.failed : 0;
        db_close(db);
        /* Its process may just be making it. */
        ok = ok || job->state < REST_SUCCEEDED;
    }
    if (job->state == REST_FAILED)
        last_words(r, job, out->message, sizeof(out->message));
    return ok;
}

struct results {
    struct jsonw *w;      /* borrowed */
    struct json_doc *doc; /* owned */
    int64_t count;
};

/* An answer that is JSON stands in the reply as it is. */
static void write_answer(struct results *out, const char *text)
{
    struct error ignored;
    size_t len = text ? strlen(text) : 0;

    if (text && json_read(out->doc, text, len, &json_limits_default, &ignored))
        jsonw_raw(out->w, "result", text, len);
    else
        jsonw_text(out->w, "result", text);
}

static bool write_result(void *context, const struct job_result *result,
                         struct error *err)
{
    struct results *out = context;

    jsonw_object(out->w, NULL);
    jsonw_text(out->w, "id",
               result->id && *result->id ? result->id : result->custom_id);
    jsonw_bool(out->w, "success", result->success == 1);
    write_answer(out, result->response);
    jsonw_text(out->w, "error", result->error);
    jsonw_end_object(out->w);
    out->count++;
    (void)err;
    return true;
}

bool rest_results(struct rest *r, const struct rest_job *job, struct jsonw *w,
                  int64_t *count, struct error *err)
{
    struct results out = { .w = w };
    struct db *db;
    bool ok;

    *count = 0;
    if (!open_job(r, job, &db, err))
        return false;
    if (!db)
        return true;
    out.doc = json_doc_new();
    ok = out.doc ? job_results(db, write_result, &out, err) : error_memory(err);
    json_doc_free(out.doc);
    db_close(db);
    *count = out.count;
    return ok;
}

#include "io/export.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/jsonw.h"
#include "io/csv.h"
#include "io/output.h"
#include "io/score.h"

#define ROW_CEILING (128 * MIB)

const char export_score_header[] =
    "candidate_id,score,status,error_message,prompt_tokens,completion_tokens,"
    "total_tokens\n";

struct exporter {
    struct export_settings settings;
    struct file_writer file; /* closed: standard output */
    struct strbuf out;       /* what is written next */
    struct json_doc *doc;    /* owned: for scores */
    int64_t total, completed;
};

/* To standard output; a closed pipe (code "pipe") is nobody's fault. */
static bool cannot_write(struct error *err)
{
    bool closed = errno == EPIPE;

    error_set(err, ERROR_SETUP, "cannot write the results: %s",
              strerror(errno));
    if (closed)
        error_code(err, "pipe");
    return false;
}

static bool hand_out(struct exporter *e, struct error *err)
{
    bool ok = true;

    if (!strbuf_ok(&e->out))
        return error_set(err, ERROR_REJECT,
                         "a result is too large to be "
                         "written");
    if (e->settings.path)
        ok = file_add(&e->file, e->out.data, e->out.len, err);
    else if (fwrite(e->out.data, 1, e->out.len, stdout) != e->out.len)
        ok = cannot_write(err);
    strbuf_clear(&e->out);
    return ok;
}

static void begin_json(struct exporter *e, const struct export_job *job)
{
    struct jsonw w;

    strbuf_adds(&e->out, "{\"job\":");
    jsonw_init(&w, &e->out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "job_id", job->id);
    jsonw_text(&w, "model_id", job->model);
    jsonw_integer(&w, "total_prompts", job->total);
    jsonw_integer(&w, "completed", job->completed);
    jsonw_integer(&w, "failed", job->failed);
    jsonw_text(&w, "status", job->status);
    jsonw_end_object(&w);
    strbuf_adds(&e->out, ",\n\"results\":[");
}

bool export_open(struct exporter **out, const struct export_settings *settings,
                 const struct export_job *job, struct error *err)
{
    static const char csv[] =
        "index,prompt,response,success,tokens_in,tokens_out,duration,error\n";
    struct exporter *e;

    *out = NULL;
    if (settings->path &&
        !output_is_free(settings->path, settings->replace, err))
        return false;
    e = calloc(1, sizeof(*e));
    if (!e)
        return error_memory(err);
    e->settings = *settings;
    e->file = (struct file_writer)FILE_WRITER_CLOSED;
    strbuf_init(&e->out, ROW_CEILING);
    e->doc = json_doc_new();
    if (settings->format == EXPORT_JSON)
        begin_json(e, job);
    else if (settings->format != EXPORT_JSONL)
        strbuf_adds(&e->out,
                    settings->format == EXPORT_CSV ? csv : export_score_header);
    if (e->doc ? !settings->path || file_create(&e->file, settings->path, err)
               : error_memory(err)) {
        *out = e;
        return true;
    }
    export_close(e);
    return false;
}

void export_close(struct exporter *e)
{
    if (!e)
        return;
    file_abandon(&e->file);
    json_doc_free(e->doc);
    strbuf_release(&e->out);
    free(e);
}

/* -- a result -- */

static void count_json(struct jsonw *w, const char *name, int64_t n)
{
    if (n < 0)
        jsonw_null(w, name);
    else
        jsonw_integer(w, name, n);
}

static void text_json(struct jsonw *w, const char *name, const char *text,
                      size_t len)
{
    if (text)
        jsonw_text_len(w, name, text, len);
    else
        jsonw_null(w, name);
}

static const char *or_null(const char *s)
{
    return s && *s ? s : NULL;
}

static void add_json(struct exporter *e, const struct export_result *r)
{
    struct jsonw w;

    jsonw_init(&w, &e->out);
    jsonw_object(&w, NULL);
    jsonw_integer(&w, "prompt_index", r->index);
    jsonw_text(&w, "id", or_null(r->id));
    text_json(&w, "prompt", r->prompt, r->prompt_len);
    text_json(&w, "response_text", r->response, r->response_len);
    count_json(&w, "tokens_input", r->tokens_in);
    count_json(&w, "tokens_output", r->tokens_out);
    if (r->duration < 0)
        jsonw_null(&w, "duration");
    else
        jsonw_real(&w, "duration", r->duration);
    jsonw_bool(&w, "success", r->success);
    jsonw_text(&w, "error_message", or_null(r->error));
    jsonw_end_object(&w);
}

static void cell(struct exporter *e, const char *text, size_t len)
{
    csv_add(&e->out, text ? text : "", text ? len : 0, e->settings.excel_safe);
    strbuf_addc(&e->out, ',');
}

static void count_cell(struct strbuf *out, int64_t n)
{
    if (n >= 0)
        strbuf_add_int(out, n);
    strbuf_addc(out, ',');
}

static void add_csv(struct exporter *e, const struct export_result *r)
{
    count_cell(&e->out, r->index);
    cell(e, r->prompt, r->prompt_len);
    cell(e, r->response, r->response_len);
    strbuf_adds(&e->out, r->success ? "true," : "false,");
    count_cell(&e->out, r->tokens_in);
    count_cell(&e->out, r->tokens_out);
    if (r->duration >= 0)
        strbuf_addf(&e->out, "%.3f", r->duration);
    strbuf_addc(&e->out, ',');
    if (r->error)
        csv_add(&e->out, r->error, strlen(r->error), e->settings.excel_safe);
    strbuf_addc(&e->out, '\n');
}

static void add_score_value(struct strbuf *out, double value)
{
    if (value > -1e15 && value < 1e15 && value == (double)(int64_t)value)
        strbuf_add_int(out, (int64_t)value);
    else
        strbuf_addf(out, "%.10g", value);
}

void export_score_row(struct strbuf *out, const char *id,
                      const struct score *score, const char *status,
                      const char *error, int64_t tokens_in, int64_t tokens_out,
                      bool excel_safe)
{
    if (strncmp(id, "candidate-", 10) == 0)
        id += 10;
    csv_add(out, id, strlen(id), excel_safe);
    strbuf_addc(out, ',');
    if (score && score->found)
        add_score_value(out, score->value);
    strbuf_addc(out, ',');
    strbuf_adds(out, status);
    strbuf_addc(out, ',');
    if (error)
        csv_add(out, error, strlen(error), excel_safe);
    strbuf_addc(out, ',');
    count_cell(out, tokens_in);
    count_cell(out, tokens_out);
    if (tokens_in >= 0 && tokens_out >= 0)
        strbuf_add_int(out, tokens_in + tokens_out);
    strbuf_addc(out, '\n');
}

static void add_score(struct exporter *e, const struct export_result *r)
{
    struct score score = { .found = false };
    bool good = r->success;

    if (good && r->response)
        score_read(e->doc, r->response, r->response_len, &score);
    export_score_row(&e->out, r->id ? r->id : "", &score,
                     good ? "success" : "error", r->error,
                     good ? r->tokens_in : -1, good ? r->tokens_out : -1,
                     e->settings.excel_safe);
}

bool export_add(struct exporter *e, const struct export_result *r,
                struct error *err)
{
    if (e->settings.format == EXPORT_JSON)
        strbuf_adds(&e->out, e->total ? ",\n" : "\n");
    e->total++;
    e->completed += r->success;
    if (e->settings.format == EXPORT_CSV)
        add_csv(e, r);
    else if (e->settings.format == EXPORT_SCORES)
        add_score(e, r);
    else
        add_json(e, r);
    if (e->settings.format == EXPORT_JSONL)
        strbuf_addc(&e->out, '\n');
    return hand_out(e, err);
}

static void end_json(struct exporter *e)
{
    double rate = e->total ? (double)e->completed / (double)e->total : 0;
    struct jsonw w;

    strbuf_adds(&e->out, "\n],\n\"summary\":");
    jsonw_init(&w, &e->out);
    jsonw_object(&w, NULL);
    jsonw_integer(&w, "total", e->total);
    jsonw_integer(&w, "completed", e->completed);
    jsonw_integer(&w, "failed", e->total - e->completed);
    jsonw_real(&w, "success_rate", rate);
    jsonw_end_object(&w);
    strbuf_adds(&e->out, "}\n");
}

bool export_finish(struct exporter *e, struct error *err)
{
    if (e->settings.format == EXPORT_JSON)
        end_json(e);
    if (!hand_out(e, err))
        return false;
    if (e->settings.path)
        return file_commit(&e->file, err);
    return fflush(stdout) == 0 || cannot_write(err);
}

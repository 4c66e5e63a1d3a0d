/*
 * run_export.c -- what a job leaves: files beside its input, and a summary.
 */
#include <stdlib.h>

#include "base/jsonw.h"
#include "base/text.h"
#include "batch/price.h"
#include "cli/run.h"
#include "io/analyze.h"
#include "io/export.h"

struct exporting {
    struct exporter *report, *table; /* owned */
};

void run_result(const struct job_result *r, struct export_result *out)
{
    *out = (struct export_result){
        .index = r->index - 1,
        .id = r->id && r->id[0] ? r->id : r->custom_id,
        .prompt = r->prompt,
        .prompt_len = r->prompt ? strlen(r->prompt) : 0,
        .response = r->response,
        .response_len = r->response ? strlen(r->response) : 0,
        .tokens_in = r->tokens_in,
        .tokens_out = r->tokens_out,
        .duration = r->duration,
        .success = r->success == 1,
        .error = r->error,
    };
}

static bool add(void *context, const struct job_result *r, struct error *err)
{
    struct exporting *x = context;
    struct export_result out;

    run_result(r, &out);
    return export_add(x->report, &out, err) && export_add(x->table, &out, err);
}

static bool write_both(struct run *run, struct exporting *x, struct error *err)
{
    const struct job *j = &run->job;
    const struct export_job job = {
        .id = j->id,
        .model = j->model[0] ? j->model : NULL,
        .status = job_status_names[j->status],
        .total = j->total,
        .completed = j->completed,
        .failed = j->failed,
    };
    const struct export_settings report = {
        .path = run->paths.report,
        .format = EXPORT_JSON,
        .replace = true,
    };
    const struct export_settings table = {
        .path = run->paths.scores,
        .format = run->answers ? EXPORT_CSV : EXPORT_SCORES,
        .replace = true,
    };

    return export_open(&x->report, &report, &job, err) &&
           export_open(&x->table, &table, &job, err) &&
           job_results(run->worker.db, add, x, err) &&
           export_finish(x->report, err) && export_finish(x->table, err);
}

bool run_export(struct run *run, struct error *err)
{
    struct exporting x = { 0 };
    bool ok = write_both(run, &x, err);

    export_close(x.report);
    export_close(x.table);
    if (!ok)
        return false;
    run_say(run, "%s", run->paths.results);
    run_say(run, "%s", run->paths.scores);
    run_say(run, "%s", run->paths.report);
    return true;
}

static bool tell_cause(void *context, const struct db_rows *row,
                       struct error *err)
{
    struct run *run = context;
    const char *cause = db_rows_text(row, 0, NULL);
    const char *id = db_rows_text(row, 2, NULL);

    (void)err;
    run_say(run, "%lld failed: %.200s (for example %.100s)",
            (long long)db_rows_integer(row, 1),
            cause ? cause : "for no reason told", id ? id : "");
    return true;
}

bool run_analyze(struct run *run, struct error *err)
{
    struct analyze_settings settings = {
        .path = run->paths.results,
        .profile = run->worker.profile,
        .today = run->cli->clock->now(run->cli->clock),
        .stop = &cli_stop,
    };
    struct analysis *a = malloc(sizeof(*a));
    struct strbuf text;
    bool ok;

    if (!a)
        return error_memory(err);
    run_say(run, "%lld records, %lld answered, %lld failed",
            (long long)run->job.total, (long long)run->job.completed,
            (long long)run->job.failed);
    strbuf_init(&text, 4 * MIB);
    ok = analyze_file(&settings, a, err);
    if (ok && !run->cli->json && a->total) {
        analysis_text(a, &text);
        printf("%s\n", text.data);
    }
    strbuf_release(&text);
    free(a);
    return ok && db_each(run->worker.db, "job_causes", NULL, 0, tell_cause, run,
                         NULL, err);
}

static void print_json(const struct run *run, double rate, double throughput)
{
    const struct job *j = &run->job;
    struct strbuf text;
    struct jsonw w;

    strbuf_init(&text, 64 * KIB);
    jsonw_init(&w, &text);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "job_id", j->id);
    jsonw_text(&w, "name", j->name);
    jsonw_text(&w, "status", job_status_names[j->status]);
    jsonw_integer(&w, "total", j->total);
    jsonw_integer(&w, "completed", j->completed);
    jsonw_integer(&w, "failed", j->failed);
    jsonw_integer(&w, "left_out", j->left_out);
    jsonw_real(&w, "success_rate", rate / 100);
    jsonw_real(&w, "seconds", j->seconds);
    jsonw_real(&w, "throughput", throughput);
    if (run->cost > 0) {
        jsonw_real(&w, "cost", run->cost);
        jsonw_text(&w, "currency", prices_currency(run->worker.prices));
    }
    jsonw_end_object(&w);
    puts(text.data);
    strbuf_release(&text);
}

void run_summary(const struct run *run)
{
    const struct job *j = &run->job;
    double ended = (double)(j->completed + j->failed);
    double rate = ended > 0 ? 100.0 * (double)j->completed / ended : 0;
    double throughput = j->seconds > 0 ? ended / j->seconds : 0;
    char took[CLOCK_TEXT];

    if (run->cli->json) {
        print_json(run, rate, throughput);
        return;
    }
    if (j->seconds < 60)
        snprintf(took, sizeof(took), "%.1f s", j->seconds);
    else
        clock_duration(j->seconds, took);
    printf("job         %s (%s)\n", j->name, j->id);
    printf("status      %s\n", job_status_names[j->status]);
    printf("completed   %lld\n", (long long)j->completed);
    printf("failed      %lld\n", (long long)j->failed);
    if (j->left_out)
        printf("left out    %lld\n", (long long)j->left_out);
    printf("success     %.1f %%\n", rate);
    printf("total time  %s\n", took);
    printf("throughput  %.2f/s\n", throughput);
    if (run->cost > 0)
        printf("cost        %.4f %s\n", run->cost,
               prices_currency(run->worker.prices));
}

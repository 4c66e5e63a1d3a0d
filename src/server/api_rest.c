#include "server/api_rest.h"

#include <string.h>

#include "base/clock.h"
#include "server/api.h"
#include "server/page_web.h"
#include "server/rest.h"
#include "server/rest_input.h"

#define BODY_MOST (64 * MIB)
#define PAGE_USUAL 20
#define PAGE_MOST 100

static struct rest *rest_of(struct exchange *x)
{
    return api_of(x)->rest;
}

static void no_job(struct exchange *x, const char *id)
{
    api_error(x, 404, "job_not_found", "job_id",
              "There is no job %.60s; GET /batch/jobs lists them.", id);
}

/* -- submitting -- */

static void write_submitted(struct exchange *x, const struct rest_job *job,
                            const char *status, const char *message)
{
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "job_id", job->id);
    jsonw_text(&w, "batch_name", job->name);
    jsonw_integer(&w, "url_count", job->count);
    jsonw_text(&w, "status", status);
    jsonw_text(&w, "message", message);
    jsonw_end_object(&w);
    api_reply(x, &out);
}

/* After the end, or when the server stops before it. */
static void tell_end(struct exchange *x, const struct rest_job *job)
{
    static const char *const words[REST_STATES][2] = {
        [REST_PENDING] = { "SUBMITTED", "The job goes on later; ask for its "
                                        "status." },
        [REST_RUNNING] = { "SUBMITTED", "The job goes on; ask for its "
                                        "status." },
        [REST_SUCCEEDED] = { "SUCCEEDED", "The job has ended." },
        [REST_FAILED] = { "FAILED", "The job has failed; its status tells "
                                    "why." },
    };

    write_submitted(x, job, words[job->state][0], words[job->state][1]);
}

static void submit(struct exchange *x, enum rest_kind kind)
{
    const struct strbuf *body = exchange_body(x);
    struct rest_input in;
    struct rest_job job;
    struct strbuf input;
    struct error err;

    strbuf_init(&input, BODY_MOST);
    if (!rest_input_read(body->data, body->len, kind, &in, &input, &err)) {
        if (err.kind == ERROR_REJECT)
            api_error(x, 400, "invalid_request", *in.param ? in.param : NULL,
                      "%s", err.message);
        else
            api_failure(x, &err);
    } else if (!rest_submit(rest_of(x), api_owner(x), in.name, kind, &input,
                            in.count, &job, &err)) {
        api_failure(x, &err);
    } else if (!in.wait || !rest_wait(rest_of(x), job.id, x, tell_end)) {
        write_submitted(x, &job, "SUBMITTED",
                        "The job is taken; ask for its status.");
    }
    strbuf_release(&input);
}

static void submit_urls(struct exchange *x)
{
    submit(x, REST_URLS);
}

static void submit_contents(struct exchange *x)
{
    submit(x, REST_CONTENTS);
}

/* -- looking -- */

static void write_progress(const struct rest_job *job,
                           const struct rest_progress *p, struct jsonw *w)
{
    int64_t total = p->total > 0 ? p->total : job->count;
    int64_t ended = p->completed + p->failed;

    jsonw_integer(w, "completed_count", p->completed);
    jsonw_integer(w, "failed_count", p->failed);
    jsonw_integer(w, "total_count", total);
    jsonw_real(w, "progress_percent",
               total > 0 ? (double)(ended * 1000 / total) / 10.0 : 0);
}

static void write_time(struct jsonw *w, const char *name, double at)
{
    char text[CLOCK_TEXT];

    clock_text(at, text);
    jsonw_text(w, name, at > 0 ? text : NULL);
}

static void status(struct exchange *x)
{
    struct rest_progress progress = { 0 };
    struct rest_job job;
    struct strbuf out;
    struct error err;
    struct jsonw w;

    if (!rest_find(rest_of(x), api_owner(x), exchange_param(x), &job)) {
        no_job(x, exchange_param(x));
        return;
    }
    if (!rest_progress(rest_of(x), &job, &progress, &err)) {
        api_failure(x, &err);
        return;
    }
    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "job_id", job.id);
    jsonw_text(&w, "batch_name", job.name);
    jsonw_text(&w, "state", rest_state_names[job.state]);
    write_progress(&job, &progress, &w);
    write_time(&w, "submitted_at", job.submitted_at);
    write_time(&w, "ended_at", job.ended_at);
    jsonw_text(&w, "message", *progress.message ? progress.message : NULL);
    jsonw_end_object(&w);
    api_reply(x, &out);
}

/* ID/NAME: the name is behind the last slash. */
static bool find_named(struct exchange *x, struct rest_job *job)
{
    const char *path = exchange_param(x), *slash = strrchr(path, '/');
    char id[STATE_ID + REST_NAME];

    snprintf(id, sizeof(id), "%.*s", slash ? (int)(slash - path) : 0, path);
    if (!slash || !rest_find(rest_of(x), api_owner(x), id, job)) {
        no_job(x, slash ? id : path);
    } else if (strcmp(slash + 1, job->name) != 0) {
        api_error(x, 404, "batch_name_not_found", "batch_name",
                  "The job's batch is called %s.", job->name);
    } else if (job->state < REST_SUCCEEDED) {
        api_error(x, 409, "job_not_finished", NULL,
                  "The job is not finished (%s): ask for its status first.",
                  rest_state_names[job->state]);
    } else {
        return true;
    }
    return false;
}

static void results(struct exchange *x)
{
    struct rest_job job;
    struct strbuf out;
    struct error err;
    struct jsonw w;
    int64_t count = 0;

    if (!find_named(x, &job))
        return;
    strbuf_init(&out, 256 * MIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "job_id", job.id);
    jsonw_text(&w, "state", rest_state_names[job.state]);
    jsonw_array(&w, "results");
    if (!rest_results(rest_of(x), &job, &w, &count, &err)) {
        strbuf_release(&out);
        api_failure(x, &err);
        return;
    }
    jsonw_end_array(&w);
    jsonw_integer(&w, "total_count", count);
    jsonw_end_object(&w);
    api_reply(x, &out);
}

/* -- the list -- */

static bool number(struct exchange *x, const char *name, int64_t least,
                   int64_t most, int64_t *out)
{
    const char *text = exchange_query(x, name);

    if (!text)
        return true;
    *out = *text && strlen(text) < 10 && !text[strspn(text, "0123456789")]
               ? strtol(text, NULL, 10)
               : -1;
    if (*out >= least && *out <= most)
        return true;
    api_error(x, 400, "invalid_value", name,
              "%s must be a number from %lld to %lld.", name, (long long)least,
              (long long)most);
    return false;
}

static void write_jobs(struct exchange *x, const struct rest_job *list,
                       size_t count, size_t all)
{
    struct strbuf out;
    struct jsonw w;
    size_t i;

    strbuf_init(&out, MIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_array(&w, "jobs");
    for (i = 0; i < count; i++) {
        jsonw_object(&w, NULL);
        jsonw_text(&w, "job_id", list[i].id);
        jsonw_text(&w, "batch_name", list[i].name);
        jsonw_text(&w, "batch_file", rest_input_names[list[i].kind]);
        write_time(&w, "submitted_at", list[i].submitted_at);
        jsonw_text(&w, "status", rest_state_names[list[i].state]);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_integer(&w, "total", (int64_t)all);
    jsonw_end_object(&w);
    api_reply(x, &out);
}

static void jobs(struct exchange *x)
{
    int64_t limit = PAGE_USUAL, offset = 0;
    struct rest_job *list;
    size_t all, count;

    if (!number(x, "limit", 1, PAGE_MOST, &limit) ||
        !number(x, "offset", 0, 999999999, &offset))
        return;
    list = calloc((size_t)limit, sizeof(*list));
    if (!list) {
        api_refuse(x, 503, "no_memory", "There is no memory.");
        return;
    }
    all = rest_list(rest_of(x), api_owner(x), (size_t)offset, list,
                    (size_t)limit);
    count = all > (size_t)offset ? all - (size_t)offset : 0;
    write_jobs(x, list, count < (size_t)limit ? count : (size_t)limit, all);
    free(list);
}

/* -- what it is -- */

static void openapi(struct exchange *x)
{
    (void)page_send(x, "openapi.json");
}

static void docs(struct exchange *x)
{
    (void)page_send(x, "docs.html");
}

static void docs_style(struct exchange *x)
{
    (void)page_send(x, "docs.css");
}

const struct http_route api_rest_routes[] = {
    { "POST", "/batch/submit", BODY_MEMORY, BODY_MOST, false, submit_urls },
    { "POST", "/batch/submit-contents", BODY_MEMORY, BODY_MOST, false,
      submit_contents },
    { "GET", "/batch/status/{id*}", BODY_NONE, 0, false, status },
    { "GET", "/batch/results/{id*}", BODY_NONE, 0, false, results },
    { "GET", "/batch/jobs", BODY_NONE, 0, false, jobs },
    { "GET", "/openapi.json", BODY_NONE, 0, true, openapi },
    { "GET", "/docs", BODY_NONE, 0, true, docs },
    { "GET", "/docs.css", BODY_NONE, 0, true, docs_style },
};
const size_t api_rest_route_count = ARRAY_LEN(api_rest_routes);

#include "cli/remote.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/jsonr.h"
#include "base/jsonw.h"
#include "base/table.h"
#include "cli/remote_summary.h"
#include "io/record.h"
#include "provider/http.h"

#define USUAL_SERVER "http://localhost:4080"
#define BODY_MOST (64 * MIB)
#define REPLY_MOST (256 * MIB)
#define LOOK 2.0 /* seconds between two looks at a job */

struct remote_options remote_options;

/* "jobs/...": the word names a server's job. */
static bool is_job(const char *word)
{
    return !strncmp(word, "jobs/", 5);
}

/* -- asking -- */

static const char *server(void)
{
    const char *told =
        remote_options.server ? remote_options.server : getenv("VITAE_SERVER");

    return told && *told ? told : USUAL_SERVER;
}

static bool open_http(struct http **http, struct error *err)
{
    const char *url = server(), *key = getenv("VITAE_SERVER_KEY");
    const char *host = strstr(url, "://");
    struct strbuf bearer, allowed;
    const char *headers[1];
    struct http_settings settings = { .headers = headers };
    bool ok;

    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return cli_usage(err, "%.200s is no http:// or https:// address", url);
    strbuf_init(&bearer, 16 * KIB);
    strbuf_init(&allowed, 4 * KIB);
    strbuf_addf(&allowed, "%.*s", (int)strcspn(host + 3, "/"), host + 3);
    if (key && *key) {
        strbuf_addf(&bearer, "Authorization: Bearer %s", key);
        headers[settings.header_count++] = bearer.data;
    }
    settings.allowed_hosts = allowed.data;
    ok = http_open(http, &settings, err);
    if (bearer.len)
        explicit_bzero(bearer.data, bearer.len);
    strbuf_release(&bearer);
    strbuf_release(&allowed);
    return ok;
}

/* The server's own words for what is wrong. */
static bool refused(const struct http_response *response, struct error *err)
{
    struct http_cause cause;

    http_cause_parse(response->body.data, response->body.len, &cause);
    error_exit(err, ERROR_REJECT, EXIT_PROVIDER, "the server says (%ld): %s%s",
               response->status,
               cause.message[0] ? cause.message : "nothing more",
               response->status == 401 ? " Set VITAE_SERVER_KEY." : "");
    error_code(err, cause.code);
    return false;
}

static bool not_there(struct error *err)
{
    char why[200];

    snprintf(why, sizeof(why), "%.150s", err->message);
    return error_exit(err, ERROR_SETUP, EXIT_PROVIDER,
                      "no vitae serve at %.200s (%s): start one with: vitae "
                      "serve --upstream URL, or name another with --server",
                      server(), why);
}

static bool send(struct http *http, const char *method, const char *path,
                 const struct strbuf *body, struct strbuf *reply,
                 struct error *err)
{
    struct http_response response = { .body = *reply };
    struct http_request request = { .method = method,
                                    .body = body ? body->data : NULL,
                                    .body_len = body ? body->len : 0,
                                    .timeout = 300,
                                    .stop = &cli_stop };
    size_t len = strlen(server());
    struct strbuf url;
    bool ok;

    while (len && server()[len - 1] == '/')
        len--;
    strbuf_init(&url, 8 * KIB);
    strbuf_addf(&url, "%.*s%s", (int)len, server(), path);
    request.url = url.data;
    ok = http_send(http, &request, &response, err);
    *reply = response.body;
    strbuf_release(&url);
    if (!ok)
        return response.sent || cli_stop ? false : not_there(err);
    return response.status == 200 || refused(&response, err);
}

/* The reply, freed by the caller; raw may be NULL. */
static struct json_object *ask(const char *method, const char *path,
                               const struct strbuf *body, struct strbuf *raw,
                               struct error *err)
{
    struct json_object *object = NULL;
    struct http *http = NULL;
    struct strbuf reply;

    strbuf_init(&reply, REPLY_MOST);
    if (open_http(&http, err) && send(http, method, path, body, &reply, err)) {
        object = json_parse(reply.data, reply.len, err);
        if (object && raw)
            strbuf_add(raw, reply.data, reply.len);
    }
    http_close(http);
    strbuf_release(&reply);
    return object;
}

static bool check_id(const char *job, struct error *err)
{
    if (is_job(job) && strlen(job) < 80 &&
        !job[strspn(job, "abcdefghijklmnopqrstuvwxyz0123456789/")])
        return true;
    return cli_usage(err,
                     "%.80s is no job of a server; vitae list --server "
                     "URL shows them",
                     job);
}

/* -- submitting -- */

static bool write_urls(const char *file, struct jsonw *w, struct error *err)
{
    struct record_settings settings = { .format = RECORD_URLS };
    struct record_reader *reader = NULL;
    struct record record;
    bool more = true, ok = record_open(&reader, file, &settings, err);

    jsonw_array(w, "urls");
    while (ok && more) {
        ok = record_next(reader, &record, &more, err);
        if (ok && more)
            jsonw_text_len(w, NULL, record.text, record.len);
    }
    jsonw_end_array(w);
    record_close(reader);
    return ok;
}

/* What is in it the server checks, and names the element. */
static bool write_contents(const char *file, struct jsonw *w, struct error *err)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root;
    struct strbuf text;
    bool ok;

    if (!doc)
        return error_memory(err);
    strbuf_init(&text, BODY_MOST);
    ok = file_read(file, &text, err);
    root = ok ? json_read(doc, text.data, text.len, &json_limits_default, err)
              : NULL;
    if (ok && !root)
        ok = error_context(err, "%.200s", file);
    if (ok && !json_is(root, JSON_ARRAY))
        ok = error_exit(err, ERROR_REJECT, EXIT_USAGE,
                        "%.200s is no array of {\"id\", \"title\", "
                        "\"contents\"}",
                        file);
    if (ok)
        jsonw_raw(w, "contents", text.data, text.len);
    json_doc_free(doc);
    strbuf_release(&text);
    return ok;
}

static bool write_job(const char *file, bool contents, struct strbuf *out,
                      struct error *err)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    if (remote_options.name)
        jsonw_text(&w, "batch_name", remote_options.name);
    if (contents ? !write_contents(file, &w, err) : !write_urls(file, &w, err))
        return false;
    jsonw_end_object(&w);
    return strbuf_ok(out) ||
           error_exit(err, ERROR_REJECT, EXIT_USAGE,
                      "%.200s is too large for one job", file);
}

static void print_raw(const struct strbuf *raw)
{
    printf("%s\n", raw->data);
    fflush(stdout);
}

static bool wait_for(struct cli *cli, const char *job, struct error *err);

static bool tell_submitted(struct cli *cli, const struct json_object *reply,
                           const struct strbuf *raw, struct error *err)
{
    const char *job = json_get_text(reply, "job_id");

    if (!job)
        return error_exit(err, ERROR_REJECT, EXIT_PROVIDER,
                          "the server's answer names no job: is it a vitae "
                          "serve?");
    if (cli->json)
        print_raw(raw);
    else
        printf("%s\n", job);
    fflush(stdout);
    cli_say(cli, "job %s: %lld taken; vitae status %s tells how far it is", job,
            (long long)json_get_integer(reply, "url_count", 0), job);
    return !remote_options.wait || wait_for(cli, job, err);
}

bool remote_submit(struct cli *cli, const char *file, bool contents,
                   struct error *err)
{
    struct json_object *reply = NULL;
    struct strbuf body, raw;
    bool ok;

    strbuf_init(&body, BODY_MOST);
    strbuf_init(&raw, MIB);
    ok = write_job(file, contents, &body, err);
    if (ok)
        reply =
            ask("POST", contents ? "/batch/submit-contents" : "/batch/submit",
                &body, &raw, err);
    ok = reply && tell_submitted(cli, reply, &raw, err);
    json_free(reply);
    strbuf_release(&body);
    strbuf_release(&raw);
    return ok;
}

/* -- looking -- */

static struct json_object *ask_status(const char *job, struct strbuf *raw,
                                      struct error *err)
{
    char path[160];

    if (!check_id(job, err))
        return NULL;
    snprintf(path, sizeof(path), "/batch/status/%s", job);
    return ask("GET", path, NULL, raw, err);
}

static const char *text_of(const struct json_object *o, const char *name)
{
    const char *text = json_get_text(o, name);

    return text ? text : "";
}

static bool has_ended(const struct json_object *o, bool *well)
{
    const char *state = text_of(o, "state");

    *well = !strcmp(state, "JOB_STATE_SUCCEEDED");
    return *well || !strcmp(state, "JOB_STATE_FAILED");
}

/* The exit code tells: 0 well, 1 failed, 10 not yet. */
static bool wait_for(struct cli *cli, const char *job, struct error *err)
{
    double until = cli->clock->monotonic(cli->clock) + remote_options.max_wait;
    struct json_object *o;
    bool ended = false, well = false;

    while (!cli_stop) {
        o = ask_status(job, NULL, err);
        if (!o)
            return false;
        ended = has_ended(o, &well);
        if (ended)
            cli_say(cli, "job %s: %s, %lld of %lld%s%s", job,
                    well ? "done" : "failed",
                    (long long)json_get_integer(o, "completed_count", 0),
                    (long long)json_get_integer(o, "total_count", 0),
                    well ? "" : ": ", text_of(o, "message"));
        json_free(o);
        if (ended || (remote_options.max_wait > 0 &&
                      cli->clock->monotonic(cli->clock) + LOOK > until))
            break;
        cli->clock->sleep(cli->clock, LOOK, &cli_stop);
    }
    if (!ended)
        cli->exit = cli_stop ? EXIT_INTERRUPTED : EXIT_RUNNING;
    else if (!well)
        cli->exit = EXIT_SOME_FAILED;
    return true;
}

static const struct {
    const char *label, *member;
    bool is_text;
} status_lines[] = {
    { "Job", "job_id", true },
    { "Name", "batch_name", true },
    { "State", "state", true },
    { "Completed", "completed_count", false },
    { "Failed", "failed_count", false },
    { "Total", "total_count", false },
    { "Submitted", "submitted_at", true },
    { "Ended", "ended_at", true },
    { "Reason", "message", true },
};

bool remote_status(struct cli *cli, const char *job, struct error *err)
{
    struct json_object *o;
    struct strbuf raw;
    size_t i;

    strbuf_init(&raw, MIB);
    o = ask_status(job, &raw, err);
    if (o && cli->json)
        print_raw(&raw);
    for (i = 0; o && !cli->json && i < ARRAY_LEN(status_lines); i++) {
        if (!status_lines[i].is_text)
            printf("%-10s %lld\n", status_lines[i].label,
                   (long long)json_get_integer(o, status_lines[i].member, 0));
        else if (*text_of(o, status_lines[i].member))
            printf("%-10s %s\n", status_lines[i].label,
                   text_of(o, status_lines[i].member));
    }
    if (o && !cli->json)
        printf("%-10s %.1f %%\n", "Progress",
               json_get_real(o, "progress_percent", 0));
    json_free(o);
    strbuf_release(&raw);
    return o != NULL;
}

static bool print_jobs(const struct json_object *reply, struct error *err)
{
    static const struct table_column columns[] = {
        { "NAME", TABLE_LEFT, 30 },
        { "JOB", TABLE_LEFT, 0 },
        { "STATUS", TABLE_LEFT, 0 },
        { "SUBMITTED", TABLE_LEFT, 0 },
    };
    struct json_object *jobs = json_get(reply, "jobs"), *job;
    struct strbuf out;
    struct table t;
    size_t i, n;
    bool ok;

    n = json_object_is_type(jobs, json_type_array)
            ? json_object_array_length(jobs)
            : 0;
    table_init(&t, columns, ARRAY_LEN(columns));
    for (i = 0; i < n; i++) {
        job = json_object_array_get_idx(jobs, i);
        table_add(&t, text_of(job, "batch_name"));
        table_add(&t, text_of(job, "job_id"));
        table_add(&t, text_of(job, "status"));
        table_add(&t, text_of(job, "submitted_at"));
    }
    strbuf_init(&out, MIB);
    ok = table_print(&t, &out) || error_memory(err);
    if (ok)
        fputs(out.data, stdout);
    table_release(&t);
    strbuf_release(&out);
    return ok;
}

bool remote_list(struct cli *cli, struct error *err)
{
    struct json_object *reply;
    struct strbuf raw;
    bool ok = true;

    strbuf_init(&raw, MIB);
    reply = ask("GET", "/batch/jobs?limit=100", NULL, &raw, err);
    if (reply && cli->json)
        print_raw(&raw);
    else if (reply)
        ok = print_jobs(reply, err);
    ok = ok && reply;
    json_free(reply);
    strbuf_release(&raw);
    return ok;
}

bool remote_results(struct cli *cli, const char *job, const char *name,
                    const char *path, bool preview, struct error *err)
{
    struct json_object *reply;
    struct strbuf raw;
    char url[256];
    bool ok;

    if (!check_id(job, err))
        return false;
    if (!*name || strlen(name) > 64 || strpbrk(name, "/?#%& "))
        return cli_usage(err, "%.80s is no batch's name", name);
    snprintf(url, sizeof(url), "/batch/results/%s/%s", job, name);
    strbuf_init(&raw, REPLY_MOST);
    reply = ask("GET", url, NULL, &raw, err);
    ok = reply != NULL;
    if (ok && strcmp(path, "-") == 0)
        print_raw(&raw);
    else if (ok)
        ok = file_write(path, raw.data, raw.len, err);
    if (ok && !cli->quiet)
        remote_summary(reply, preview, strcmp(path, "-") ? path : NULL);
    json_free(reply);
    strbuf_release(&raw);
    return ok;
}

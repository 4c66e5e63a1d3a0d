/*
 * rest_record.c -- job.json: what was asked, and how it ended.
 */
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "server/rest_private.h"

#define RECORD_MOST (64 * KIB)

const char *const rest_input_names[REST_KINDS] = {
    [REST_URLS] = "pages.txt",
    [REST_CONTENTS] = "pages.json",
};

const char *const rest_state_names[REST_STATES] = {
    [REST_PENDING] = "JOB_STATE_PENDING",
    [REST_RUNNING] = "JOB_STATE_RUNNING",
    [REST_SUCCEEDED] = "JOB_STATE_SUCCEEDED",
    [REST_FAILED] = "JOB_STATE_FAILED",
};

static const char *const kind_words[REST_KINDS] = { "urls", "contents" };

void rest_record_write(const struct rest_job *job, struct strbuf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", job->id);
    jsonw_text(&w, "owner", job->owner);
    jsonw_text(&w, "name", job->name);
    jsonw_text(&w, "kind", kind_words[job->kind]);
    jsonw_integer(&w, "count", job->count);
    jsonw_real(&w, "submitted_at", job->submitted_at);
    jsonw_real(&w, "ended_at", job->ended_at);
    jsonw_integer(&w, "code", job->code);
    jsonw_integer(&w, "done", job->done);
    jsonw_end_object(&w);
    strbuf_addc(out, '\n');
}

static void take(const struct json_object *object, const char *name, char *out,
                 size_t size)
{
    const char *text = json_get_text(object, name);

    snprintf(out, size, "%s", text ? text : "");
}

bool rest_record_read(const char *path, struct rest_job *job, struct error *err)
{
    struct json_object *object = json_parse_file(path, RECORD_MOST, err);
    const char *kind;

    memset(job, 0, sizeof(*job));
    if (!object)
        return false;
    take(object, "id", job->id, sizeof(job->id));
    take(object, "owner", job->owner, sizeof(job->owner));
    take(object, "name", job->name, sizeof(job->name));
    kind = json_get_text(object, "kind");
    job->kind = kind && !strcmp(kind, kind_words[REST_CONTENTS]) ? REST_CONTENTS
                                                                 : REST_URLS;
    job->count = json_get_integer(object, "count", 0);
    job->submitted_at = json_get_real(object, "submitted_at", 0);
    job->ended_at = json_get_real(object, "ended_at", 0);
    job->code = (int)json_get_integer(object, "code", 0);
    job->done = json_get_integer(object, "done", 0);
    json_free(object);
    return !strncmp(job->id, REST_PREFIX, strlen(REST_PREFIX)) ||
           error_set(err, ERROR_REJECT, "%.300s is no record of a job", path);
}

#include "server/validate.h"

#include <string.h>

#include "base/jsonw.h"
#include "runner/plan.h"

#define MAX_LINE (64 * MIB)
#define MOST_TOLD 100

struct validating {
    struct validation *result;
    const char *endpoint;
    bool skip;
    const struct validate_models *models;
    int64_t told;   /* lines in the list */
    char last[256]; /* the model that was known last */
    size_t last_len;
    struct strbuf text;
    struct jsonw list;
};

static void add_fault(struct validating *v, uint64_t line, const char *code,
                      const char *param, const char *message)
{
    jsonw_object(&v->list, NULL);
    jsonw_text(&v->list, "code", code);
    jsonw_text(&v->list, "message", message);
    jsonw_text(&v->list, "param", param);
    if (line)
        jsonw_integer(&v->list, "line", (int64_t)line);
    else
        jsonw_null(&v->list, "line");
    jsonw_end_object(&v->list);
}

static void tell(struct validating *v, uint64_t line, const char *code,
                 const char *param, const char *what)
{
    char message[256];

    if (v->told++ >= MOST_TOLD)
        return;
    snprintf(message, sizeof(message), "Line %llu: %s.",
             (unsigned long long)line, what);
    add_fault(v, line, code, param, message);
}

static void found(struct validating *v, uint64_t line, const char *code,
                  const char *param, const char *what)
{
    v->result->faults++;
    tell(v, line, code, param, what);
}

static void tell_repeated(struct validating *v, uint64_t line)
{
    /* No line of the error file can tell: its name is another one's. */
    tell(v, line, "duplicate_custom_id", "custom_id",
         "its custom_id came before");
    v->result->faults += !v->skip;
}

/* Files mostly ask for one model: it is looked for once. */
static bool is_known(struct validating *v, const struct request *request)
{
    const struct validate_models *models = v->models;

    if (!models || !models->knows ||
        (v->last_len && request->model_len == v->last_len &&
         !memcmp(v->last, request->model, v->last_len)))
        return true;
    if (!models->knows(models->context, request->model, request->model_len))
        return false;
    v->last_len =
        request->model_len <= sizeof(v->last) ? request->model_len : 0;
    memcpy(v->last, request->model, v->last_len);
    return true;
}

static void unknown_model(struct validating *v, uint64_t number,
                          const struct request *request)
{
    char what[160];

    snprintf(what, sizeof(what), "no upstream has the model %.*s",
             request->model_len < 100 ? (int)request->model_len : 100,
             request->model);
    found(v, number, "model_not_found", "body.model", what);
}

static void look_at(void *context, uint64_t number,
                    const struct request *request, bool repeated)
{
    struct validating *v = context;

    if (v->skip && repeated)
        tell_repeated(v, number);
    if (v->skip)
        return;
    if (!request)
        found(v, number, "invalid_request", NULL, "it is too long");
    else if (request->fault)
        found(v, number, request->code, request->param, request->fault);
    else if (strcmp(request->path, v->endpoint + 3) != 0)
        found(v, number, "url_mismatch", "url",
              "its url is not the batch's endpoint");
    else if (repeated)
        tell_repeated(v, number);
    else if (request->model && !is_known(v, request))
        unknown_model(v, number, request);
}

/* What concerns the whole file. */
static void look_at_all(struct validating *v, const struct plan *plan,
                        int64_t max_requests)
{
    struct validation *r = v->result;
    char message[200];

    if (v->told > MOST_TOLD) {
        snprintf(message, sizeof(message), "And %lld more lines.",
                 (long long)v->told - MOST_TOLD);
        add_fault(v, 0, "more_errors", NULL, message);
    }
    r->total = (int64_t)plan->count;
    r->groups = plan->groups;
    if (!plan->count && !r->faults) {
        r->faults++;
        add_fault(v, 0, "empty_file", NULL, "The input file holds no request.");
    }
    if (r->total > max_requests) {
        r->faults++;
        snprintf(message, sizeof(message),
                 "The input file holds %lld requests; this server takes %lld "
                 "(serve.max_requests).",
                 (long long)r->total, (long long)max_requests);
        add_fault(v, 0, "too_many_tasks", NULL, message);
    }
}

bool validate_file(const char *path, const char *endpoint, int64_t max_requests,
                   bool skip, const struct validate_models *models,
                   struct validation *out, struct error *err)
{
    struct validating v = {
        .result = out, .endpoint = endpoint, .skip = skip, .models = models
    };
    struct plan_watch watch = { look_at, &v };
    struct plan plan;
    bool ok;

    *out = (struct validation){ 0 };
    strbuf_init(&v.text, MIB);
    jsonw_init(&v.list, &v.text);
    jsonw_array(&v.list, NULL);
    ok = plan_open_watched(&plan, path, MAX_LINE, 1, NULL, &watch, err);
    if (ok) {
        look_at_all(&v, &plan, max_requests);
        plan_close(&plan);
    }
    jsonw_end_array(&v.list);
    if (ok && (out->faults || v.told)) {
        out->list = strbuf_take(&v.text);
        ok = out->list || error_memory(err);
    }
    strbuf_release(&v.text);
    return ok;
}

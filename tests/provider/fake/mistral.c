/*
 * mistral.c -- batch jobs as Mistral has them.
 */
#include "tests/provider/fake/store.h"

static const char *check(const struct fake_batch *b,
                         const struct json_node *root)
{
    (void)b;
    /* the model is the job's */
    return json_is(json_member(root, "body"), JSON_OBJECT) &&
                   !json_member(root, "url")
               ? NULL
               : "invalid_request";
}

static struct fake_dialect dialect(void)
{
    struct fake_dialect d = fake_openai_dialect;

    d.check = check;
    return d;
}

static const char *word_of(const struct fake_batch *b)
{
    static const char *const words[][2] = {
        { "validating", "QUEUED" },
        { "in_progress", "RUNNING" },
        { "completed", "SUCCESS" },
        { "failed", "FAILED" },
        { "expired", "TIMEOUT_EXCEEDED" },
        { "cancelled", "CANCELLED" },
        { "cancelling", "CANCELLATION_REQUESTED" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(b->status, words[i][0]))
            return words[i][1];
    return "QUEUED";
}

static void add_file(struct jsonw *w, const char *name, const char *id)
{
    if (id[0])
        jsonw_text(w, name, id);
    else
        jsonw_null(w, name);
}

static void job_json(const struct fake_batch *b, struct strbuf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", b->id);
    jsonw_text(&w, "object", "batch");
    jsonw_array(&w, "input_files");
    jsonw_text(&w, NULL, b->input);
    jsonw_end_array(&w);
    jsonw_text(&w, "endpoint", b->endpoint);
    jsonw_text(&w, "model", b->model);
    jsonw_raw(&w, "metadata", b->metadata, strlen(b->metadata));
    jsonw_array(&w, "errors");
    if (b->fail_message[0]) {
        jsonw_object(&w, NULL);
        jsonw_text(&w, "message", b->fail_message);
        jsonw_integer(&w, "count", 1);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    jsonw_text(&w, "status", word_of(b));
    fake_add_time(&w, "created_at", b->created);
    jsonw_integer(&w, "total_requests", b->total);
    jsonw_integer(&w, "completed_requests", b->done + b->failed);
    jsonw_integer(&w, "succeeded_requests", b->done);
    jsonw_integer(&w, "failed_requests", b->failed);
    add_file(&w, "output_file", b->output);
    add_file(&w, "error_file", b->errors);
    jsonw_end_object(&w);
}

static void create(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    static struct fake_dialect mine;
    struct json_doc *doc = json_doc_new();
    const struct json_node *root, *first, *metadata;
    char input[64] = "";
    struct fake_batch *b;
    struct error err;

    (void)id;
    mine = dialect();
    root = json_read(doc, r->body, r->body_len, &json_limits_default, &err);
    first = json_first(json_member(root, "input_files"));
    if (json_is(first, JSON_STRING))
        snprintf(input, sizeof(input), "%.*s", (int)first->len, first->text);
    if (!fake_file_find(input)) {
        fake_error(reply, 404, "invalid_request_error", NULL, "No such file");
    } else {
        b = fake_batch_new(&mine, "job-", input);
        metadata = json_member(root, "metadata");
        b->metadata =
            metadata ? strndup(metadata->text, metadata->len) : strdup("null");
        fake_copy(root, "endpoint", b->endpoint, sizeof(b->endpoint));
        fake_copy(root, "model", b->model, sizeof(b->model));
        job_json(b, &reply->body);
    }
    json_doc_free(doc);
}

static void poll_job(const struct fake_request *r, const char *id,
                     struct fake_reply *reply)
{
    struct fake_batch *b = fake_batch_find(id);

    (void)r;
    fake_ledger.polls++;
    if (!b) {
        fake_no_such(reply, "Job", id);
        return;
    }
    fake_batch_advance(b, true);
    job_json(b, &reply->body);
}

static void cancel(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    struct fake_batch *b = fake_batch_find(id);

    (void)r;
    if (!b)
        fake_no_such(reply, "Job", id);
    else if (fake_batch_cancel(b))
        job_json(b, &reply->body);
    else
        fake_error(reply, 400, "invalid_request_error", NULL, "It has ended");
}

struct listing {
    struct strbuf *out;
    const char *comma;
    long skip, left;
};

static bool list_one(const struct fake_batch *b, void *context)
{
    struct listing *l = context;

    if (l->skip) {
        l->skip--;
        return true;
    }
    if (!l->left--)
        return false;
    strbuf_adds(l->out, l->comma);
    l->comma = ",";
    job_json(b, l->out);
    return true;
}

static void list(const struct fake_request *r, const char *id,
                 struct fake_reply *reply)
{
    struct listing l = { .out = &reply->body, .comma = "" };
    char page[16], size[16];

    (void)id;
    fake_query(r, "page", page, sizeof(page));
    fake_query(r, "page_size", size, sizeof(size));
    l.left = size[0] ? strtol(size, NULL, 10) : 100;
    l.skip = strtol(page, NULL, 10) * l.left;
    strbuf_adds(l.out, "{\"object\":\"list\",\"data\":[");
    fake_batch_list("", list_one, &l);
    strbuf_addf(l.out, "],\"total\":%zu}", fake_batch_count);
}

const struct fake_route fake_mistral_routes[] = {
    { "create", "POST", "/batch/jobs", create, false },
    { "list", "GET", "/batch/jobs", list, false },
    { "poll", "GET", "/batch/jobs/*", poll_job, false },
    { "cancel", "POST", "/batch/jobs/*/cancel", cancel, false },
    { NULL, NULL, NULL, NULL, false },
};

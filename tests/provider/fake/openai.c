/*
 * openai.c -- batches of the OpenAI dialect.
 */
#include "tests/provider/fake/store.h"

/* -- lines -- */

static void output_line(const char *id, size_t id_len,
                        const struct fake_answer *a, const char *model,
                        struct strbuf *out)
{
    static long number;

    strbuf_addf(out, "{\"id\":\"batch_req_%ld\",\"custom_id\":\"%.*s\",",
                ++number, (int)id_len, id);
    strbuf_addf(out,
                "\"response\":{\"status_code\":%d,\"request_id\":\"req_%ld\","
                "\"body\":",
                a->status, number);
    fake_answer_body(a, model, out);
    strbuf_adds(out, "},\"error\":null}");
}

static void never_ran(const char *id, size_t id_len, bool cancelled,
                      struct strbuf *out)
{
    strbuf_addf(out,
                "{\"id\":\"batch_req_x\",\"custom_id\":\"%.*s\","
                "\"response\":null,\"error\":{\"code\":\"%s\",\"message\":"
                "\"This request could not be executed before the completion "
                "window expired.\"}}",
                (int)id_len, id,
                cancelled ? "batch_cancelled" : "batch_expired");
}

static const char *check(const struct fake_batch *b,
                         const struct json_node *root)
{
    if (!json_is(json_member(root, "body"), JSON_OBJECT))
        return "invalid_json_line";
    if (!strcmp(fake_settings.shape, "together"))
        return NULL;
    if (!json_equals(json_member(root, "method"), "POST"))
        return "invalid_json_line";
    if (!json_equals(json_member(root, "url"), b->endpoint))
        return "url_mismatch";
    return NULL;
}

const struct fake_dialect fake_openai_dialect = {
    .id_name = "custom_id",
    .check = check,
    .answer = output_line,
    .never_ran = never_ran,
};

/* -- objects -- */

static void add_id(struct jsonw *w, const char *name, const char *id)
{
    if (id[0] || !strcmp(fake_settings.ids, "empty"))
        jsonw_text(w, name, id);
    else
        jsonw_null(w, name);
}

static void errors_json(struct jsonw *w, const struct fake_batch *b)
{
    if (!b->fail_code[0]) {
        jsonw_null(w, "errors");
        return;
    }
    jsonw_object(w, "errors");
    jsonw_text(w, "object", "list");
    jsonw_array(w, "data");
    jsonw_object(w, NULL);
    jsonw_text(w, "code", b->fail_code);
    jsonw_text(w, "message", b->fail_message);
    jsonw_null(w, "param");
    if (b->fail_line)
        jsonw_integer(w, "line", b->fail_line);
    else
        jsonw_null(w, "line");
    jsonw_end_object(w);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static const char *word_of(const struct fake_batch *b)
{
    static char upper[32];
    size_t i;

    if (!strcmp(fake_settings.shape, "openai"))
        return b->status;
    snprintf(upper, sizeof(upper), "%s", b->status);
    for (i = 0; upper[i]; i++)
        if (upper[i] >= 'a' && upper[i] <= 'z' &&
            (!i || !strcmp(fake_settings.shape, "together")))
            upper[i] = (char)(upper[i] - 32);
    return upper;
}

static void batch_json(const struct fake_batch *b, struct strbuf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", b->id);
    jsonw_text(&w, "object", "batch");
    jsonw_text(&w, "endpoint", b->endpoint);
    errors_json(&w, b);
    jsonw_text(&w, "input_file_id", b->input);
    jsonw_text(&w, "completion_window", b->window);
    jsonw_text(&w, "status", word_of(b));
    add_id(&w, "output_file_id", b->output);
    add_id(&w, "error_file_id", b->errors);
    fake_add_time(&w, "created_at", b->created);
    fake_add_time(&w, "completed_at", b->finished);
    jsonw_object(&w, "request_counts");
    jsonw_integer(&w, "total", b->total);
    jsonw_integer(&w, "completed", b->done);
    jsonw_integer(&w, "failed", b->failed);
    jsonw_end_object(&w);
    if (strcmp(fake_settings.shape, "together") != 0)
        jsonw_raw(&w, "metadata", b->metadata, strlen(b->metadata));
    jsonw_end_object(&w);
}

static void told(const struct fake_batch *b, struct fake_reply *reply,
                 bool wrapped)
{
    wrapped = wrapped && !strcmp(fake_settings.shape, "together");
    if (wrapped)
        strbuf_adds(&reply->body, "{\"job\":");
    batch_json(b, &reply->body);
    if (wrapped)
        strbuf_addc(&reply->body, '}');
}
/* -- routes -- */

static void create(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root, *metadata;
    char input[64], endpoint[64], window[16];
    struct fake_batch *b;
    struct error err;

    (void)id;
    root = json_read(doc, r->body, r->body_len, &json_limits_default, &err);
    fake_copy(root, "input_file_id", input, sizeof(input));
    fake_copy(root, "endpoint", endpoint, sizeof(endpoint));
    fake_copy(root, "completion_window", window, sizeof(window));
    if (!window[0] && !strcmp(fake_settings.shape, "together"))
        snprintf(window, sizeof(window), "24h");
    if (!input[0] || !endpoint[0] || !window[0]) {
        fake_error(reply, 400, "invalid_request_error",
                   "missing_required_parameter", "Missing required parameter.");
    } else if (!fake_file_find(input)) {
        fake_error(reply, 400, "invalid_request_error", NULL,
                   "Cannot find file with the id given.");
    } else {
        b = fake_batch_new(&fake_openai_dialect, "batch_", input);
        metadata = json_member(root, "metadata");
        b->metadata =
            metadata ? strndup(metadata->text, metadata->len) : strdup("null");
        snprintf(b->endpoint, sizeof(b->endpoint), "%s", endpoint);
        snprintf(b->window, sizeof(b->window), "%s", window);
        told(b, reply, true);
        if (!fake_settings.polls)
            fake_batch_advance(b, false);
    }
    json_doc_free(doc);
}

static void poll_batch(const struct fake_request *r, const char *id,
                       struct fake_reply *reply)
{
    struct fake_batch *b = fake_batch_find(id);

    (void)r;
    fake_ledger.polls++;
    if (!b) {
        fake_no_such(reply, "Batch", id);
        return;
    }
    fake_batch_advance(b, true);
    told(b, reply, false);
}

static void cancel(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    struct fake_batch *b = fake_batch_find(id);

    (void)r;
    if (!b)
        fake_no_such(reply, "Batch", id);
    else if (fake_batch_cancel(b))
        told(b, reply, false);
    else
        fake_error(reply, 409, "invalid_request_error", NULL,
                   "Cannot cancel a batch that has ended.");
}

struct listing {
    struct strbuf *out;
    const char *comma;
    long left;
    bool more;
    char last[64];
};

static bool list_one(const struct fake_batch *b, void *context)
{
    struct listing *l = context;

    if (b->dialect != &fake_openai_dialect)
        return true;
    if (!l->left) {
        l->more = true;
        return false;
    }
    l->left--;
    strbuf_adds(l->out, l->comma);
    l->comma = ",";
    batch_json(b, l->out);
    snprintf(l->last, sizeof(l->last), "%s", b->id);
    return true;
}

static void list(const struct fake_request *r, const char *id,
                 struct fake_reply *reply)
{
    struct listing l = { .out = &reply->body, .comma = "" };
    bool bare = !strcmp(fake_settings.shape, "together");
    char after[80], limit[16];

    (void)id;
    fake_query(r, "after", after, sizeof(after));
    fake_query(r, "limit", limit, sizeof(limit));
    l.left = bare ? FAKE_MOST : fake_page(limit, 100);
    strbuf_adds(l.out, bare ? "["
                       : !strcmp(fake_settings.shape, "azure")
                           ? "{\"value\":["
                           : "{\"object\":\"list\",\"data\":[");
    fake_batch_list(after, list_one, &l);
    strbuf_adds(l.out, "]");
    if (!bare)
        strbuf_addf(l.out, ",\"last_id\":\"%s\",\"has_more\":%s}", l.last,
                    l.more ? "true" : "false");
}

const struct fake_route fake_openai_routes[] = {
    { "create", "POST", "/batches", create, false },
    { "list", "GET", "/batches", list, false },
    { "poll", "GET", "/batches/*", poll_batch, false },
    { "cancel", "POST", "/batches/*/cancel", cancel, false },
    { NULL, NULL, NULL, NULL, false },
};

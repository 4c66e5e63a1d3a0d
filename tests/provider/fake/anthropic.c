/*
 * anthropic.c -- message batches as Anthropic has them.
 */
#include <ctype.h>

#include "tests/provider/fake/store.h"

/* -- lines -- */

static const char *check(const struct fake_batch *b,
                         const struct json_node *root)
{
    const struct json_node *params = json_member(root, "params");

    (void)b;
    return json_member(params, "max_tokens") &&
                   json_is(json_pointer(params, "/messages/0/content"),
                           JSON_STRING)
               ? NULL
               : "invalid_request_error";
}

static const char *stop_of(const struct fake_answer *a)
{
    return a->refusal[0]                  ? "refusal"
           : !strcmp(a->finish, "length") ? "max_tokens"
                                          : "end_turn";
}

static void add_message(const struct fake_answer *a, const char *model,
                        struct strbuf *out)
{
    strbuf_addf(out,
                "{\"id\":\"msg_1\",\"type\":"
                "\"message\",\"role\":\"assistant\",\"model\":\"%s\","
                "\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},"
                "{\"type\":\"text\",\"text\":\"",
                model);
    strbuf_add(out, a->content.data, a->content.len);
    strbuf_addf(out,
                "\"}],\"stop_reason\":\"%s\",\"stop_sequence\":null,\"usage\":"
                "{\"input_tokens\":%ld,\"cache_creation_input_tokens\":0,"
                "\"cache_read_input_tokens\":%ld,\"output_tokens\":%ld,"
                "\"service_tier\":\"batch\"}}",
                stop_of(a), a->prompt_tokens - a->prompt_tokens / 2,
                a->prompt_tokens / 2, a->completion_tokens);
}

/* POST /v1/messages */
static void single(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    static struct fake_answer a;
    char key[200], version[40];

    (void)id;
    if (!a.content.data)
        fake_answer_init(&a);
    fake_header(r, "x-api-key", key, sizeof(key));
    fake_header(r, "anthropic-version", version, sizeof(version));
    fake_ledger.chats++;
    fake_answer_make(r->body, r->body_len, &a);
    if (!key[0] || !version[0])
        fake_error(reply, 401, "authentication_error", NULL, "no key");
    else if (a.status != 200)
        fake_error(reply, a.status ? a.status : 500, "api_error", NULL,
                   a.message);
    else
        add_message(&a, "fake", &reply->body);
}

static void answer(const char *id, size_t id_len, const struct fake_answer *a,
                   const char *model, struct strbuf *out)
{
    strbuf_addf(out, "{\"custom_id\":\"%.*s\",\"result\":{\"type\":\"",
                (int)id_len, id);
    if (a->status != 200) {
        strbuf_addf(out,
                    "errored\",\"error\":{\"type\":\"error\",\"error\":{"
                    "\"type\":\"%s\",\"message\":\"%s\"},\"request_id\":\"r\""
                    "}}}",
                    a->status >= 500 ? "api_error" : "invalid_request_error",
                    a->message);
        return;
    }
    strbuf_adds(out, "succeeded\",\"message\":");
    add_message(a, model, out);
    strbuf_adds(out, "}}");
}

static void never_ran(const char *id, size_t id_len, bool cancelled,
                      struct strbuf *out)
{
    strbuf_addf(out, "{\"custom_id\":\"%.*s\",\"result\":{\"type\":\"%s\"}}",
                (int)id_len, id, cancelled ? "canceled" : "expired");
}

static const struct fake_dialect anthropic = { .id_name = "custom_id",
                                               .one_file = true,
                                               .check = check,
                                               .answer = answer,
                                               .never_ran = never_ran };

/* -- batches -- */

static void iso(double t, char *out, size_t size)
{
    time_t s = (time_t)t;
    struct tm tm;

    gmtime_r(&s, &tm);
    strftime(out, size, "%Y-%m-%dT%H:%M:%S+00:00", &tm);
}

static void batch_json(const struct fake_request *r, const struct fake_batch *b,
                       struct strbuf *out)
{
    bool ended = fake_batch_ended(b);
    bool expired = !strcmp(b->status, "expired");
    char created[40], origin[160];
    struct jsonw w;

    iso(b->created, created, sizeof(created));
    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", b->id);
    jsonw_text(&w, "type", "message_batch");
    jsonw_text(&w, "processing_status",
               ended                              ? "ended"
               : !strcmp(b->status, "cancelling") ? "canceling"
                                                  : "in_progress");
    jsonw_object(&w, "request_counts");
    jsonw_integer(&w, "processing", ended ? 0 : b->total);
    jsonw_integer(&w, "succeeded", ended ? b->done : 0);
    jsonw_integer(&w, "errored",
                  ended && !b->cancelled && !expired ? b->failed : 0);
    jsonw_integer(&w, "canceled", b->cancelled ? b->failed : 0);
    jsonw_integer(&w, "expired", expired ? b->failed : 0);
    jsonw_end_object(&w);
    jsonw_text(&w, "created_at", created);
    if (ended) {
        fake_origin(r, origin, sizeof(origin));
        strbuf_addf(out,
                    ",\"results_url\":\"%s/v1/messages/batches/%s/results"
                    "\"",
                    origin, b->id);
    } else {
        jsonw_null(&w, "results_url");
    }
    jsonw_end_object(&w);
}

static bool id_is_good(const struct json_node *request)
{
    const struct json_node *id = json_member(request, "custom_id");
    size_t i;

    if (!json_is(id, JSON_STRING) || !id->len || id->len > 64)
        return false;
    for (i = 0; i < id->len; i++)
        if (!isalnum((unsigned char)id->text[i]) && id->text[i] != '_' &&
            id->text[i] != '-')
            return false;
    return true;
}

/* The requests of the body as lines of a file. */
static struct fake_file *take_requests(const struct fake_request *r)
{
    static const struct json_limits limits = { (size_t)1 << 30, 50000000, 64 };
    struct json_doc *doc = json_doc_new();
    const struct json_node *root, *request;
    struct fake_file *f = NULL;
    struct strbuf lines;
    struct error err;

    strbuf_init(&lines, (size_t)1 << 30);
    root = json_read(doc, r->body, r->body_len, &limits, &err);
    request = json_first(json_member(root, "requests"));
    for (; request; request = json_next(request)) {
        if (!id_is_good(request))
            goto out;
        strbuf_add(&lines, request->text, request->len);
        strbuf_addc(&lines, '\n');
    }
    if (!lines.len)
        goto out;
    f = fake_file_new("requests", "batch", fake_temporary(), 0,
                      (off_t)lines.len);
    fake_write(f->fd, lines.data, lines.len);
out:
    strbuf_release(&lines);
    json_doc_free(doc);
    return f;
}

static void refuse(struct fake_reply *reply, int status, const char *type,
                   const char *message)
{
    reply->status = status;
    strbuf_addf(&reply->body,
                "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":"
                "\"%s\"},\"request_id\":\"req_fake\"}",
                type, message);
}

static void create(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    struct fake_file *f = take_requests(r);
    char version[32];

    (void)id;
    fake_header(r, "anthropic-version", version, sizeof(version));
    if (!version[0])
        refuse(reply, 400, "invalid_request_error",
               "anthropic-version: header is required");
    else if (!f)
        refuse(reply, 400, "invalid_request_error",
               "requests: not as they should be");
    else
        batch_json(r, fake_batch_new(&anthropic, "msgbatch_", f->id),
                   &reply->body);
}

/* Deleted ones are no longer known. */
static struct fake_batch *known(const char *id)
{
    struct fake_batch *b = fake_batch_find(id);

    return b && !b->gone ? b : NULL;
}

static void poll_batch(const struct fake_request *r, const char *id,
                       struct fake_reply *reply)
{
    struct fake_batch *b = known(id);

    fake_ledger.polls++;
    if (!b) {
        refuse(reply, 404, "not_found_error", "No such batch");
        return;
    }
    fake_batch_advance(b, true);
    batch_json(r, b, &reply->body);
}

struct listing {
    const struct fake_request *request;
    struct strbuf *out;
    const char *comma;
    long left;
    bool more;
    char last[64];
};

static bool list_one(const struct fake_batch *b, void *context)
{
    struct listing *l = context;

    l->more = !l->left;
    if (l->more)
        return false;
    l->left--;
    strbuf_adds(l->out, l->comma);
    l->comma = ",";
    batch_json(l->request, b, l->out);
    snprintf(l->last, sizeof(l->last), "%s", b->id);
    return true;
}

/* They go on while nobody looks at them but here. */
static void list(const struct fake_request *r, const char *id,
                 struct fake_reply *reply)
{
    struct listing l = { .request = r, .out = &reply->body, .comma = "" };
    char after[80], limit[16];
    size_t i;

    (void)id;
    fake_query(r, "after_id", after, sizeof(after));
    fake_query(r, "limit", limit, sizeof(limit));
    l.left = fake_page(limit, 1000);
    for (i = 0; i < fake_batch_count; i++)
        fake_batch_advance(fake_batches[i], true);
    strbuf_adds(l.out, "{\"data\":[");
    fake_batch_list(after, list_one, &l);
    strbuf_addf(l.out, "],\"last_id\":\"%s\",\"has_more\":%s}", l.last,
                l.more ? "true" : "false");
}

static void cancel(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    struct fake_batch *b = known(id);

    if (!b)
        refuse(reply, 404, "not_found_error", "No such batch");
    else if (fake_batch_cancel(b))
        batch_json(r, b, &reply->body);
    else
        refuse(reply, 400, "invalid_request_error", "It has ended");
}

static void results(const struct fake_request *r, const char *id,
                    struct fake_reply *reply)
{
    struct fake_batch *b = known(id);

    if (b && b->output[0])
        fake_file_content(r, b->output, reply);
    else
        refuse(reply, 404, "not_found_error", "No results");
}

static void delete_batch(const struct fake_request *r, const char *id,
                         struct fake_reply *reply)
{
    struct fake_batch *b = known(id);

    (void)r;
    if (!b || !fake_batch_ended(b)) {
        refuse(reply, 404, "not_found_error", "No such batch, or not ended");
        return;
    }
    fake_ledger.deletes++;
    b->gone = true;
    strbuf_addf(&reply->body,
                "{\"id\":\"%s\",\"type\":\"message_batch_deleted\"}", id);
}

/* A token is four bytes, and seven for the turn. */
static void count_tokens(const struct fake_request *r, const char *id,
                         struct fake_reply *reply)
{
    size_t len = 0;

    (void)id;
    if (!fake_find_string(r->body, r->body_len, "content", &len))
        fake_error(reply, 400, "invalid_request_error", NULL,
                   "messages: Field required");
    else
        strbuf_addf(&reply->body, "{\"input_tokens\":%zu}", (len + 31) / 4);
}

const struct fake_route fake_anthropic_routes[] = {
    { "count", "POST", "/messages/count_tokens", count_tokens, false },
    { "chat", "POST", "/messages", single, false },
    { "create", "POST", "/messages/batches", create, false },
    { "list", "GET", "/messages/batches", list, false },
    { "poll", "GET", "/messages/batches/*", poll_batch, false },
    { "cancel", "POST", "/messages/batches/*/cancel", cancel, false },
    { "download", "GET", "/messages/batches/*/results", results, false },
    { "delete", "DELETE", "/messages/batches/*", delete_batch, false },
    { NULL, NULL, NULL, NULL, false },
};

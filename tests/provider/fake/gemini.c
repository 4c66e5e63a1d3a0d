/*
 * gemini.c -- files and batches as Google has them.
 */
#include <unistd.h>

#include "tests/provider/fake/store.h"

/* -- lines -- */

static const char *check(const struct fake_batch *b,
                         const struct json_node *root)
{
    const struct json_node *request = json_member(root, "request");
    const struct json_node *system = json_member(request, "systemInstruction");

    (void)b;
    /* a wrong shape fails the whole file there */
    return json_is(json_pointer(request, "/contents/0/parts/0/text"),
                   JSON_STRING) &&
                   (!system ||
                    json_is(json_member(system, "parts"), JSON_ARRAY))
               ? NULL
               : "INVALID_ARGUMENT";
}

static const char *finish_of(const struct fake_answer *a)
{
    return a->refusal[0]                          ? "SAFETY"
           : !strcmp(a->finish, "length")         ? "MAX_TOKENS"
           : !strcmp(a->finish, "content_filter") ? "PROHIBITED_CONTENT"
                                                  : "STOP";
}

static void add_content(const struct fake_answer *a, struct strbuf *out)
{
    strbuf_adds(out, "{\"candidates\":[{\"content\":{\"parts\":["
                     "{\"text\":\"hm\",\"thought\":true},{\"text\":\"");
    strbuf_add(out, a->content.data, a->content.len);
    strbuf_addf(out,
                "\"}],\"role\":\"model\"},\"finishReason\":\"%s\",\"index\":0}"
                "],\"usageMetadata\":{\"promptTokenCount\":%ld,"
                "\"candidatesTokenCount\":%ld,\"thoughtsTokenCount\":7,"
                "\"totalTokenCount\":%ld},\"modelVersion\":\"fake\"}",
                finish_of(a), a->prompt_tokens, a->completion_tokens,
                a->prompt_tokens + a->completion_tokens + 7);
}

/* generateContent */
static void single(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    static struct fake_answer a;
    char key[200];

    (void)id;
    if (!a.content.data)
        fake_answer_init(&a);
    fake_header(r, "x-goog-api-key", key, sizeof(key));
    fake_ledger.chats++;
    fake_answer_make(r->body, r->body_len, &a);
    if (!key[0])
        fake_error(reply, 403, "PERMISSION_DENIED", NULL, "no key");
    else if (a.status != 200)
        fake_error(reply, a.status ? a.status : 500, "INTERNAL", NULL,
                   a.message);
    else
        add_content(&a, &reply->body);
}

static void answer(const char *id, size_t id_len, const struct fake_answer *a,
                   const char *model, struct strbuf *out)
{
    static long number;

    (void)model;
    if (a->status != 200) {
        strbuf_addf(out,
                    "{\"key\":\"%.*s\",\"error\":{\"code\":%d,\"message\":"
                    "\"%s\"}}",
                    (int)id_len, id, a->status >= 500 ? 13 : 3, a->message);
        return;
    }
    strbuf_addc(out, '{');
    if (number++ % 2) /* the key may come last */
        strbuf_addf(out, "\"key\":\"%.*s\",", (int)id_len, id);
    strbuf_adds(out, "\"response\":");
    add_content(a, out);
    if (number % 2)
        strbuf_addf(out, ",\"key\":\"%.*s\"", (int)id_len, id);
    strbuf_addc(out, '}');
}

static void never_ran(const char *id, size_t id_len, bool cancelled,
                      struct strbuf *out)
{
    strbuf_addf(out,
                "{\"key\":\"%.*s\",\"error\":{\"code\":%d,\"message\":"
                "\"%s\"}}",
                (int)id_len, id, cancelled ? 1 : 4,
                cancelled ? "Cancelled" : "Expired");
}

static const struct fake_dialect gemini = { .id_name = "key",
                                            .one_file = true,
                                            .check = check,
                                            .answer = answer,
                                            .never_ran = never_ran };

/* -- files -- */

static void file_json(const struct fake_file *f, struct strbuf *out)
{
    strbuf_addf(out,
                "{\"name\":\"files/%s\",\"displayName\":\"%s\",\"mimeType\":"
                "\"application/jsonl\",\"sizeBytes\":\"%lld\",\"state\":"
                "\"ACTIVE\"}",
                f->id, f->name, (long long)f->len);
}

static void upload(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    char command[64], offset[32], origin[160];

    (void)id;
    fake_header(r, "x-goog-upload-command", command, sizeof(command));
    fake_header(r, "x-goog-upload-offset", offset, sizeof(offset));
    if (!strcmp(command, "start")) {
        fake_origin(r, origin, sizeof(origin));
        strbuf_addf(&reply->headers,
                    "X-Goog-Upload-URL: %s/upload/v1beta/bytes?upload_id=1\r\n"
                    "X-Goog-Upload-Status: active\r\n",
                    origin);
    } else if (!strcmp(command, "upload, finalize") && !strcmp(offset, "0")) {
        fake_ledger.uploads++;
        strbuf_adds(&reply->headers, "X-Goog-Upload-Status: final\r\n");
        strbuf_adds(&reply->body, "{\"file\":");
        file_json(fake_file_take(r, "upload.jsonl"), &reply->body);
        strbuf_addc(&reply->body, '}');
    } else {
        fake_error(reply, 400, "INVALID_ARGUMENT", NULL, "what upload?");
    }
}

static void get_file(const struct fake_request *r, const char *id,
                     struct fake_reply *reply)
{
    struct fake_file *f = fake_file_find(id);

    (void)r;
    if (f)
        file_json(f, &reply->body);
    else
        fake_error(reply, 403, "PERMISSION_DENIED", NULL,
                   "You do not have permission, or it may not exist.");
}

static void delete_file(const struct fake_request *r, const char *id,
                        struct fake_reply *reply)
{
    struct fake_file *f = fake_file_find(id);

    get_file(r, id, reply);
    if (!f)
        return;
    strbuf_clear(&reply->body);
    strbuf_adds(&reply->body, "{}");
    fake_batches_start();
    fake_ledger.deletes++;
    f->gone = true;
    close(f->fd);
}

/* -- batches -- */

static const char *word_of(const struct fake_batch *b)
{
    static const char *const words[][2] = {
        { "validating", "PENDING" },    { "in_progress", "RUNNING" },
        { "completed", "SUCCEEDED" },   { "failed", "FAILED" },
        { "expired", "EXPIRED" },       { "cancelled", "CANCELLED" },
        { "cancelling", "CANCELLING" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(b->status, words[i][0]))
            return words[i][1];
    return "UNSPECIFIED";
}

/* The lines of the output as elements. */
static void inline_json(const struct fake_batch *b, struct strbuf *out)
{
    struct fake_file *f = fake_file_find(b->output);
    size_t mapped, i;
    const char *map;

    if (!f)
        return;
    map = fake_map(f->fd, &mapped);
    strbuf_adds(out, "\"inlinedResponses\":{\"inlinedResponses\":[");
    for (i = 0; i < (size_t)f->len; i++)
        if (map[f->at + (off_t)i] != '\n')
            strbuf_addc(out, map[f->at + (off_t)i]);
        else if (i + 1 < (size_t)f->len)
            strbuf_addc(out, ',');
    strbuf_adds(out, "]}");
    fake_unmap(map, mapped);
}

static void iso(double t, char *out, size_t size)
{
    time_t s = (time_t)t;
    struct tm tm;

    gmtime_r(&s, &tm);
    strftime(out, size, "%Y-%m-%dT%H:%M:%S.123456Z", &tm);
}

/* The client library looks under metadata.output, the guide under response. */
static void output_json(const struct fake_batch *b, struct strbuf *out)
{
    strbuf_addc(out, '{');
    if (fake_settings.inlined)
        inline_json(b, out);
    else
        strbuf_addf(out, "\"responsesFile\":\"files/%s\"", b->output);
    strbuf_addc(out, '}');
}

static void metadata_json(const struct fake_batch *b, bool with_output,
                          struct strbuf *out)
{
    char created[40];

    iso(b->created, created, sizeof(created));
    strbuf_addf(out,
                "{\"@type\":\"x\",\"displayName\":\"%s\",\"state\":"
                "\"%s_STATE_%s\",\"model\":\"models/%s\",\"createTime\":\"%s\","
                "\"batchStats\":{\"requestCount\":\"%ld\","
                "\"successfulRequestCount\":\"%ld\",\"failedRequestCount\":"
                "\"%ld\"}",
                b->key, !strcmp(fake_settings.shape, "job") ? "JOB" : "BATCH",
                word_of(b), b->model, created, b->total, b->done, b->failed);
    if (with_output) {
        strbuf_adds(out, ",\"output\":");
        output_json(b, out);
    }
    strbuf_addc(out, '}');
}

/* The key of a line is "key" in files, metadata.key inline: the fake keeps
 * "key", which the client accepts in both. */
static void operation_json(const struct fake_batch *b, struct strbuf *out)
{
    bool expired = !strcmp(b->status, "expired"); /* gives nothing at all */
    bool with_output = b->output[0] && !expired;

    strbuf_addf(out, "{\"name\":\"batches/%s\",\"metadata\":", b->id);
    metadata_json(b, with_output, out);
    strbuf_addf(out, ",\"done\":%s", fake_batch_ended(b) ? "true" : "false");
    if (b->fail_code[0] || expired)
        strbuf_addf(out, ",\"error\":{\"code\":3,\"message\":\"%s\"}",
                    b->fail_message);
    if (with_output && !fake_settings.inlined) {
        strbuf_adds(out, ",\"response\":");
        output_json(b, out);
    }
    strbuf_addc(out, '}');
}

static void create(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root, *batch;
    struct fake_batch *b;
    struct error err;
    char name[80];

    root = json_read(doc, r->body, r->body_len, &json_limits_default, &err);
    batch = json_member(root, "batch");
    fake_copy(json_member(batch, "inputConfig"), "fileName", name,
              sizeof(name));
    if (strncmp(name, "files/", 6) != 0 || !fake_file_find(name + 6)) {
        fake_error(reply, 404, "NOT_FOUND", NULL, "File not found");
    } else {
        b = fake_batch_new(&gemini, "b", name + 6);
        fake_copy(batch, "displayName", b->key, sizeof(b->key));
        snprintf(b->model, sizeof(b->model), "%s", id);
        operation_json(b, &reply->body);
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
        fake_error(reply, 404, "NOT_FOUND", NULL, "No such batch");
        return;
    }
    fake_batch_advance(b, true);
    operation_json(b, &reply->body);
}

static void cancel(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    struct fake_batch *b = fake_batch_find(id);

    (void)r;
    if (!b)
        fake_error(reply, 404, "NOT_FOUND", NULL, "No such batch");
    else if (fake_batch_cancel(b))
        strbuf_adds(&reply->body, "{}");
    else
        fake_error(reply, 400, "FAILED_PRECONDITION", NULL, "It has ended");
}

struct listing {
    struct strbuf *out;
    const char *comma;
    long left;
    char token[80];
};

static bool list_one(const struct fake_batch *b, void *context)
{
    struct listing *l = context;

    if (b->dialect != &gemini)
        return true;
    if (!l->left--)
        return false;
    strbuf_adds(l->out, l->comma);
    l->comma = ",";
    operation_json(b, l->out);
    if (!l->left)
        snprintf(l->token, sizeof(l->token), "%s", b->id);
    return true;
}

static void list(const struct fake_request *r, const char *id,
                 struct fake_reply *reply)
{
    struct listing l = { .out = &reply->body, .comma = "" };
    char token[80], size[16];

    (void)id;
    fake_query(r, "pageToken", token, sizeof(token));
    fake_query(r, "pageSize", size, sizeof(size));
    l.left = fake_page(size, 100);
    if (!fake_batch_count) {
        strbuf_adds(l.out, "{}");
        return;
    }
    strbuf_adds(l.out, "{\"operations\":[");
    fake_batch_list(token, list_one, &l);
    strbuf_adds(l.out, "]");
    if (l.token[0])
        strbuf_addf(l.out, ",\"nextPageToken\":\"%s\"", l.token);
    strbuf_adds(l.out, "}");
}

static void get_model(const struct fake_request *r, const char *id,
                      struct fake_reply *reply)
{
    (void)r;
    if (fake_settings.model[0] && strcmp(id, fake_settings.model) != 0)
        fake_error(reply, 404, "NOT_FOUND", NULL, "No such model");
    else
        strbuf_addf(&reply->body, "{\"name\":\"models/%s\"}", id);
}

/* A token is four bytes, and one for the turn. */
static void count_tokens(const struct fake_request *r, const char *id,
                         struct fake_reply *reply)
{
    size_t len = 0;

    (void)id;
    if (!fake_find_string(r->body, r->body_len, "text", &len))
        fake_error(reply, 400, "INVALID_ARGUMENT", NULL, "contents missing");
    else
        strbuf_addf(&reply->body, "{\"totalTokens\":%zu}", (len + 7) / 4);
}

const struct fake_route fake_gemini_routes[] = {
    { "start", "POST", "/upload/v1beta/files", upload, false },
    { "upload", "POST", "/upload/v1beta/bytes", upload, true },
    { "file", "GET", "/v1beta/files/*", get_file, false },
    { "delete", "DELETE", "/v1beta/files/*", delete_file, false },
    { "download", "GET", "/download/v1beta/files/*:download", fake_file_content,
      false },
    { "download", "GET", "/v1beta/files/*:download", fake_file_content, false },
    { "chat", "POST", "/v1beta/models/*:generateContent", single, false },
    { "create", "POST", "/v1beta/models/*:batchGenerateContent", create,
      false },
    { "list", "GET", "/v1beta/batches", list, false },
    { "poll", "GET", "/v1beta/batches/*", poll_batch, false },
    { "cancel", "POST", "/v1beta/batches/*:cancel", cancel, false },
    { "model", "GET", "/v1beta/models/*", get_model, false },
    { "count", "POST", "/v1beta/models/*:countTokens", count_tokens, false },
    { NULL, NULL, NULL, NULL, false },
};

/*
 * openai.c -- files, batches, chat and models of the OpenAI dialect.
 */
#include <unistd.h>

#include "base/jsonw.h"
#include "tests/provider/fake/fake.h"

#define MOST_IDS 100000

/* -- files -- */

struct file {
    char id[64];
    char name[256];
    char purpose[32];
    char expires[32]; /* expires_after[seconds] */
    int fd;
    off_t at, len;
    double created;
    bool gone;
};

static struct file *files[MOST_IDS];
static size_t file_count;

static struct file *new_file(const char *name, const char *purpose, int fd,
                             off_t at, off_t len)
{
    struct file *f = calloc(1, sizeof(*f));

    if (!f || file_count == MOST_IDS)
        fake_die("files");
    snprintf(f->id, sizeof(f->id), "file-%06zu", file_count + 1);
    snprintf(f->name, sizeof(f->name), "%s", name);
    snprintf(f->purpose, sizeof(f->purpose), "%s", purpose);
    f->fd = fd;
    f->at = at;
    f->len = len;
    f->created = fake_time();
    files[file_count++] = f;
    return f;
}

static struct file *find_file(const char *id)
{
    size_t i;

    for (i = 0; i < file_count; i++)
        if (!files[i]->gone && !strcmp(files[i]->id, id))
            return files[i];
    return NULL;
}

static void add_time(struct jsonw *w, const char *name, double t)
{
    const char *how = fake_settings.times;
    char text[40];
    struct tm tm;
    time_t s = (time_t)t;

    if (!t) {
        jsonw_null(w, name);
        return;
    }
    snprintf(text, sizeof(text), "%ld", (long)t);
    if (!strcmp(how, "iso")) {
        gmtime_r(&s, &tm);
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.000Z", &tm);
    }
    if (!strcmp(how, "ms"))
        jsonw_integer(w, name, (int64_t)(t * 1000));
    else if (!strcmp(how, "number"))
        jsonw_integer(w, name, (int64_t)t);
    else
        jsonw_text(w, name, text);
}

static void file_json(const struct file *f, struct strbuf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", f->id);
    jsonw_text(&w, "object", "file");
    jsonw_integer(&w, "bytes", f->len);
    add_time(&w, "created_at", f->created);
    jsonw_text(&w, "filename", f->name);
    jsonw_text(&w, "purpose", f->purpose);
    if (f->expires[0])
        jsonw_text(&w, "expires_after", f->expires);
    jsonw_text(&w, "status", "processed");
    jsonw_end_object(&w);
}

static void no_such(struct fake_reply *reply, const char *what, const char *id)
{
    char text[200];

    snprintf(text, sizeof(text), "No such %s object: %.60s", what, id);
    fake_error(reply, 404, "invalid_request_error", NULL, text);
}

/* -- multipart -- */

struct part {
    char name[64], filename[256];
    const char *data;
    size_t len;
};

static void attribute(const char *head, const char *end, const char *name,
                      char *out, size_t size)
{
    char label[40];
    const char *at, *stop;

    out[0] = '\0';
    snprintf(label, sizeof(label), " %s=\"", name);
    at = memmem(head, (size_t)(end - head), label, strlen(label));
    if (!at)
        return;
    at += strlen(label);
    stop = memchr(at, '"', (size_t)(end - at));
    if (stop)
        snprintf(out, size, "%.*s", (int)(stop - at), at);
}

/* The part that begins at *at, behind a boundary line; false at the end. */
static bool next_part(const char **at, const char *end, const char *boundary,
                      struct part *part)
{
    const char *head = *at, *body, *stop;
    size_t n = strlen(boundary);

    body = memmem(head, (size_t)(end - head), "\r\n\r\n", 4);
    if (!body)
        return false;
    attribute(head, body, "name", part->name, sizeof(part->name));
    attribute(head, body, "filename", part->filename, sizeof(part->filename));
    body += 4;
    stop = memmem(body, (size_t)(end - body), boundary, n);
    if (!stop)
        return false;
    part->data = body;
    part->len = (size_t)(stop - body);
    *at = stop + n;
    return true;
}

static void upload(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    char type[256], boundary[200] = "\r\n--", purpose[32] = "",
                    expires[32] = "";
    const char *at = r->body, *end = r->body + r->body_len, *mark;
    struct part part, file = { .name = "" };
    struct file *f;

    (void)id;
    fake_header(r, "content-type", type, sizeof(type));
    mark = strstr(type, "boundary=");
    if (!mark) {
        fake_error(reply, 400, "invalid_request_error", NULL, "no multipart");
        return;
    }
    snprintf(boundary + 4, sizeof(boundary) - 4, "%s",
             mark + 9 + (mark[9] == '"'));
    boundary[4 + strcspn(boundary + 4, "\";")] = '\0';
    while (next_part(&at, end, boundary, &part)) {
        if (!strcmp(part.name, "purpose"))
            snprintf(purpose, sizeof(purpose), "%.*s", (int)part.len,
                     part.data);
        else if (!strcmp(part.name, "expires_after[seconds]"))
            snprintf(expires, sizeof(expires), "%.*s", (int)part.len,
                     part.data);
        else if (!strcmp(part.name, "file"))
            file = part;
    }
    if (!file.name[0] || !purpose[0] || strlen(file.filename) < 6 ||
        strcmp(file.filename + strlen(file.filename) - 6, ".jsonl") != 0) {
        fake_error(reply, 400, "invalid_request_error", NULL,
                   "The Batch API needs a .jsonl file and a purpose");
        return;
    }
    fake_ledger.uploads++;
    f = new_file(file.filename, purpose, dup(r->spool),
                 (off_t)(file.data - r->body), (off_t)file.len);
    snprintf(f->expires, sizeof(f->expires), "%s", expires);
    file_json(f, &reply->body);
}

static void get_file(const struct fake_request *r, const char *id,
                     struct fake_reply *reply)
{
    struct file *f = find_file(id);

    (void)r;
    if (f)
        file_json(f, &reply->body);
    else
        no_such(reply, "File", id);
}

static void list_files(const struct fake_request *r, const char *id,
                       struct fake_reply *reply)
{
    const char *comma = "";
    size_t i;

    (void)r, (void)id;
    strbuf_adds(&reply->body, "{\"object\":\"list\",\"data\":[");
    for (i = 0; i < file_count; i++) {
        if (files[i]->gone)
            continue;
        strbuf_adds(&reply->body, comma);
        file_json(files[i], &reply->body);
        comma = ",";
    }
    strbuf_adds(&reply->body, "],\"has_more\":false}");
}

/* "bytes=N-", or 0 when the client's ETag is another file's. */
static off_t range_of(const struct fake_request *r, const struct file *f)
{
    char range[64], condition[128], tag[80];

    fake_header(r, "range", range, sizeof(range));
    fake_header(r, "if-range", condition, sizeof(condition));
    snprintf(tag, sizeof(tag), "\"%s\"", f->id);
    if (!fake_settings.ranges || strncmp(range, "bytes=", 6) != 0 ||
        (condition[0] && strcmp(condition, tag) != 0))
        return 0;
    return (off_t)strtoll(range + 6, NULL, 10);
}

static void content(const struct fake_request *r, const char *id,
                    struct fake_reply *reply)
{
    struct file *f = find_file(id);
    off_t from;

    if (!f) {
        no_such(reply, "File", id);
        return;
    }
    fake_ledger.downloads++;
    from = range_of(r, f);
    strbuf_addf(&reply->headers, "ETag: \"%s\"\r\n", f->id);
    if (from >= f->len && from) {
        fake_error(reply, 416, "invalid_request_error", NULL, "no such range");
        return;
    }
    if (from) {
        reply->status = 206;
        strbuf_addf(&reply->headers, "Content-Range: bytes %lld-%lld/%lld\r\n",
                    (long long)from, (long long)f->len - 1, (long long)f->len);
    }
    reply->type = "application/octet-stream";
    reply->file = dup(f->fd);
    reply->file_at = f->at + from;
    reply->file_len = f->len - from;
}

static void delete_file(const struct fake_request *r, const char *id,
                        struct fake_reply *reply)
{
    struct file *f = find_file(id);

    (void)r;
    if (!f) {
        no_such(reply, "File", id);
        return;
    }
    fake_ledger.deletes++;
    f->gone = true;
    close(f->fd);
    strbuf_addf(&reply->body,
                "{\"id\":\"%s\",\"object\":\"file\","
                "\"deleted\":true}",
                id);
}

/* -- batches -- */

struct batch {
    char id[64];
    char status[24];
    char *metadata; /* owned: JSON or "null" */
    char endpoint[64];
    char window[16];
    char input[64], output[64], errors[64];
    char fail_code[64], fail_message[300];
    long fail_line; /* 0 = null */
    long total, done, failed, looks, hidden, tokens;
    double created, finished;
};

static struct batch *batches[MOST_IDS];
static size_t batch_count;

static struct batch *find_batch(const char *id)
{
    size_t i;

    for (i = 0; i < batch_count; i++)
        if (!strcmp(batches[i]->id, id))
            return batches[i];
    return NULL;
}

static bool ended(const struct batch *b)
{
    return !strcmp(b->status, "completed") || !strcmp(b->status, "failed") ||
           !strcmp(b->status, "expired") || !strcmp(b->status, "cancelled");
}

static void add_id(struct jsonw *w, const char *name, const char *id)
{
    if (id[0] || !strcmp(fake_settings.ids, "empty"))
        jsonw_text(w, name, id);
    else
        jsonw_null(w, name);
}

static void errors_json(struct jsonw *w, const struct batch *b)
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

static const char *word_of(const struct batch *b)
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

static void batch_json(const struct batch *b, struct strbuf *out)
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
    add_time(&w, "created_at", b->created);
    add_time(&w, "completed_at", b->finished);
    jsonw_object(&w, "request_counts");
    jsonw_integer(&w, "total", b->total);
    jsonw_integer(&w, "completed", b->done);
    jsonw_integer(&w, "failed", b->failed);
    jsonw_end_object(&w);
    jsonw_raw(&w, "metadata", b->metadata, strlen(b->metadata));
    jsonw_end_object(&w);
}

static void told(const struct batch *b, struct fake_reply *reply, bool wrapped)
{
    wrapped = wrapped && !strcmp(fake_settings.shape, "together");
    if (wrapped)
        strbuf_adds(&reply->body, "{\"job\":");
    batch_json(b, &reply->body);
    if (wrapped)
        strbuf_addc(&reply->body, '}');
}

/* -- validation -- */

static void refuse(struct batch *b, const char *code, const char *message,
                   long line)
{
    snprintf(b->status, sizeof(b->status), "failed");
    snprintf(b->fail_code, sizeof(b->fail_code), "%s", code);
    snprintf(b->fail_message, sizeof(b->fail_message), "%s", message);
    b->fail_line = line;
    b->finished = fake_time();
}

static int by_value(const void *a, const void *b)
{
    uint64_t x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return x < y ? -1 : x > y;
}

/* The lines of a file, as offsets from its start. */
struct lines {
    const char *map, *text;
    size_t mapped, len;
    size_t *at, count;
};

static void lines_open(struct lines *l, const struct file *f)
{
    const char *p, *end;
    size_t room = 0;

    memset(l, 0, sizeof(*l));
    l->map = fake_map(f->fd, &l->mapped);
    l->text = l->map + f->at;
    l->len = (size_t)f->len;
    for (p = l->text; p < l->text + l->len; p = end + 1) {
        end = memchr(p, '\n', (size_t)(l->text + l->len - p));
        if (!end)
            end = l->text + l->len;
        if (end == p)
            continue;
        if (l->count + 1 >= room) {
            room = room ? room * 2 : 1024;
            l->at = realloc(l->at, room * sizeof(*l->at));
            if (!l->at)
                fake_die("memory");
        }
        l->at[l->count++] = (size_t)(p - l->text);
    }
}

static void lines_close(struct lines *l)
{
    fake_unmap(l->map, l->mapped);
    free(l->at);
}

static const char *line_at(const struct lines *l, size_t i, size_t *len)
{
    const char *p = l->text + l->at[i], *end;

    end = memchr(p, '\n', (size_t)(l->text + l->len - p));
    *len = (size_t)((end ? end : l->text + l->len) - p);
    return p;
}

static bool line_is_good(const struct lines *l, size_t i, struct json_doc *doc,
                         struct batch *b, uint64_t *id_hash)
{
    const struct json_node *root, *id;
    struct error err;
    size_t len;
    const char *line = line_at(l, i, &len);

    root = json_read(doc, line, len, &json_limits_default, &err);
    id = json_member(root, "custom_id");
    if (!root || !json_is(json_member(root, "body"), JSON_OBJECT) ||
        !json_equals(json_member(root, "method"), "POST"))
        refuse(b, "invalid_json_line",
               "This line is not parseable as valid JSON.", (long)i + 1);
    else if (!json_is(id, JSON_STRING) || !id->len || id->len > 64)
        refuse(b, "invalid_request", "custom_id is missing or too long.",
               (long)i + 1);
    else if (!json_equals(json_member(root, "url"), b->endpoint))
        refuse(b, "url_mismatch", "The URL differs from the batch's endpoint.",
               (long)i + 1);
    else {
        *id_hash = fake_hash(id->text, id->len);
        return true;
    }
    return false;
}

static void check_lines(struct batch *b, const struct lines *l)
{
    struct json_doc *doc = json_doc_new();
    uint64_t *ids = calloc(l->count + 1, sizeof(*ids));
    size_t i;

    if (!doc || !ids)
        fake_die("memory");
    for (i = 0; i < l->count; i++)
        if (!line_is_good(l, i, doc, b, &ids[i]))
            goto out;
    qsort(ids, l->count, sizeof(*ids), by_value);
    for (i = 1; i < l->count; i++)
        if (ids[i] == ids[i - 1])
            refuse(b, "duplicate_custom_id",
                   "A custom_id occurs more than once.", 0);
out:
    free(ids);
    json_doc_free(doc);
}

static long enqueued(void)
{
    long sum = 0;
    size_t i;

    for (i = 0; i < batch_count; i++)
        if (!ended(batches[i]))
            sum += batches[i]->tokens;
    return sum;
}

static void check_limit(struct batch *b, const struct lines *l)
{
    char text[300];

    b->tokens = (long)(l->len / 4);
    if (!fake_settings.token_limit ||
        enqueued() + b->tokens <= fake_settings.token_limit)
        return;
    snprintf(text, sizeof(text),
             "Enqueued token limit reached for gpt-4o-mini in organization "
             "org-fake. Limit: %ld enqueued tokens. Please try again once "
             "some in_progress batches have been completed.",
             fake_settings.token_limit);
    refuse(b, "token_limit_exceeded", text, 0);
}

/* Requests are taken here: what would be charged for if answered. */
static void accept_lines(struct batch *b, const struct lines *l)
{
    size_t i, len, id_len;
    const char *line, *id;

    b->total = (long)l->count;
    for (i = 0; i < l->count; i++) {
        line = line_at(l, i, &len);
        id = fake_find_string(line, len, "custom_id", &id_len);
        if (!id)
            continue;
        fake_count(id, id_len)->accepted++;
        fake_ledger.accepted++;
    }
}

static void validate(struct batch *b)
{
    struct file *f = find_file(b->input);
    struct lines l;

    if (!f) {
        refuse(b, "file_not_found", "The input file is gone.", 0);
        return;
    }
    lines_open(&l, f);
    if (!l.count)
        refuse(b, "empty_file", "The input file is empty.", 0);
    else if (fake_settings.validate)
        check_lines(b, &l);
    if (!ended(b))
        check_limit(b, &l);
    if (!ended(b) && !strcmp(fake_settings.end, "failed"))
        refuse(b, fake_settings.fail_code, fake_settings.fail_message, 3);
    if (!ended(b)) {
        accept_lines(b, &l);
        snprintf(b->status, sizeof(b->status), "in_progress");
    }
    lines_close(&l);
}

/* -- answering -- */

/* Output is gathered and written in pieces. */
struct sink {
    int fd;
    struct strbuf text;
    off_t len;
};

static void sink_flush(struct sink *s)
{
    fake_write(s->fd, s->text.data, s->text.len);
    s->len += (off_t)s->text.len;
    strbuf_clear(&s->text);
}

static void sink_line(struct sink *s, const char *line, size_t len)
{
    strbuf_add(&s->text, line, len);
    strbuf_adds(&s->text, fake_settings.blank ? "\r\n\r\n" : "\n");
    if (s->text.len > MIB)
        sink_flush(s);
}

static void sink_open(struct sink *s)
{
    s->fd = fake_temporary();
    s->len = 0;
    strbuf_init(&s->text, 256 * MIB);
    if (fake_settings.blank)
        strbuf_adds(&s->text, "\xef\xbb\xbf");
}

static void sink_close(struct sink *s, const char *suffix, char *id,
                       size_t size)
{
    struct file *f;

    if (fake_settings.blank && s->text.len > 4)
        strbuf_cut(&s->text, s->text.len - 4);
    sink_flush(s);
    strbuf_release(&s->text);
    id[0] = '\0';
    if (s->len > 3) {
        f = new_file(suffix, "batch_output", s->fd, 0, s->len);
        snprintf(id, size, "%s", f->id);
    } else {
        close(s->fd);
    }
}

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

static void expired_line(const char *id, size_t id_len, const char *code,
                         struct strbuf *out)
{
    strbuf_addf(out,
                "{\"id\":\"batch_req_x\",\"custom_id\":\"%.*s\","
                "\"response\":null,\"error\":{\"code\":\"%s\",\"message\":"
                "\"This request could not be executed before the completion "
                "window expired.\"}}",
                (int)id_len, id, code);
}

static bool every(long n, size_t i)
{
    return n > 0 && (long)i % n == n - 1;
}

struct answering {
    struct batch *batch;
    struct sink good, bad;
    struct fake_answer answer;
    struct strbuf line;
    const char *ending; /* error code for what isn't answered, NULL = all is */
};

static void tell(struct answering *w, size_t i, bool good)
{
    struct sink *s = good ? &w->good : &w->bad;

    if (every(fake_settings.missing, i))
        return;
    if (every(fake_settings.garble, i))
        strbuf_cut(&w->line, w->line.len / 2);
    sink_line(s, w->line.data, w->line.len);
    if (every(fake_settings.duplicate, i))
        sink_line(s, w->line.data, w->line.len);
}

static void answer_one(struct answering *w, const struct lines *l, size_t i)
{
    size_t len, id_len = 0, model_len = 0;
    const char *line = line_at(l, i, &len), *id, *model;
    char name[128];

    id = fake_find_string(line, len, "custom_id", &id_len);
    model = fake_find_string(line, len, "model", &model_len);
    snprintf(name, sizeof(name), "%.*s", (int)model_len, model ? model : "");
    strbuf_clear(&w->line);
    if (w->ending && i % 2) {
        expired_line(id ? id : "", id_len, w->ending, &w->line);
        w->batch->failed++;
        tell(w, i, false);
        return;
    }
    fake_answer_make(line, len, &w->answer);
    if (every(fake_settings.fail, i) && w->answer.status == 200)
        w->answer.status = 400;
    if (!w->answer.status)
        return;
    if (w->answer.status == 200 && id) {
        fake_count(id, id_len)->billed++;
        fake_ledger.billed++;
        w->batch->done++;
    } else {
        w->batch->failed++;
    }
    output_line(id ? id : "", id_len, &w->answer, name, &w->line);
    tell(w, i, w->answer.status == 200);
}

/* A fixed scramble, so that runs are alike. */
static void arrange(struct lines *l)
{
    uint64_t x = 88172645463325252u;
    size_t i, j, swap;

    for (i = l->count; i > 1; i--) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        j = !strcmp(fake_settings.order, "shuffle") ? x % i
            : !strcmp(fake_settings.order, "reverse") && i > l->count / 2
                ? l->count - i
                : i - 1;
        swap = l->at[i - 1];
        l->at[i - 1] = l->at[j];
        l->at[j] = swap;
    }
}

static void answer_all(struct batch *b, const char *ending)
{
    struct answering w = { .batch = b, .ending = ending };
    struct file *f = find_file(b->input);
    struct lines l;
    size_t i;

    if (!f)
        return;
    lines_open(&l, f);
    arrange(&l);
    sink_open(&w.good);
    sink_open(&w.bad);
    fake_answer_init(&w.answer);
    strbuf_init(&w.line, 128 * MIB);
    for (i = 0; i < l.count; i++)
        answer_one(&w, &l, i);
    for (i = 0; (long)i < fake_settings.unknown; i++) {
        strbuf_clear(&w.line);
        strbuf_addf(&w.line, "never-asked-%zu", i);
        expired_line(w.line.data, w.line.len, "batch_expired", &w.good.text);
        strbuf_addc(&w.good.text, '\n');
    }
    sink_close(&w.good, "output.jsonl", b->output, sizeof(b->output));
    sink_close(&w.bad, "errors.jsonl", b->errors, sizeof(b->errors));
    strbuf_release(&w.line);
    fake_answer_release(&w.answer);
    lines_close(&l);
}

static void finish(struct batch *b)
{
    const char *end = fake_settings.end;

    if (!strcmp(b->status, "cancelling") || !strcmp(end, "cancelled")) {
        answer_all(b, "batch_cancelled");
        end = "cancelled";
    } else if (!strcmp(end, "expired")) {
        answer_all(b, "batch_expired");
    } else if (!strcmp(end, "stuck")) {
        return;
    } else {
        answer_all(b, NULL);
        end = "completed";
    }
    snprintf(b->status, sizeof(b->status), "%.23s", end);
    b->finished = fake_time();
}

/* Moves a batch on because it is looked at, or because time went by. */
static void advance(struct batch *b, bool looked)
{
    if (looked)
        b->looks++;
    if (ended(b))
        return;
    if (!strcmp(b->status, "validating"))
        validate(b);
    if (ended(b))
        return;
    if (fake_settings.seconds > 0
            ? fake_time() - b->created >= fake_settings.seconds
            : b->looks >= fake_settings.polls)
        finish(b);
}

static void create(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root, *metadata;
    struct batch *b = calloc(1, sizeof(*b));
    struct error err;

    (void)id;
    if (!doc || !b || batch_count == MOST_IDS)
        fake_die("batches");
    root = json_read(doc, r->body, r->body_len, &json_limits_default, &err);
    snprintf(b->id, sizeof(b->id), "batch_%06zu", batch_count + 1);
    snprintf(b->status, sizeof(b->status), "validating");
#define COPY(member, name)                                                     \
    do {                                                                       \
        const struct json_node *n = json_member(root, name);                   \
        if (json_is(n, JSON_STRING))                                           \
            snprintf(b->member, sizeof(b->member), "%.*s", (int)n->len,        \
                     n->text);                                                 \
    } while (0)
    COPY(input, "input_file_id");
    COPY(endpoint, "endpoint");
    COPY(window, "completion_window");
    if (!b->input[0] || !b->endpoint[0] || !b->window[0]) {
        fake_error(reply, 400, "invalid_request_error",
                   "missing_required_parameter", "Missing required parameter.");
        free(b);
    } else if (!find_file(b->input)) {
        fake_error(reply, 400, "invalid_request_error", NULL,
                   "Cannot find file with the id given.");
        free(b);
    } else {
        metadata = json_member(root, "metadata");
        b->metadata =
            metadata ? strndup(metadata->text, metadata->len) : strdup("null");
        b->created = fake_time();
        b->hidden = fake_settings.lag;
        batches[batch_count++] = b;
        fake_ledger.creates++;
        told(b, reply, true);
        if (!fake_settings.polls)
            advance(b, false);
    }
    json_doc_free(doc);
}

static void poll_batch(const struct fake_request *r, const char *id,
                       struct fake_reply *reply)
{
    struct batch *b = find_batch(id);

    (void)r;
    fake_ledger.polls++;
    if (!b) {
        no_such(reply, "Batch", id);
        return;
    }
    advance(b, true);
    told(b, reply, false);
}

static void cancel(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    struct batch *b = find_batch(id);

    (void)r;
    if (!b) {
        no_such(reply, "Batch", id);
        return;
    }
    fake_ledger.cancels++;
    if (ended(b)) {
        fake_error(reply, 409, "invalid_request_error", NULL,
                   "Cannot cancel a batch that has ended.");
        return;
    }
    if (!strcmp(b->status, "validating"))
        validate(b);
    if (!ended(b)) {
        snprintf(b->status, sizeof(b->status), "cancelling");
        b->looks = fake_settings.polls - 1;
    }
    told(b, reply, false);
}

/* Newest first, from after `after`; lagging ones are not shown yet. */
static void list(const struct fake_request *r, const char *id,
                 struct fake_reply *reply)
{
    char after[80], limit[16], last[64] = "";
    const char *comma = "";
    long most, n = 0;
    size_t i;
    bool bare = !strcmp(fake_settings.shape, "together"), more = false;

    (void)id;
    fake_ledger.lists++;
    fake_query(r, "after", after, sizeof(after));
    fake_query(r, "limit", limit, sizeof(limit));
    most = limit[0] ? strtol(limit, NULL, 10) : 20;
    if (most < 1 || most > 100)
        most = 100;
    strbuf_adds(&reply->body, bare ? "["
                              : !strcmp(fake_settings.shape, "azure")
                                  ? "{\"value\":["
                                  : "{\"object\":\"list\",\"data\":[");
    for (i = batch_count; i-- > 0;) {
        if (after[0]) {
            if (!strcmp(batches[i]->id, after))
                after[0] = '\0';
            continue;
        }
        if (batches[i]->hidden > 0) {
            batches[i]->hidden--;
            continue;
        }
        more = n == most && !bare;
        if (more)
            break;
        strbuf_adds(&reply->body, comma);
        batch_json(batches[i], &reply->body);
        snprintf(last, sizeof(last), "%s", batches[i]->id);
        comma = ",";
        n++;
    }
    strbuf_adds(&reply->body, "]");
    if (!bare)
        strbuf_addf(&reply->body, ",\"last_id\":\"%s\",\"has_more\":%s}", last,
                    more ? "true" : "false");
}

/* -- realtime -- */

#define REMEMBERED 65536
static double chat_times[REMEMBERED];
static size_t chat_first, chat_last;

/* One more within the last 60 s? */
static bool within_rate(void)
{
    double now = fake_now();

    while (chat_first != chat_last &&
           chat_times[chat_first % REMEMBERED] < now - 60)
        chat_first++;
    if (fake_settings.rpm > 0 &&
        (long)(chat_last - chat_first) >= fake_settings.rpm)
        return false;
    chat_times[chat_last++ % REMEMBERED] = now;
    return true;
}

/* Realtime requests have no custom_id: their "user" stands for it. */
static struct fake_line_count *count_user(const struct fake_request *r)
{
    size_t len = 0;
    const char *user = fake_find_string(r->body, r->body_len, "user", &len);
    struct fake_line_count *count;

    if (!user)
        return NULL;
    count = fake_count(user, len);
    count->accepted++;
    return count;
}

static void chat(const struct fake_request *r, const char *id,
                 struct fake_reply *reply)
{
    static struct fake_answer a;
    struct fake_line_count *count;
    const char *model;
    char name[128];
    size_t len = 0;

    (void)id;
    if (!a.content.data)
        fake_answer_init(&a);
    fake_ledger.chats++;
    reply->wait = fake_settings.latency;
    count = count_user(r);
    if (fake_settings.busy && fake_ledger.in_flight > fake_settings.busy) {
        fake_error(reply, 503, "api_error", NULL,
                   "server busy, please try again. maximum pending requests "
                   "exceeded");
        return;
    }
    if (!within_rate()) {
        strbuf_adds(&reply->headers, "Retry-After: 1\r\n"
                                     "x-ratelimit-remaining-requests: 0\r\n"
                                     "x-ratelimit-reset-requests: 1s\r\n");
        fake_error(reply, 429, "requests", "rate_limit_exceeded",
                   "Rate limit reached for requests.");
        return;
    }
    model = fake_find_string(r->body, r->body_len, "model", &len);
    snprintf(name, sizeof(name), "%.*s", (int)len, model ? model : "");
    if (fake_settings.model[0] && strcmp(name, fake_settings.model) != 0) {
        fake_error(reply, 404, "not_found_error", "model_not_found",
                   "model not found, try pulling it first");
        return;
    }
    fake_answer_make(r->body, r->body_len, &a);
    if (!a.status)
        a.status = 500;
    reply->status = a.status;
    if (a.status == 200)
        fake_ledger.billed++;
    if (count && a.status == 200)
        count->billed++;
    fake_answer_body(&a, name, &reply->body);
}

static void list_models(const struct fake_request *r, const char *id,
                        struct fake_reply *reply)
{
    (void)r, (void)id;
    strbuf_addf(&reply->body,
                "{\"object\":\"list\",\"data\":[{\"id\":\"%s\",\"object\":"
                "\"model\"},{\"id\":\"other-model\",\"object\":\"model\"}]}",
                fake_settings.model[0] ? fake_settings.model
                                       : "gpt-4o-mini-2024-07-18");
}

static void get_model(const struct fake_request *r, const char *id,
                      struct fake_reply *reply)
{
    (void)r;
    if (fake_settings.model[0] && strcmp(id, fake_settings.model) != 0)
        fake_error(reply, 404, "invalid_request_error", "model_not_found",
                   "The model does not exist or you do not have access to it.");
    else
        strbuf_addf(&reply->body, "{\"id\":\"%s\",\"object\":\"model\"}", id);
}

const struct fake_route fake_openai_routes[] = {
    { "chat", "POST", "/chat/completions", chat },
    { "upload", "POST", "/files", upload },
    { "files", "GET", "/files", list_files },
    { "file", "GET", "/files/*", get_file },
    { "delete", "DELETE", "/files/*", delete_file },
    { "download", "GET", "/files/*/content", content },
    { "create", "POST", "/batches", create },
    { "list", "GET", "/batches", list },
    { "poll", "GET", "/batches/*", poll_batch },
    { "cancel", "POST", "/batches/*/cancel", cancel },
    { "models", "GET", "/models", list_models },
    { "model", "GET", "/models/*", get_model },
    { NULL, NULL, NULL, NULL },
};

/*
 * files.c -- uploads and downloads as OpenAI has them (Mistral's likewise).
 */
#include <unistd.h>

#include "tests/provider/fake/store.h"

static void file_json(const struct fake_file *f, struct strbuf *out)
{
    struct jsonw w;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", f->id);
    jsonw_text(&w, "object", "file");
    jsonw_integer(&w, "bytes", f->len);
    fake_add_time(&w, "created_at", f->created);
    jsonw_text(&w, "filename", f->name);
    jsonw_text(&w, "purpose", f->purpose);
    if (f->expires[0])
        jsonw_text(&w, "expires_after", f->expires);
    jsonw_text(&w, "status", "processed");
    jsonw_text(&w, "sample_type", "batch_request"); /* Mistral's */
    jsonw_text(&w, "source", "upload");
    jsonw_text(&w, "FileType", "jsonl"); /* Together's */
    jsonw_end_object(&w);
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

/* Together: the bytes go to another place, without the key. */
static void announce(const struct fake_request *r, const char *name,
                     struct fake_reply *reply)
{
    struct fake_file *f = fake_file_new(name, "batch-api", -1, 0, 0);
    char origin[160];

    fake_origin(r, origin, sizeof(origin));
    f->gone = true; /* until it is confirmed */
    reply->status = 302;
    strbuf_addf(&reply->headers,
                "Location: %s/bytes/%s\r\nX-Together-File-Id: %s\r\n", origin,
                f->id, f->id);
}

static struct fake_file *announced(const char *id)
{
    size_t i;

    for (i = 0; i < fake_file_count; i++)
        if (!strcmp(fake_files[i]->id, id))
            return fake_files[i];
    return NULL;
}

static void put_bytes(const struct fake_request *r, const char *id,
                      struct fake_reply *reply)
{
    struct fake_file *f = announced(id), *bytes;
    char key[64];

    fake_header(r, "authorization", key, sizeof(key));
    if (!f || key[0]) {
        fake_error(reply, 400, "stray", NULL, "no such place, or a key");
        return;
    }
    bytes = fake_file_take(r, f->name);
    f->fd = bytes->fd;
    f->len = bytes->len;
    bytes->gone = true;
}

static void confirm(const struct fake_request *r, const char *id,
                    struct fake_reply *reply)
{
    struct fake_file *f = announced(id);

    (void)r;
    if (!f || f->fd < 0) {
        fake_no_such(reply, "File", id);
        return;
    }
    fake_ledger.uploads++;
    f->gone = false;
    file_json(f, &reply->body);
}

static void upload(const struct fake_request *r, const char *id,
                   struct fake_reply *reply)
{
    char type[256], boundary[200] = "\r\n--", purpose[32] = "",
                    expires[32] = "";
    char name[256] = "";
    const char *at = r->body, *end = r->body + r->body_len, *mark;
    struct part part, file = { .name = "" };
    struct fake_file *f;

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
        else if (!strcmp(part.name, "file_name"))
            snprintf(name, sizeof(name), "%.*s", (int)part.len, part.data);
        else if (!strcmp(part.name, "file"))
            file = part;
    }
    if (!file.name[0] && !strcmp(purpose, "batch-api")) {
        announce(r, name, reply);
        return;
    }
    if (!file.name[0] || !purpose[0] || strlen(file.filename) < 6 ||
        strcmp(file.filename + strlen(file.filename) - 6, ".jsonl") != 0) {
        fake_error(reply, 400, "invalid_request_error", NULL,
                   "The Batch API needs a .jsonl file and a purpose");
        return;
    }
    fake_ledger.uploads++;
    f = fake_file_new(file.filename, purpose, dup(r->spool),
                      (off_t)(file.data - r->body), (off_t)file.len);
    snprintf(f->expires, sizeof(f->expires), "%s", expires);
    file_json(f, &reply->body);
}

static void get_file(const struct fake_request *r, const char *id,
                     struct fake_reply *reply)
{
    struct fake_file *f = fake_file_find(id);

    (void)r;
    if (f)
        file_json(f, &reply->body);
    else
        fake_no_such(reply, "File", id);
}

static void list_files(const struct fake_request *r, const char *id,
                       struct fake_reply *reply)
{
    const char *comma = "";
    size_t i;

    (void)r, (void)id;
    strbuf_adds(&reply->body, "{\"object\":\"list\",\"data\":[");
    for (i = 0; i < fake_file_count; i++) {
        if (fake_files[i]->gone)
            continue;
        strbuf_adds(&reply->body, comma);
        file_json(fake_files[i], &reply->body);
        comma = ",";
    }
    strbuf_adds(&reply->body, "],\"has_more\":false}");
}

/* "bytes=N-", or 0 when the client's ETag is another file's. */
static off_t range_of(const struct fake_request *r, const struct fake_file *f)
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

void fake_file_content(const struct fake_request *r, const char *id,
                       struct fake_reply *reply)
{
    struct fake_file *f = fake_file_find(id);
    off_t from;

    if (!f) {
        fake_no_such(reply, "File", id);
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
    struct fake_file *f = fake_file_find(id);

    (void)r;
    if (!f) {
        fake_no_such(reply, "File", id);
        return;
    }
    fake_batches_start();
    fake_ledger.deletes++;
    f->gone = true;
    close(f->fd);
    strbuf_addf(&reply->body,
                "{\"id\":\"%s\",\"object\":\"file\","
                "\"deleted\":true}",
                id);
}

const struct fake_route fake_file_routes[] = {
    { "upload", "POST", "/files", upload, false },
    { "files", "GET", "/files", list_files, false },
    { "bytes", "PUT", "/bytes/*", put_bytes, true },
    { "confirm", "POST", "/files/*/preprocess", confirm, false },
    { "file", "GET", "/files/*", get_file, false },
    { "delete", "DELETE", "/files/*", delete_file, false },
    { "download", "GET", "/files/*/content", fake_file_content, false },
    { NULL, NULL, NULL, NULL, false },
};

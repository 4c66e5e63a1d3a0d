#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/api.h"
#include "server/http_check.h"

#define JSONL_TYPE "application/jsonl"
#define SPARE_ROOM ((uint64_t)64 << 20)
#define TAIL (64 * KIB)

/* -- objects -- */

void api_write_file(const struct served_file *f, const char *name,
                    struct jsonw *w)
{
    jsonw_object(w, name);
    jsonw_text(w, "id", f->id);
    jsonw_text(w, "object", "file");
    jsonw_integer(w, "bytes", f->bytes);
    jsonw_integer(w, "created_at", (int64_t)f->created_at);
    jsonw_null(w, "expires_at");
    jsonw_text(w, "filename", f->filename);
    jsonw_text(w, "purpose", f->purpose);
    jsonw_text(w, "status", "processed");
    jsonw_null(w, "status_details");
    jsonw_end_object(w);
}

static void reply_file(struct exchange *x, const struct served_file *f)
{
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    api_write_file(f, NULL, &w);
    api_reply(x, &out);
}

/* -- uploads -- */

/* A short field; false when it is too long. */
static bool take_field(struct exchange *x, const struct http_part *part,
                       char *out, size_t size)
{
    size_t used = part->offset ? strlen(out) : 0;

    if (used + part->len >= size || memchr(part->data, '\0', part->len)) {
        api_error(x, 400, "invalid_value", part->name, "%.40s is too long.",
                  part->name);
        return false;
    }
    if (part->len)
        memcpy(out + used, part->data, part->len);
    out[used + part->len] = '\0';
    return true;
}

/* A file of its own, or a part of an upload. */
static bool name_file(struct exchange *x, const struct http_part *part,
                      struct upload *u)
{
    struct api *api = api_of(x);
    struct error err;

    if (!strcmp(part->name, "data"))
        return api_begin_part(x, u);
    if (!state_new_id(api->st, "file-", u->file.id, &err)) {
        api_failure(x, &err);
        return false;
    }
    state_path(api->st, u->file.id, u->path);
    return true;
}

static bool begin_file(struct exchange *x, const struct http_part *part)
{
    struct api *api = api_of(x);
    struct upload *u = &api_request_of(x)->upload;
    const char *length = exchange_header(x, "Content-Length");
    uint64_t told = length ? strtoull(length, NULL, 10) : 0;
    struct error err;

    if (file_room(state_folder(api->st)) < told + SPARE_ROOM) {
        api_error(x, 507, "disk_full", NULL, "There is no room for this file.");
        return false;
    }
    snprintf(u->file.filename, sizeof(u->file.filename), "%s",
             part->filename ? part->filename : "");
    utf8_trim_cut(u->file.filename);
    if (!name_file(x, part, u))
        return false;
    if (file_create(&u->writer, u->path, &err))
        return true;
    api_failure(x, &err);
    return false;
}

static bool take_file(struct exchange *x, const struct http_part *part,
                      int64_t most, const char *by)
{
    struct upload *u = &api_request_of(x)->upload;
    struct error err;

    /* A part's first piece may be empty, and the next begins at 0 again. */
    if (!part->offset && u->file.bytes > 0) {
        api_error(x, 400, "invalid_form", part->name,
                  "There is more than one file in the form.");
        return false;
    }
    if (!*u->file.id && !begin_file(x, part))
        return false;
    if ((int64_t)(part->offset + part->len) > most) {
        api_error(x, 413, "file_too_large", part->name,
                  "The file is larger than this server takes: %lld bytes%s.",
                  (long long)most, by);
        return false;
    }
    u->file.bytes += (int64_t)part->len;
    if (!part->len || file_add(&u->writer, part->data, part->len, &err))
        return true;
    api_failure(x, &err);
    return false;
}

bool api_part(struct exchange *x, const struct http_part *part)
{
    struct upload *u = &api_request_of(x)->upload;

    bool in_parts = exchange_route(x)->handle == api_add_part;

    if (in_parts)
        return strcmp(part->name, "data") != 0 ||
               take_file(x, part, PART_MOST, " a part");
    if (!strcmp(part->name, "file"))
        return take_file(x, part, api_of(x)->max_upload, " (serve.max_upload)");
    if (!strcmp(part->name, "purpose"))
        return take_field(x, part, u->file.purpose, sizeof(u->file.purpose));
    return true; /* expires_after: files stay here until they are deleted */
}

static bool ends_in_jsonl(const char *name)
{
    size_t len = strlen(name);

    return len > 6 && !strcasecmp(name + len - 6, ".jsonl");
}

bool api_check_file(struct exchange *x, const char *purpose,
                    const char *filename)
{
    if (strcmp(purpose, "batch") != 0)
        api_error(x, 400, "invalid_value", "purpose",
                  "This server takes files with purpose batch only.");
    else if (!ends_in_jsonl(filename))
        api_error(x, 400, NULL, "file",
                  "Invalid file format for Batch API. Must be .jsonl");
    return !exchange_replied(x);
}

static bool check_upload(struct exchange *x, const struct upload *u)
{
    if (!*u->file.purpose)
        api_error(x, 400, "missing_required_parameter", "purpose",
                  "Missing required parameter: 'purpose'.");
    else if (!*u->file.id)
        api_error(x, 400, "missing_required_parameter", "file",
                  "Missing required parameter: 'file'.");
    else
        return api_check_file(x, u->file.purpose, u->file.filename);
    return false;
}

void api_upload(struct exchange *x)
{
    struct api *api = api_of(x);
    struct upload *u = &api_request_of(x)->upload;
    struct clock *clock = state_clock(api->st);
    struct error err;

    if (!check_upload(x, u))
        return;
    snprintf(u->file.owner, sizeof(u->file.owner), "%s", api_owner(x));
    u->file.created_at = clock->now(clock);
    /* Till it is recorded, its bytes go with the request. */
    u->unrecorded = true;
    if (!file_commit(&u->writer, &err) ||
        !state_add_file(api->st, &u->file, &err)) {
        api_failure(x, &err);
        return;
    }
    u->unrecorded = false;
    reply_file(x, &u->file);
}

/* -- finding -- */

/* "batch_output_X" and "batch_errors_X" are the files of batch_X, also while
 * it runs; X may be the whole id, "batch_" and all.  Locked by the caller. */
static bool find_alias(struct exchange *x, const char *id,
                       struct served_file *out, bool *running)
{
    static const char *const prefixes[] = { "batch_output_", "batch_errors_" };
    struct state *st = api_of(x)->st;
    const struct served_batch *b;
    char name[256];
    size_t i, len;

    for (i = 0; i < ARRAY_LEN(prefixes); i++) {
        len = strlen(prefixes[i]);
        if (strncmp(id, prefixes[i], len) != 0)
            continue;
        id += len;
        snprintf(name, sizeof(name), "%s%s",
                 strncmp(id, "batch_", 6) ? "batch_" : "", id);
        b = state_batch(st, api_owner(x), name);
        if (!b)
            return false;
        snprintf(out->id, sizeof(out->id), "%s", i ? b->errors : b->output);
        snprintf(out->filename, sizeof(out->filename), "%s_%s.jsonl", b->id,
                 i ? "error" : "output");
        snprintf(out->purpose, sizeof(out->purpose), "batch_output");
        out->created_at = b->at[SERVED_VALIDATING];
        *running = !served_is_final(b->status);
        return *running || state_file(st, api_owner(x), out->id);
    }
    return false;
}

/* A copy of what is known; *running: it still grows. */
static bool find_file(struct exchange *x, struct served_file *out,
                      bool *running)
{
    struct state *st = api_of(x)->st;
    const char *id = exchange_param(x);
    const struct served_file *f;
    char path[STATE_PATH];
    bool found;

    *out = (struct served_file){ 0 };
    *running = false;
    state_lock(st);
    found = find_alias(x, id, out, running);
    f = state_file(st, api_owner(x), found ? out->id : id);
    if (f)
        *out = *f;
    found = found || f;
    state_unlock(st);
    if (!found) {
        api_not_found(x, "File");
    } else if (*running) {
        state_path(st, out->id, path);
        out->bytes = file_size(path) > 0 ? file_size(path) : 0;
    }
    return found;
}

void api_get_file(struct exchange *x)
{
    struct served_file f;
    bool running;

    if (find_file(x, &f, &running))
        reply_file(x, &f);
}

static const char *file_id(struct exchange *x, size_t i)
{
    return state_file_at(api_of(x)->st, i)->id;
}

static bool list_file(struct exchange *x, size_t i, struct jsonw *w)
{
    const struct served_file *f = state_file_at(api_of(x)->st, i);
    const char *purpose = exchange_query(x, "purpose");

    if (strcmp(f->owner, api_owner(x)) != 0 ||
        (purpose && strcmp(purpose, f->purpose) != 0))
        return false;
    if (w)
        api_write_file(f, NULL, w);
    return true;
}

void api_list_files(struct exchange *x)
{
    static const struct api_list list = { state_file_count, list_file, file_id,
                                          10000, 10000 };

    api_reply_list(x, &list);
}

void api_delete_file(struct exchange *x)
{
    struct state *st = api_of(x)->st;
    const char *id = exchange_param(x);
    bool found, used;
    struct error err;
    struct strbuf out;

    state_lock(st);
    found = state_file(st, api_owner(x), id);
    used = found && state_file_is_used(st, id);
    state_unlock(st);
    if (!found) {
        api_not_found(x, "File");
    } else if (used) {
        api_error(x, 409, "file_in_use", NULL,
                  "A batch that has not ended needs %s: cancel it first.", id);
    } else if (!state_remove_file(st, id, &err)) {
        api_failure(x, &err);
    } else {
        strbuf_init(&out, KIB);
        strbuf_addf(&out,
                    "{\"id\":\"%s\",\"object\":\"file\",\"deleted\":true}", id);
        api_reply(x, &out);
    }
}

/* -- content -- */

/* The bytes up to the last newline: whole lines. */
static uint64_t whole_lines(int fd, uint64_t size)
{
    char block[TAIL];
    ssize_t n;
    size_t want;

    while (size) {
        want = size < TAIL ? (size_t)size : TAIL;
        n = pread(fd, block, want, (off_t)(size - want));
        if (n != (ssize_t)want)
            return 0;
        while (want && block[want - 1] != '\n') {
            want--;
            size--;
        }
        if (want)
            break;
    }
    return size;
}

static void send_content(struct exchange *x, int fd, uint64_t size)
{
    uint64_t from = 0, len = size;
    char text[100];
    enum range range = RANGE_NONE;

    if (!exchange_header(x, "If-Range"))
        range = range_read(exchange_header(x, "Range"), size, &from, &len);
    if (range == RANGE_OUTSIDE) {
        close(fd);
        api_error(x, 416, "range_not_satisfiable", NULL,
                  "The file has %llu bytes.", (unsigned long long)size);
        snprintf(text, sizeof(text), "bytes */%llu", (unsigned long long)size);
        exchange_add_header(x, "Content-Range", text);
        return;
    }
    exchange_reply_file(x, range == RANGE_PART ? 206 : 200, JSONL_TYPE, fd,
                        from, len);
    exchange_add_header(x, "Accept-Ranges", "bytes");
    if (range != RANGE_PART)
        return;
    snprintf(text, sizeof(text), "bytes %llu-%llu/%llu",
             (unsigned long long)from, (unsigned long long)(from + len - 1),
             (unsigned long long)size);
    exchange_add_header(x, "Content-Range", text);
}

void api_file_content(struct exchange *x)
{
    struct served_file f;
    char path[STATE_PATH];
    bool running;
    struct stat st;
    int fd;

    if (!find_file(x, &f, &running))
        return;
    state_path(api_of(x)->st, f.id, path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT && running) {
        exchange_reply(x, 200, JSONL_TYPE, NULL); /* no answer yet */
    } else if (fd < 0 || fstat(fd, &st) != 0) {
        if (fd >= 0)
            close(fd);
        api_error(x, 500, "server_error", NULL, "The file can't be read.");
    } else {
        send_content(x, fd,
                     running ? whole_lines(fd, (uint64_t)st.st_size)
                             : (uint64_t)st.st_size);
    }
}

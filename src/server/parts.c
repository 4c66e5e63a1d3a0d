#include "server/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

#define RECORD_MOST (64 * KIB)
#define SUFFIX ".json"
#define BLOCK (64 * KIB)
#define MD5_HEX 33

const char *const parts_status_names[] = {
    [PARTS_PENDING] = "pending",
    [PARTS_COMPLETED] = "completed",
    [PARTS_CANCELLED] = "cancelled",
    [PARTS_EXPIRED] = "expired",
};

struct part {
    char id[STATE_ID];
    int64_t size;
};

struct held {
    struct parts_upload u;
    struct part *parts; /* owned */
    size_t count, size;
    int64_t bytes; /* in them */
    bool joining;  /* its file is being made */
};

struct parts {
    struct state *st; /* borrowed */
    pthread_mutex_t lock;
    struct held **list; /* owned */
    size_t count;
};

static double now_of(const struct parts *p)
{
    struct clock *clock = state_clock(p->st);

    return clock->now(clock);
}

static void held_free(struct held *h)
{
    if (h)
        free(h->parts);
    free(h);
}

/* "FOLDER/uploads/ID" and what follows. */
static void path_of(const struct parts *p, const char *id, const char *dot,
                    const char *rest, char *out)
{
    snprintf(out, STATE_PATH, "%s/uploads/%s%s%s", state_folder(p->st), id, dot,
             rest);
}

static bool refuse(struct error *err, const char *code, const char *why)
{
    error_set(err, ERROR_REJECT, "%s", why);
    error_code(err, code);
    return false;
}

/* -- records -- */

static bool save(struct parts *p, const struct parts_upload *u,
                 struct error *err)
{
    char path[STATE_PATH];
    struct strbuf text;
    struct jsonw w;
    bool ok;

    strbuf_init(&text, RECORD_MOST);
    jsonw_init(&w, &text);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", u->id);
    jsonw_text(&w, "owner", u->owner);
    jsonw_text(&w, "filename", u->filename);
    jsonw_text(&w, "purpose", u->purpose);
    jsonw_integer(&w, "bytes", u->bytes);
    jsonw_real(&w, "created_at", u->created_at);
    jsonw_text(&w, "status", parts_status_names[u->status]);
    jsonw_text(&w, "file", u->file);
    jsonw_end_object(&w);
    path_of(p, u->id, SUFFIX, "", path);
    ok = strbuf_ok(&text) ? file_write(path, text.data, text.len, err)
                          : error_memory(err);
    strbuf_release(&text);
    return ok;
}

static void copy_text(const struct json_object *from, const char *name,
                      char *out, size_t size)
{
    const char *text = json_get_text(from, name);

    snprintf(out, size, "%s", text ? text : "");
}

static bool parse_status(const char *name, enum parts_status *status)
{
    int i;

    for (i = 0; name && i <= PARTS_EXPIRED; i++)
        if (strcmp(name, parts_status_names[i]) == 0) {
            *status = (enum parts_status)i;
            return true;
        }
    return false;
}

static bool read_record(const char *path, struct parts_upload *u)
{
    struct error ignored;
    struct json_object *object = json_parse_file(path, RECORD_MOST, &ignored);
    bool good = parse_status(json_get_text(object, "status"), &u->status);

    copy_text(object, "id", u->id, sizeof(u->id));
    copy_text(object, "owner", u->owner, sizeof(u->owner));
    copy_text(object, "filename", u->filename, sizeof(u->filename));
    copy_text(object, "purpose", u->purpose, sizeof(u->purpose));
    copy_text(object, "file", u->file, sizeof(u->file));
    u->bytes = json_get_integer(object, "bytes", 0);
    u->created_at = json_get_real(object, "created_at", 0);
    json_free(object);
    return good && *u->id;
}

/* -- removing -- */

static void remove_path(const char *path)
{
    struct error err;

    if (!file_remove(path, &err))
        log_warn("upload_left", "path=%s reason=%s", path, err.message);
}

static void remove_bytes(struct parts *p, struct held *h)
{
    char path[STATE_PATH];
    size_t i;

    for (i = 0; i < h->count; i++) {
        path_of(p, h->u.id, ".", h->parts[i].id, path);
        remove_path(path);
    }
    h->count = 0;
    h->bytes = 0;
}

static bool lapsed(const struct held *h, double now)
{
    return now >= h->u.created_at + UPLOAD_SECONDS && !h->joining;
}

/* Locked by the caller. */
static void drop_lapsed(struct parts *p)
{
    double now = now_of(p);
    char path[STATE_PATH];
    size_t i, kept = 0;

    for (i = 0; i < p->count; i++) {
        if (!lapsed(p->list[i], now)) {
            p->list[kept++] = p->list[i];
            continue;
        }
        remove_bytes(p, p->list[i]);
        path_of(p, p->list[i]->u.id, SUFFIX, "", path);
        remove_path(path);
        held_free(p->list[i]);
    }
    p->count = kept;
}

/* -- finding -- */

/* Locked by the caller; owner NULL = whoever's. */
static struct held *find(struct parts *p, const char *owner, const char *id)
{
    size_t i;

    for (i = 0; i < p->count; i++)
        if (!strcmp(p->list[i]->u.id, id) &&
            (!owner || !strcmp(p->list[i]->u.owner, owner)))
            return p->list[i];
    return NULL;
}

static struct held *find_pending(struct parts *p, const char *owner,
                                 const char *id, struct error *err)
{
    struct held *h = find(p, owner, id);
    char why[100];

    if (!h) {
        refuse(err, "not_found", "There is no such upload.");
        return NULL;
    }
    if (h->u.status == PARTS_PENDING && !h->joining && !lapsed(h, now_of(p)))
        return h;
    snprintf(why, sizeof(why), "The upload is %s.",
             h->joining ? "being completed"
             : h->u.status == PARTS_PENDING
                 ? "expired: it was made more than an hour ago"
                 : parts_status_names[h->u.status]);
    refuse(err, "invalid_status", why);
    return NULL;
}

static struct part *find_part(struct held *h, const char *id)
{
    size_t i;

    for (i = 0; i < h->count; i++)
        if (!strcmp(h->parts[i].id, id))
            return &h->parts[i];
    return NULL;
}

/* -- beginning -- */

/* Takes h.  Locked by the caller. */
static bool keep(struct parts *p, struct held *h, struct error *err)
{
    struct held **list = realloc(p->list, (p->count + 1) * sizeof(*p->list));

    if (!list) {
        held_free(h);
        return error_memory(err);
    }
    p->list = list;
    p->list[p->count++] = h;
    return true;
}

bool parts_begin(struct parts *p, struct parts_upload *u, struct error *err)
{
    struct held *h = calloc(1, sizeof(*h));
    bool ok;

    if (!h)
        return error_memory(err);
    u->created_at = now_of(p);
    u->status = PARTS_PENDING;
    u->file[0] = '\0';
    if (!state_new_id(p->st, "upload_", u->id, err)) {
        free(h);
        return false;
    }
    h->u = *u;
    pthread_mutex_lock(&p->lock);
    drop_lapsed(p);
    if (p->count >= UPLOADS_MOST) {
        free(h);
        ok = refuse(err, "too_many_uploads",
                    "Too many uploads are open: complete or cancel some.");
    } else {
        ok = keep(p, h, err);
    }
    pthread_mutex_unlock(&p->lock);
    return ok && save(p, u, err);
}

/* -- parts -- */

/* A part that failed half-way may be sent again, not for ever. */
static bool has_room(const struct held *h, int64_t size)
{
    return h->count < PARTS_MOST &&
           h->bytes + size <= 2 * h->u.bytes + (int64_t)PART_MOST;
}

bool parts_name(struct parts *p, const char *owner, const char *id, char *part,
                char *path, struct error *err)
{
    struct held *h;
    bool ok;

    if (!state_new_id(p->st, "part_", part, err))
        return false;
    pthread_mutex_lock(&p->lock);
    h = find_pending(p, owner, id, err);
    ok = h && (has_room(h, 0) ||
               refuse(err, "too_many_parts", "The upload has too many parts."));
    if (ok)
        path_of(p, h->u.id, ".", part, path);
    pthread_mutex_unlock(&p->lock);
    return ok;
}

static bool add_part(struct held *h, const char *part, int64_t size,
                     struct error *err)
{
    size_t room = h->size ? 2 * h->size : 16;
    struct part *parts;

    if (h->count == h->size) {
        parts = realloc(h->parts, room * sizeof(*parts));
        if (!parts)
            return error_memory(err);
        h->parts = parts;
        h->size = room;
    }
    snprintf(h->parts[h->count].id, STATE_ID, "%s", part);
    h->parts[h->count++].size = size;
    h->bytes += size;
    return true;
}

bool parts_add(struct parts *p, const char *owner, const char *id,
               const char *part, int64_t size, struct error *err)
{
    struct held *h;
    bool ok;

    pthread_mutex_lock(&p->lock);
    h = find_pending(p, owner, id, err);
    ok = h &&
         (has_room(h, size) || refuse(err, "too_large",
                                      "The parts hold more than the upload's "
                                      "bytes.")) &&
         add_part(h, part, size, err);
    pthread_mutex_unlock(&p->lock);
    return ok;
}

/* -- completing -- */

static bool append(const char *path, struct file_writer *w,
                   struct digest *digest, struct error *err)
{
    char *block = malloc(BLOCK);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = block || error_memory(err);
    ssize_t n = 0;

    while (ok && (n = fd < 0 ? -1 : read(fd, block, BLOCK)) > 0) {
        digest_add(digest, block, (size_t)n);
        ok = file_add(w, block, (size_t)n, err);
    }
    if (ok && n < 0)
        ok = error_set(err, ERROR_RETRY, "cannot read a part: %s",
                       strerror(errno));
    if (fd >= 0)
        close(fd);
    free(block);
    return ok;
}

static bool join(struct parts *p, const struct held *h,
                 const char *const *parts, size_t count, const char *md5,
                 struct file_writer *w, struct error *err)
{
    struct digest *digest = digest_new_md5();
    char path[STATE_PATH], hex[MD5_HEX];
    bool ok = digest || error_memory(err);
    size_t i;

    for (i = 0; ok && i < count; i++) {
        path_of(p, h->u.id, ".", parts[i], path);
        ok = append(path, w, digest, err);
    }
    if (digest)
        digest_end(digest, hex);
    if (ok && md5 && strcasecmp(md5, hex) != 0)
        ok = refuse(err, "md5_mismatch",
                    "The md5 of the parts isn't the one that was told.");
    return ok;
}

static bool make_file(struct parts *p, const struct held *h,
                      const char *const *parts, size_t count, const char *md5,
                      struct served_file *f, struct error *err)
{
    struct file_writer w = FILE_WRITER_CLOSED;
    char path[STATE_PATH];
    bool ok;

    snprintf(f->owner, sizeof(f->owner), "%s", h->u.owner);
    snprintf(f->filename, sizeof(f->filename), "%s", h->u.filename);
    snprintf(f->purpose, sizeof(f->purpose), "%s", h->u.purpose);
    f->bytes = h->u.bytes;
    f->created_at = now_of(p);
    if (!state_new_id(p->st, "file-", f->id, err))
        return false;
    state_path(p->st, f->id, path);
    ok = file_create(&w, path, err) && join(p, h, parts, count, md5, &w, err) &&
         file_commit(&w, err);
    file_abandon(&w);
    if (!ok)
        return false;
    ok = state_add_file(p->st, f, err);
    if (!ok)
        remove_path(path);
    return ok;
}

/* Every id is a part of it, and together they are what was told. */
static bool check_parts(struct held *h, const char *const *parts, size_t count,
                        struct error *err)
{
    const struct part *part;
    int64_t sum = 0;
    char why[160];
    size_t i;

    if (count > PARTS_MOST)
        return refuse(err, "too_many_parts", "There are too many part_ids.");
    for (i = 0; i < count; i++) {
        part = find_part(h, parts[i]);
        if (!part) {
            snprintf(why, sizeof(why), "There is no part %.60s.", parts[i]);
            return refuse(err, "part_not_found", why);
        }
        sum += part->size;
    }
    if (sum == h->u.bytes)
        return true;
    snprintf(why, sizeof(why),
             "The parts hold %lld bytes; the upload was made for %lld.",
             (long long)sum, (long long)h->u.bytes);
    return refuse(err, "bytes_mismatch", why);
}

/* Locks; NULL: done already (*ok), or refused. */
static struct held *claim(struct parts *p, const char *owner, const char *id,
                          const char *const *parts, size_t count,
                          struct parts_upload *out, bool *ok, struct error *err)
{
    struct held *h;

    pthread_mutex_lock(&p->lock);
    h = find(p, owner, id);
    *ok = h && h->u.status == PARTS_COMPLETED;
    if (*ok) {
        *out = h->u;
        h = NULL;
    } else {
        h = find_pending(p, owner, id, err);
        if (h && !check_parts(h, parts, count, err))
            h = NULL;
    }
    if (h)
        h->joining = true;
    pthread_mutex_unlock(&p->lock);
    return h;
}

bool parts_complete(struct parts *p, const char *owner, const char *id,
                    const char *const *parts, size_t count, const char *md5,
                    struct parts_upload *out, struct error *err)
{
    struct served_file f = { 0 };
    struct held *h;
    bool ok;

    h = claim(p, owner, id, parts, count, out, &ok, err);
    if (!h)
        return ok;
    ok = make_file(p, h, parts, count, md5, &f, err);
    pthread_mutex_lock(&p->lock);
    h->joining = false;
    if (ok) {
        h->u.status = PARTS_COMPLETED;
        memcpy(h->u.file, f.id, sizeof(f.id));
        *out = h->u;
        remove_bytes(p, h);
    }
    pthread_mutex_unlock(&p->lock);
    return ok && save(p, out, err);
}

bool parts_cancel(struct parts *p, const char *owner, const char *id,
                  struct parts_upload *out, struct error *err)
{
    struct held *h;

    pthread_mutex_lock(&p->lock);
    h = find_pending(p, owner, id, err);
    if (h) {
        h->u.status = PARTS_CANCELLED;
        remove_bytes(p, h);
        *out = h->u;
    }
    pthread_mutex_unlock(&p->lock);
    return h && save(p, out, err);
}

/* -- opening -- */

static bool load_record(void *context, const char *path, const char *name,
                        struct error *err)
{
    struct parts *p = context;
    size_t len = strlen(name), suffix = strlen(SUFFIX);
    struct held *h;

    if (len <= suffix || strcmp(name + len - suffix, SUFFIX) != 0)
        return true;
    h = calloc(1, sizeof(*h));
    if (!h)
        return error_memory(err);
    if (read_record(path, &h->u) && !strncmp(h->u.id, name, len - suffix) &&
        !h->u.id[len - suffix])
        return keep(p, h, err);
    free(h);
    remove_path(path);
    return true;
}

/* "ID.PART" of a pending upload is kept, everything else is left over. */
static bool load_part(void *context, const char *path, const char *name,
                      struct error *err)
{
    struct parts *p = context;
    const char *dot = strchr(name, '.');
    char id[STATE_ID];
    struct held *h;

    if (dot && !strcmp(dot, SUFFIX))
        return true;
    snprintf(id, sizeof(id), "%.*s", dot ? (int)(dot - name) : 0, name);
    h = dot ? find(p, NULL, id) : NULL;
    if (h && h->u.status == PARTS_PENDING && !strchr(dot + 1, '.') &&
        strlen(dot + 1) < STATE_ID)
        return add_part(h, dot + 1, file_size(path), err);
    remove_path(path);
    return true;
}

bool parts_open(struct parts **out, struct state *st, struct error *err)
{
    struct parts *p = calloc(1, sizeof(*p));
    char path[STATE_PATH];

    *out = p;
    if (!p)
        return error_memory(err);
    p->st = st;
    pthread_mutex_init(&p->lock, NULL);
    snprintf(path, sizeof(path), "%s/uploads", state_folder(st));
    if (!file_make_folder(path, err) ||
        !file_each_name(path, load_record, p, err) ||
        !file_each_name(path, load_part, p, err))
        return false;
    drop_lapsed(p);
    return true;
}

void parts_close(struct parts *p)
{
    size_t i;

    if (!p)
        return;
    for (i = 0; i < p->count; i++)
        held_free(p->list[i]);
    free(p->list);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

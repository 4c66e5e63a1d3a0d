#include "server/state.h"

#include <pthread.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"

#define RECORD_MOST MIB
#define SUFFIX ".json"

/* Pointers, sorted by id (at the head of both structs). */
struct shelf {
    void **list; /* owned */
    size_t count, size;
};

struct state {
    char *folder; /* owned */
    struct clock *clock;
    int lock_fd;
    double last_id;
    unsigned ways;
    pthread_mutex_t lock; /* what is in memory */
    pthread_mutex_t save; /* the order of writing; taken first */
    struct shelf files, batches;
};

/* -- shelves -- */

static const char *id_of(const void *thing)
{
    return thing; /* id is the first member */
}

/* Where it is, or belongs. */
static size_t shelf_place(const struct shelf *s, const char *id, bool *found)
{
    size_t low = 0, high = s->count, middle;
    int order;

    *found = false;
    while (low < high) {
        middle = low + (high - low) / 2;
        order = strcmp(id_of(s->list[middle]), id);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void *shelf_get(const struct shelf *s, const char *id)
{
    bool found;
    size_t at = shelf_place(s, id, &found);

    return found ? s->list[at] : NULL;
}

static bool shelf_add(struct shelf *s, void *thing, struct error *err)
{
    size_t size = s->size ? s->size * 2 : 64, at;
    void **list;
    bool found;

    if (s->count == s->size) {
        list = realloc(s->list, size * sizeof(*list));
        if (!list)
            return error_memory(err);
        s->list = list;
        s->size = size;
    }
    at = shelf_place(s, id_of(thing), &found);
    memmove(s->list + at + 1, s->list + at, (s->count - at) * sizeof(*s->list));
    s->list[at] = thing;
    s->count++;
    return true;
}

static void shelf_remove(struct shelf *s, const char *id)
{
    bool found;
    size_t at = shelf_place(s, id, &found);

    if (!found)
        return;
    s->count--;
    memmove(s->list + at, s->list + at + 1, (s->count - at) * sizeof(*s->list));
}

/* -- names -- */

bool state_new_id(struct state *st, const char *prefix, char *id,
                  struct error *err)
{
    char uuid[UUID_TEXT];
    double now = st->clock->now(st->clock);
    size_t i, len;

    /* Ids sort by time, also two of one millisecond or of a clock that was
     * set back. */
    pthread_mutex_lock(&st->lock);
    if (now < st->last_id + 0.001)
        now = st->last_id + 0.001;
    st->last_id = now;
    pthread_mutex_unlock(&st->lock);
    if (!uuid_make(now, uuid, err))
        return false;
    len = (size_t)snprintf(id, STATE_ID, "%s", prefix);
    for (i = 0; uuid[i] && len + 1 < STATE_ID; i++)
        if (uuid[i] != '-')
            id[len++] = uuid[i];
    id[len] = '\0';
    return true;
}

static void path_of(const struct state *st, const char *folder, const char *id,
                    const char *suffix, char *out)
{
    snprintf(out, STATE_PATH, "%s/%s/%s%s", st->folder, folder, id, suffix);
}

void state_path(const struct state *st, const char *id, char *out)
{
    path_of(st, "files", id, "", out);
}

/* -- looking -- */

struct clock *state_clock(struct state *st)
{
    return st->clock;
}

const char *state_folder(const struct state *st)
{
    return st->folder;
}

void state_set_ways(struct state *st, unsigned ways)
{
    st->ways = ways;
}

unsigned state_ways(const struct state *st)
{
    return st->ways;
}

void state_lock(struct state *st)
{
    pthread_mutex_lock(&st->lock);
}

void state_unlock(struct state *st)
{
    pthread_mutex_unlock(&st->lock);
}

struct served_file *state_file(struct state *st, const char *owner,
                               const char *id)
{
    struct served_file *f = shelf_get(&st->files, id);

    return f && (!owner || !strcmp(f->owner, owner)) ? f : NULL;
}

struct served_batch *state_batch(struct state *st, const char *owner,
                                 const char *id)
{
    struct served_batch *b = shelf_get(&st->batches, id);

    return b && (!owner || !strcmp(b->owner, owner)) ? b : NULL;
}

size_t state_file_count(const struct state *st)
{
    return st->files.count;
}

struct served_file *state_file_at(struct state *st, size_t i)
{
    return st->files.list[i];
}

size_t state_batch_count(const struct state *st)
{
    return st->batches.count;
}

struct served_batch *state_batch_at(struct state *st, size_t i)
{
    return st->batches.list[i];
}

bool state_file_is_used(struct state *st, const char *id)
{
    size_t i;

    for (i = 0; i < st->batches.count; i++) {
        const struct served_batch *b = state_batch_at(st, i);

        if (!served_is_final(b->status) &&
            (!strcmp(b->input, id) || !strcmp(b->output, id) ||
             !strcmp(b->errors, id)))
            return true;
    }
    return false;
}

/* -- changing -- */

static bool write_record(const char *path, const struct strbuf *text,
                         struct error *err)
{
    if (!strbuf_ok(text))
        return error_memory(err);
    return file_write(path, text->data, text->len, err);
}

bool state_add_file(struct state *st, const struct served_file *file,
                    struct error *err)
{
    struct served_file *f = malloc(sizeof(*f));
    char path[STATE_PATH];
    struct strbuf text;
    bool ok;

    if (!f)
        return error_memory(err);
    *f = *file;
    strbuf_init(&text, RECORD_MOST);
    served_file_write(f, &text);
    path_of(st, "files", f->id, SUFFIX, path);
    ok = write_record(path, &text, err);
    if (ok) {
        state_lock(st);
        ok = shelf_get(&st->files, f->id) || shelf_add(&st->files, f, err);
        if (ok && shelf_get(&st->files, f->id) == f)
            f = NULL;
        state_unlock(st);
    }
    free(f);
    strbuf_release(&text);
    return ok;
}

bool state_remove_file(struct state *st, const char *id, struct error *err)
{
    struct served_file *f;
    char path[STATE_PATH], name[STATE_ID];

    snprintf(name, sizeof(name), "%s", id);
    state_lock(st);
    f = shelf_get(&st->files, name);
    shelf_remove(&st->files, name);
    state_unlock(st);
    free(f);
    /* The record first: bytes without one are removed on opening. */
    path_of(st, "files", name, SUFFIX, path);
    if (!file_remove(path, err))
        return false;
    state_path(st, name, path);
    return file_remove(path, err);
}

bool state_save_batch(struct state *st, struct served_batch *b,
                      struct error *err)
{
    char path[STATE_PATH];
    struct strbuf text;
    bool ok;

    strbuf_init(&text, RECORD_MOST);
    path_of(st, "batches", b->id, SUFFIX, path);
    pthread_mutex_lock(&st->save);
    state_lock(st);
    served_batch_write(b, &text);
    state_unlock(st);
    ok = write_record(path, &text, err);
    pthread_mutex_unlock(&st->save);
    strbuf_release(&text);
    return ok;
}

bool state_add_batch(struct state *st, struct served_batch *b,
                     struct error *err)
{
    bool ok = state_save_batch(st, b, err);

    if (ok) {
        state_lock(st);
        ok = shelf_add(&st->batches, b, err);
        state_unlock(st);
    }
    if (!ok)
        served_batch_free(b);
    return ok;
}

/* -- opening -- */

/* "ID.json": the id's length, else 0. */
static size_t record_name(const char *name)
{
    size_t len = strlen(name), suffix = strlen(SUFFIX);

    return len > suffix && len - suffix < STATE_ID &&
                   !strcmp(name + len - suffix, SUFFIX)
               ? len - suffix
               : 0;
}

static bool load_file(struct state *st, const char *path, struct error *err)
{
    struct served_file *f = calloc(1, sizeof(*f));
    char data[STATE_PATH];
    bool ok;

    if (!f)
        return error_memory(err);
    ok = served_file_read(path, f, err);
    if (ok) {
        state_path(st, f->id, data);
        /* A removal that was interrupted. */
        if (!file_exists(data)) {
            free(f);
            return file_remove(path, err);
        }
        ok = shelf_add(&st->files, f, err);
    }
    if (!ok)
        free(f);
    return ok;
}

static bool load_batch(struct state *st, const char *path, struct error *err)
{
    struct served_batch *b = served_batch_read(path, err);

    if (b && shelf_add(&st->batches, b, err))
        return true;
    served_batch_free(b);
    return false;
}

/* A record that can't be read is left for a person, not a reason to stay
 * down. */
static bool tolerate(bool ok, const char *path, struct error *err)
{
    if (ok || err->kind != ERROR_REJECT)
        return ok;
    log_failure("record_unreadable", "path=%s reason=%s", path, err->message);
    return true;
}

static bool load_file_record(void *context, const char *path, const char *name,
                             struct error *err)
{
    struct state *st = context;

    return !record_name(name) || tolerate(load_file(st, path, err), path, err);
}

static bool load_batch_record(void *context, const char *path, const char *name,
                              struct error *err)
{
    struct state *st = context;

    return !record_name(name) || tolerate(load_batch(st, path, err), path, err);
}

static bool belongs_to_batch(struct state *st, const char *name)
{
    size_t i;

    for (i = 0; i < st->batches.count; i++) {
        const struct served_batch *b = state_batch_at(st, i);

        if (!served_is_final(b->status) &&
            (!strcmp(b->output, name) || !strcmp(b->errors, name)))
            return true;
    }
    return false;
}

/* Bytes without a record: of an upload, or a removal, that didn't end. */
static bool remove_orphan(void *context, const char *path, const char *name,
                          struct error *err)
{
    struct state *st = context;
    char record[STATE_PATH];

    path_of(st, "files", name, SUFFIX, record);
    if (record_name(name) || file_exists(record) || belongs_to_batch(st, name))
        return true;
    return file_remove(path, err);
}

static bool open_folder(struct state *st, struct error *err)
{
    char files[STATE_PATH], batches[STATE_PATH], lock[STATE_PATH];

    snprintf(files, sizeof(files), "%s/files", st->folder);
    snprintf(batches, sizeof(batches), "%s/batches", st->folder);
    snprintf(lock, sizeof(lock), "%s/lock", st->folder);
    if (!file_make_folder(files, err) || !file_make_folder(batches, err) ||
        !file_lock(lock, &st->lock_fd, err))
        return false;
    if (st->lock_fd < 0)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "another vitae serve uses the folder %.300s",
                          st->folder);
    return file_each_name(files, load_file_record, st, err) &&
           file_each_name(batches, load_batch_record, st, err) &&
           file_each_name(files, remove_orphan, st, err);
}

bool state_open(struct state **out, const char *folder, struct clock *clock,
                struct error *err)
{
    struct state *st = calloc(1, sizeof(*st));

    *out = st;
    if (!st)
        return error_memory(err);
    st->lock_fd = -1;
    st->clock = clock;
    pthread_mutex_init(&st->lock, NULL);
    pthread_mutex_init(&st->save, NULL);
    st->folder = strdup(folder);
    if (!st->folder)
        return error_memory(err);
    if (strlen(folder) > STATE_PATH - 300)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the name in serve.state is too long");
    return open_folder(st, err);
}

void state_close(struct state *st)
{
    size_t i;

    if (!st)
        return;
    for (i = 0; i < st->files.count; i++)
        free(st->files.list[i]);
    for (i = 0; i < st->batches.count; i++)
        served_batch_free(st->batches.list[i]);
    free(st->files.list);
    free(st->batches.list);
    if (st->lock_fd >= 0)
        file_unlock(st->lock_fd);
    pthread_mutex_destroy(&st->lock);
    pthread_mutex_destroy(&st->save);
    free(st->folder);
    free(st);
}

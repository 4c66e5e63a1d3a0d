#include "io/unique.h"

#include <errno.h>
#include <unistd.h>

#include "base/hash.h"

#define RUN (128 * 1024) /* names held; 2 MiB, and as much to sort */
#define BUCKETS 65536
#define WINDOW 1024 /* names of a run read at once */
#define TWINS (256 * 1024)

struct name {
    uint64_t hash;
    uint32_t at, row;
};

/* A sorted run on disk, being read. */
struct run {
    uint64_t next, end;  /* names of the file */
    struct name *window; /* owned */
    size_t at, held;
};

struct unique {
    const char *folder; /* borrowed */
    struct hash_key key;
    struct name *names, *sorted; /* owned: RUN each */
    uint32_t *buckets;           /* owned */
    size_t count;
    int fd;           /* of the runs, -1 = none */
    uint64_t spilled; /* names in it */
    struct run *runs; /* owned, for the end */
    size_t run_count;
    struct run **heap; /* owned: by the run's first name */
    size_t heap_count;
    struct unique_twin *twins; /* owned */
    size_t twin_room, kept;
    uint64_t twin_count;
};

bool unique_open(struct unique **out, const char *folder, struct error *err)
{
    struct unique *u = calloc(1, sizeof(*u));

    *out = NULL;
    if (!u)
        return error_memory(err);
    u->folder = folder;
    u->fd = -1;
    u->key = hash_key_random();
    u->names = malloc(RUN * sizeof(*u->names));
    u->sorted = malloc(RUN * sizeof(*u->sorted));
    u->buckets = malloc((BUCKETS + 1) * sizeof(*u->buckets));
    if (!u->names || !u->sorted || !u->buckets) {
        unique_close(u);
        return error_memory(err);
    }
    *out = u;
    return true;
}

void unique_close(struct unique *u)
{
    size_t i;

    if (!u)
        return;
    if (u->fd >= 0)
        close(u->fd);
    for (i = 0; i < u->run_count; i++)
        free(u->runs[i].window);
    free(u->runs);
    free(u->heap);
    free(u->names);
    free(u->sorted);
    free(u->buckets);
    free(u->twins);
    free(u);
}

/* -- sorting: by the first 16 bits into buckets of a few, then by hand -- */

static bool comes_before(const struct name *a, const struct name *b)
{
    return a->hash < b->hash || (a->hash == b->hash && a->at < b->at);
}

static void sort_few(struct name *names, size_t count)
{
    size_t i, j;

    for (i = 1; i < count; i++) {
        struct name it = names[i];

        for (j = i; j > 0 && comes_before(&it, &names[j - 1]); j--)
            names[j] = names[j - 1];
        names[j] = it;
    }
}

/* names into sorted.  The names come in the order of at, so that the same
 * name a million times is in order already. */
static void sort(struct unique *u)
{
    uint32_t *starts = u->buckets;
    size_t i, from = 0;

    memset(starts, 0, (BUCKETS + 1) * sizeof(*starts));
    for (i = 0; i < u->count; i++)
        starts[(u->names[i].hash >> 48) + 1]++;
    for (i = 0; i < BUCKETS; i++)
        starts[i + 1] += starts[i];
    /* starts[b] runs to the end of its bucket. */
    for (i = 0; i < u->count; i++)
        u->sorted[starts[u->names[i].hash >> 48]++] = u->names[i];
    for (i = 0; i < BUCKETS; i++) {
        sort_few(u->sorted + from, starts[i] - from);
        from = starts[i];
    }
}

/* -- runs -- */

static bool disk_fault(const struct unique *u, struct error *err)
{
    error_set(err, ERROR_SETUP, "cannot keep the ids in %s: %s", u->folder,
              strerror(errno));
    error_code(err, "disk");
    return false;
}

static bool open_spill(struct unique *u, struct error *err)
{
    char path[4096];

    if ((size_t)snprintf(path, sizeof(path), "%s/.vitae-ids-XXXXXX",
                         u->folder) >= sizeof(path))
        return error_set(err, ERROR_SETUP, "the folder's name is too long");
    u->fd = mkstemp(path);
    if (u->fd < 0)
        return disk_fault(u, err);
    unlink(path);
    return true;
}

static bool spill(struct unique *u, struct error *err)
{
    const char *from = (const char *)u->sorted;
    size_t left = u->count * sizeof(*u->sorted);
    ssize_t n;

    if (u->fd < 0 && !open_spill(u, err))
        return false;
    sort(u);
    while (left) {
        n = write(u->fd, from, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return disk_fault(u, err);
        from += n;
        left -= (size_t)n;
    }
    u->spilled += u->count;
    u->count = 0;
    return true;
}

bool unique_add(struct unique *u, const char *name, size_t len, uint64_t at,
                uint64_t row, struct error *err)
{
    if (at > UINT32_MAX || row > UINT32_MAX)
        return error_set(err, ERROR_REJECT, "more than 4 billion records");
    if (u->count == RUN && !spill(u, err))
        return false;
    u->names[u->count].hash = hash_bytes(&u->key, name, len);
    u->names[u->count].at = (uint32_t)at;
    u->names[u->count++].row = (uint32_t)row;
    return true;
}

/* -- the end: names in order, equal ones side by side -- */

static bool keep_twin(struct unique *u, const struct name *it, uint32_t first,
                      struct error *err)
{
    size_t room = u->twin_room ? 2 * u->twin_room : 64;
    struct unique_twin *grown;

    u->twin_count++;
    if (u->kept == TWINS)
        return true;
    if (u->kept == u->twin_room) {
        grown = realloc(u->twins, room * sizeof(*grown));
        if (!grown)
            return error_memory(err);
        u->twins = grown;
        u->twin_room = room;
    }
    u->twins[u->kept].at = it->at;
    u->twins[u->kept].row = it->row;
    u->twins[u->kept++].first = first;
    return true;
}

/* The next name in order: last is the one before, first of its kind. */
static bool take(struct unique *u, const struct name *it, struct name *last,
                 bool *any, struct error *err)
{
    if (*any && it->hash == last->hash)
        return keep_twin(u, it, last->row, err);
    *any = true;
    *last = *it;
    return true;
}

static bool look_through_memory(struct unique *u, struct error *err)
{
    struct name last = { 0, 0, 0 };
    bool any = false;
    size_t i;

    sort(u);
    for (i = 0; i < u->count; i++)
        if (!take(u, &u->sorted[i], &last, &any, err))
            return false;
    return true;
}

static bool refill(struct unique *u, struct run *r, struct error *err)
{
    uint64_t left = r->end - r->next;
    size_t want = left < WINDOW ? (size_t)left : WINDOW;
    size_t bytes = want * sizeof(*r->window), got = 0;
    ssize_t n;

    while (got < bytes) {
        n = pread(u->fd, (char *)r->window + got, bytes - got,
                  (off_t)(r->next * sizeof(*r->window) + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return disk_fault(u, err);
        got += (size_t)n;
    }
    r->next += want;
    r->at = 0;
    r->held = want;
    return true;
}

static bool open_runs(struct unique *u, struct error *err)
{
    size_t count = (size_t)((u->spilled + RUN - 1) / RUN);
    struct run *r;

    u->runs = calloc(count, sizeof(*u->runs));
    u->heap = calloc(count, sizeof(struct run *));
    if (!u->runs || !u->heap)
        return error_memory(err);
    while (u->run_count < count) {
        r = &u->runs[u->run_count];
        r->next = (uint64_t)u->run_count * RUN;
        r->end = r->next + RUN < u->spilled ? r->next + RUN : u->spilled;
        r->window = malloc(WINDOW * sizeof(*r->window));
        if (!r->window)
            return error_memory(err);
        u->run_count++;
        if (!refill(u, r, err))
            return false;
    }
    return true;
}

static const struct name *head(const struct run *r)
{
    return &r->window[r->at];
}

static void sift_down(struct unique *u, size_t i)
{
    struct run *moved = u->heap[i];
    size_t child;

    for (; (child = 2 * i + 1) < u->heap_count; i = child) {
        if (child + 1 < u->heap_count &&
            comes_before(head(u->heap[child + 1]), head(u->heap[child])))
            child++;
        if (!comes_before(head(u->heap[child]), head(moved)))
            break;
        u->heap[i] = u->heap[child];
    }
    u->heap[i] = moved;
}

static void make_heap(struct unique *u)
{
    size_t i;

    for (i = 0; i < u->run_count; i++)
        u->heap[i] = &u->runs[i];
    u->heap_count = u->run_count;
    for (i = u->heap_count / 2; i-- > 0;)
        sift_down(u, i);
}

static bool merge(struct unique *u, struct error *err)
{
    struct name last = { 0, 0, 0 };
    struct run *r;
    bool any = false;

    make_heap(u);
    while (u->heap_count) {
        r = u->heap[0];
        if (!take(u, head(r), &last, &any, err))
            return false;
        if (++r->at == r->held && r->next < r->end && !refill(u, r, err))
            return false;
        if (r->at == r->held)
            u->heap[0] = u->heap[--u->heap_count];
        if (u->heap_count)
            sift_down(u, 0);
    }
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct unique_twin *x = a, *y = b;

    return (x->at > y->at) - (x->at < y->at);
}

bool unique_finish(struct unique *u, const struct unique_twin **twins,
                   size_t *kept, uint64_t *count, struct error *err)
{
    bool ok;

    if (u->fd < 0) {
        ok = look_through_memory(u, err);
    } else {
        ok = (!u->count || spill(u, err));
        free(u->names);
        free(u->sorted);
        u->names = u->sorted = NULL;
        ok = ok && open_runs(u, err) && merge(u, err);
    }
    if (u->kept)
        qsort(u->twins, u->kept, sizeof(*u->twins), by_place);
    *twins = u->twins;
    *kept = u->kept;
    *count = u->twin_count;
    return ok;
}

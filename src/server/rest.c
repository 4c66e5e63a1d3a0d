#include "server/rest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/jsonw.h"
#include "base/log.h"
#include "server/rest_private.h"

#define SLOTS 2
#define SLOTS_MOST 16
#define WAITERS 64
#define LOOK 0.1        /* seconds between two looks at the processes */
#define STOPPING 30.0   /* how long they may take to end */
#define START_AGAIN 5.0 /* seconds, after a process could not be started */

/* An exchange that waits for a job's end. */
struct waiter {
    struct exchange *x;
    struct entry *entry;
    rest_tell *tell;
};

struct entry {
    struct rest_job job;
    pid_t pid;         /* 0 = no process of ours */
    double not_before; /* monotonic: no start before that */
};

struct rest {
    const struct rest_settings *settings;
    struct state *st;
    pthread_mutex_t lock;
    pthread_t keeper;
    bool keeps; /* the thread is there */
    bool quit;
    struct entry **list; /* owned: oldest first */
    size_t count, size;
    struct waiter waiters[WAITERS];
    size_t waiter_count;
};

void rest_path(const struct state *st, const char *id, const char *name,
               char *out)
{
    snprintf(out, STATE_PATH, "%s/%s%s%s", state_folder(st), id,
             *name ? "/" : "", name);
}

struct state *rest_state(struct rest *r)
{
    return r->st;
}

const struct db_settings *rest_database(const struct rest *r)
{
    return r->settings->database;
}

/* -- the list; locked by the caller -- */

static struct entry *find(struct rest *r, const char *owner, const char *id)
{
    size_t i;

    for (i = 0; i < r->count; i++)
        if (!strcmp(r->list[i]->job.id, id) &&
            (!owner || !strcmp(r->list[i]->job.owner, owner)))
            return r->list[i];
    return NULL;
}

static bool put(struct rest *r, const struct rest_job *job, struct error *err)
{
    size_t size = r->size ? r->size * 2 : 64, at = r->count;
    struct entry **list, *e = calloc(1, sizeof(*e));

    if (e && r->count == r->size) {
        list = realloc(r->list, size * sizeof(*list));
        if (list) {
            r->list = list;
            r->size = size;
        }
    }
    if (!e || r->count == r->size) {
        free(e);
        return error_memory(err);
    }
    e->job = *job;
    /* Ids sort by time. */
    while (at && strcmp(r->list[at - 1]->job.id, job->id) > 0) {
        r->list[at] = r->list[at - 1];
        at--;
    }
    r->list[at] = e;
    r->count++;
    return true;
}

/* -- records -- */

static bool save(struct rest *r, const struct rest_job *job, struct error *err)
{
    char path[STATE_PATH];
    struct strbuf text;
    bool ok;

    rest_path(r->st, job->id, "job.json", path);
    strbuf_init(&text, 64 * KIB);
    rest_record_write(job, &text);
    ok = strbuf_ok(&text) ? file_write(path, text.data, text.len, err)
                          : error_memory(err);
    strbuf_release(&text);
    return ok;
}

/* 0 everything, 1 some records failed, or all of them. */
static enum rest_state state_of(const struct rest_job *job)
{
    if (job->ended_at <= 0)
        return REST_PENDING;
    return job->code == EXIT_DONE ||
                   (job->code == EXIT_SOME_FAILED && job->done > 0)
               ? REST_SUCCEEDED
               : REST_FAILED;
}

/* A folder without a record was never told to anybody. */
static bool load_one(void *context, const char *folder, const char *name,
                     struct error *err)
{
    char id[STATE_ID + sizeof(REST_PREFIX)], path[STATE_PATH];
    struct rest *r = context;
    struct rest_job job;

    (void)folder;
    snprintf(id, sizeof(id), REST_PREFIX "%.*s", STATE_ID - 1, name);
    rest_path(r->st, id, "job.json", path);
    if (!file_exists(path))
        return true;
    if (!rest_record_read(path, &job, err)) {
        log_failure("record_unreadable", "path=%s reason=%s", path,
                    err->message);
        return err->kind == ERROR_REJECT;
    }
    job.state = state_of(&job);
    return put(r, &job, err);
}

static bool load(struct rest *r, struct error *err)
{
    char path[STATE_PATH];

    snprintf(path, sizeof(path), "%s/jobs", state_folder(r->st));
    return file_make_folder(path, err) &&
           file_each_name(path, load_one, r, err);
}

/* -- the keeper -- */

/* Locked by the caller.  They are told by their own lists: an exchange that
 * was resumed is no longer ours. */
static void tell_waiters(struct rest *r, const struct entry *e, bool all)
{
    size_t i = 0;

    while (i < r->waiter_count) {
        struct waiter w = r->waiters[i];

        if (!all && w.entry != e) {
            i++;
            continue;
        }
        r->waiters[i] = r->waiters[--r->waiter_count];
        w.tell(w.x, &w.entry->job);
        exchange_resume(w.x);
    }
}

/* Interrupted ones go on when the server does. */
static void end(struct rest *r, struct entry *e, int code)
{
    struct rest_progress progress;
    struct error err;

    e->pid = 0;
    if (r->quit || code == EXIT_INTERRUPTED) {
        e->job.state = REST_PENDING;
        return;
    }
    if (rest_progress(r, &e->job, &progress, &err))
        e->job.done = progress.completed;
    e->job.code = code;
    e->job.ended_at = state_clock(r->st)->now(state_clock(r->st));
    e->job.state = state_of(&e->job);
    if (!save(r, &e->job, &err))
        log_failure("job_not_saved", "job=%s reason=%s", e->job.id,
                    err.message);
    log_info("job_ended", "job=%s code=%d", e->job.id, code);
    tell_waiters(r, e, false);
}

static size_t reap(struct rest *r)
{
    size_t running = 0, i;
    int code;

    for (i = 0; i < r->count; i++) {
        struct entry *e = r->list[i];

        if (e->pid && rest_child_ended(e->pid, &code))
            end(r, e, code);
        running += e->pid != 0;
    }
    return running;
}

static double monotonic(const struct rest *r)
{
    struct clock *clock = state_clock(r->st);

    return clock->monotonic(clock);
}

static bool is_startable(const struct rest *r, const struct entry *e)
{
    return e->job.state == REST_PENDING && !e->pid &&
           monotonic(r) >= e->not_before;
}

static void start(struct rest *r, struct entry *e)
{
    struct error err;

    if (!rest_child_start(r->settings, r->st, &e->job, &e->pid, &err)) {
        e->pid = 0;
        e->not_before = monotonic(r) + START_AGAIN;
        log_failure("job_not_started", "job=%s reason=%s", e->job.id,
                    err.message);
        return;
    }
    e->job.state = REST_RUNNING;
    log_info("job_started", "job=%s pid=%ld", e->job.id, (long)e->pid);
}

static void look(struct rest *r)
{
    size_t slots = r->settings->slots ? r->settings->slots : SLOTS;
    size_t running = reap(r), i;

    if (slots > SLOTS_MOST)
        slots = SLOTS_MOST;
    for (i = 0; i < r->count && running < slots && !r->quit; i++)
        if (is_startable(r, r->list[i])) {
            start(r, r->list[i]);
            running += r->list[i]->pid != 0;
        }
}

static void *keep(void *context)
{
    struct rest *r = context;
    struct clock *clock = state_clock(r->st);
    bool quit = false;

    while (!quit) {
        pthread_mutex_lock(&r->lock);
        look(r);
        quit = r->quit;
        pthread_mutex_unlock(&r->lock);
        if (!quit)
            clock->sleep(clock, LOOK, NULL);
    }
    return NULL;
}

/* -- opening -- */

bool rest_open(struct rest **out, const struct rest_settings *settings,
               struct state *st, struct error *err)
{
    struct rest *r = calloc(1, sizeof(*r));

    *out = r;
    if (!r)
        return error_memory(err);
    r->settings = settings;
    r->st = st;
    pthread_mutex_init(&r->lock, NULL);
    if (!load(r, err))
        return false;
    if (pthread_create(&r->keeper, NULL, keep, r) != 0)
        return error_set(err, ERROR_RETRY, "cannot start another thread");
    r->keeps = true;
    return true;
}

void rest_quit(struct rest *r)
{
    size_t i;

    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->quit = true;
    for (i = 0; i < r->count; i++)
        if (r->list[i]->pid)
            rest_child_stop(r->list[i]->pid);
    tell_waiters(r, NULL, true);
    pthread_mutex_unlock(&r->lock);
}

void rest_close(struct rest *r)
{
    struct clock *clock;
    double until;
    size_t i;

    if (!r)
        return;
    rest_quit(r);
    if (r->keeps)
        pthread_join(r->keeper, NULL);
    clock = state_clock(r->st);
    until = monotonic(r) + STOPPING;
    while (reap(r) && monotonic(r) < until)
        clock->sleep(clock, LOOK, NULL);
    for (i = 0; i < r->count; i++)
        free(r->list[i]);
    free(r->list);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

/* -- what clients do -- */

static bool store(struct rest *r, const struct rest_job *job,
                  const struct strbuf *input, struct error *err)
{
    char path[STATE_PATH], folder[STATE_PATH];

    rest_path(r->st, job->id, "", folder);
    rest_path(r->st, job->id, rest_input_names[job->kind], path);
    if (!file_make_folder(folder, err) ||
        !file_write(path, input->data, input->len, err) || !save(r, job, err))
        return false;
    snprintf(folder, sizeof(folder), "%s/jobs", state_folder(r->st));
    return file_sync_folder(folder, err);
}

bool rest_submit(struct rest *r, const char *owner, const char *name,
                 enum rest_kind kind, const struct strbuf *input, int64_t count,
                 struct rest_job *out, struct error *err)
{
    struct clock *clock = state_clock(r->st);
    bool ok;

    *out = (struct rest_job){ .kind = kind,
                              .count = count,
                              .submitted_at = clock->now(clock),
                              .state = REST_PENDING };
    snprintf(out->owner, sizeof(out->owner), "%s", owner);
    snprintf(out->name, sizeof(out->name), "%s", name);
    if (!state_new_id(r->st, REST_PREFIX, out->id, err) ||
        !store(r, out, input, err))
        return false;
    pthread_mutex_lock(&r->lock);
    ok = put(r, out, err);
    pthread_mutex_unlock(&r->lock);
    return ok;
}

bool rest_find(struct rest *r, const char *owner, const char *id,
               struct rest_job *out)
{
    struct entry *e;

    pthread_mutex_lock(&r->lock);
    e = find(r, owner, id);
    if (e)
        *out = e->job;
    pthread_mutex_unlock(&r->lock);
    return e != NULL;
}

size_t rest_list(struct rest *r, const char *owner, size_t skip,
                 struct rest_job *out, size_t most)
{
    size_t all = 0, i;

    pthread_mutex_lock(&r->lock);
    for (i = r->count; i > 0; i--) {
        const struct rest_job *job = &r->list[i - 1]->job;

        if (strcmp(job->owner, owner) != 0)
            continue;
        if (all >= skip && all - skip < most)
            out[all - skip] = *job;
        all++;
    }
    pthread_mutex_unlock(&r->lock);
    return all;
}

bool rest_wait(struct rest *r, const char *id, struct exchange *x,
               rest_tell *tell)
{
    struct entry *e;
    bool waits;

    /* Suspended before the keeper can resume it. */
    pthread_mutex_lock(&r->lock);
    e = find(r, NULL, id);
    waits = e && e->job.state < REST_SUCCEEDED && !r->quit &&
            r->waiter_count < WAITERS;
    if (waits) {
        exchange_suspend(x);
        r->waiters[r->waiter_count++] = (struct waiter){ x, e, tell };
    }
    pthread_mutex_unlock(&r->lock);
    return waits;
}

#include "server/dispatch.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/condition.h"
#include "base/file.h"
#include "base/log.h"
#include "server/expire.h"
#include "server/usage.h"
#include "server/validate.h"

#define HOUR 3600.0
#define WAIT_UPSTREAM 5.0 /* the runner itself has waited a minute */
#define WAIT_OPERATOR 15.0
#define WAIT_DISK 3.0
#define LEAST_ROOM (16 * MIB)
#define SAVE_EVERY 10.0
#define COUNT_EVERY 1.0
#define COUNTED (4 * MIB)
#define LOOK_EVERY 1.0 /* for windows that are over */
#define LOOK_OFTEN 0.2 /* for batches that must wait a moment */
#define BATCHES 4
#define MOST_THREADS 65

struct dispatcher {
    struct state *st;                         /* borrowed */
    struct upstreams *upstreams;              /* borrowed */
    const struct dispatch_settings *settings; /* borrowed */
    struct fleet *fleet;                      /* owned */
    pthread_t threads[MOST_THREADS];
    size_t thread_count;
    size_t seats; /* batches at once; not written after the first thread */
    pthread_mutex_t lock; /* of what follows; taken before the state's */
    pthread_cond_t wake;
    bool quit;
    unsigned told; /* how often something changed */
};

/* One of the threads. */
struct seat {
    struct dispatcher *d;
    bool runs; /* else only what is short: looking at files, ending */
};

/* What one run of a batch needs. */
struct running {
    struct dispatcher *d;
    struct served_batch *b;
    char input[STATE_PATH], output[STATE_PATH], errors[STATE_PATH];
    struct usage usage;
    double saved, counted;
    int64_t logged; /* requests, when that was logged last */
};

static double now_of(const struct dispatcher *d)
{
    struct clock *clock = state_clock(d->st);

    return clock->now(clock);
}

void served_move(struct state *st, struct served_batch *b,
                 enum served_status to)
{
    struct clock *clock = state_clock(st);

    log_info("batch_moved", "batch=%s from=%s to=%s", b->id,
             served_status_names[b->status], served_status_names[to]);
    b->status = to;
    b->at[to] = clock->now(clock);
    b->version++;
    if (served_is_final(to)) {
        b->waiting[0] = '\0';
        b->untold = state_ways(st);
    }
}

/* -- moving -- */

/* The record can't be written (a full disk): the step is taken again. */
static void save(struct dispatcher *d, struct served_batch *b)
{
    struct error err;

    if (!state_save_batch(d->st, b, &err))
        log_failure("batch_not_saved", "batch=%s reason=%s", b->id,
                    err.message);
}

static void move(struct dispatcher *d, struct served_batch *b,
                 enum served_status to)
{
    state_lock(d->st);
    /* A cancellation that came meanwhile stands. */
    if (b->status != SERVED_CANCELLING || to == SERVED_CANCELLED ||
        to == SERVED_EXPIRED)
        served_move(d->st, b, to);
    state_unlock(d->st);
    save(d, b);
}

static void set_waiting(struct dispatcher *d, struct served_batch *b,
                        const char *why)
{
    state_lock(d->st);
    if (strcmp(b->waiting, why) != 0) {
        snprintf(b->waiting, sizeof(b->waiting), "%s", why);
        utf8_trim_cut(b->waiting);
        b->version++;
        if (*why)
            log_warn("batch_waits", "batch=%s reason=%s", b->id, why);
    }
    state_unlock(d->st);
}

/* Fails it, with one fault of our own. */
static void fail(struct dispatcher *d, struct served_batch *b, const char *code,
                 const char *message)
{
    struct strbuf text;
    struct jsonw w;
    char *list;

    strbuf_init(&text, 4 * KIB);
    jsonw_init(&w, &text);
    jsonw_array(&w, NULL);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "code", code);
    jsonw_text(&w, "message", message);
    jsonw_null(&w, "param");
    jsonw_null(&w, "line");
    jsonw_end_object(&w);
    jsonw_end_array(&w);
    list = strbuf_take(&text);
    strbuf_release(&text);
    state_lock(d->st);
    free(b->faults);
    b->faults = list;
    state_unlock(d->st);
    move(d, b, SERVED_FAILED);
}

/* -- ending -- */

static bool add_record(struct dispatcher *d, const struct served_batch *b,
                       const char *id, const char *path, const char *what,
                       bool *has, struct error *err)
{
    struct served_file f = { .bytes = file_size(path) };

    *has = f.bytes > 0;
    if (!*has)
        return true;
    snprintf(f.id, sizeof(f.id), "%s", id);
    snprintf(f.owner, sizeof(f.owner), "%s", b->owner);
    snprintf(f.filename, sizeof(f.filename), "%s_%s.jsonl", b->id, what);
    snprintf(f.purpose, sizeof(f.purpose), "batch_output");
    f.created_at = now_of(d);
    return state_add_file(d->st, &f, err);
}

/* The files get their records, then the batch its last status: after a kill
 * between the two, the same again. */
static bool end_batch(struct running *r, enum served_status status,
                      struct error *err)
{
    struct dispatcher *d = r->d;
    struct served_batch *b = r->b;
    bool has_output, has_errors;

    if (!usage_count(&r->usage, r->output, UINT64_MAX, err) ||
        !add_record(d, b, b->output, r->output, "output", &has_output, err) ||
        !add_record(d, b, b->errors, r->errors, "error", &has_errors, err))
        return false;
    state_lock(d->st);
    b->has_output = has_output;
    b->has_errors = has_errors;
    b->input_tokens = r->usage.input;
    b->cached_tokens = r->usage.cached;
    b->output_tokens = r->usage.output;
    state_unlock(d->st);
    move(d, b, status);
    return true;
}

static bool expire(struct running *r, struct error *err)
{
    struct served_batch *b = r->b;
    int64_t added;

    if (b->at[SERVED_IN_PROGRESS] > 0) {
        if (!expire_rest(r->input, r->output, r->errors, "batch_expired",
                         "This request was not asked before the batch's "
                         "completion window was over.",
                         &added, err))
            return false;
        state_lock(r->d->st);
        b->failed = b->total - b->completed;
        state_unlock(r->d->st);
    }
    return end_batch(r, SERVED_EXPIRED, err);
}

/* -- running -- */

static bool is_quitting(struct dispatcher *d)
{
    bool quit;

    pthread_mutex_lock(&d->lock);
    quit = d->quit;
    pthread_mutex_unlock(&d->lock);
    return quit;
}

static void count_tokens(struct running *r, double now)
{
    struct error ignored;

    if (now < r->counted + COUNT_EVERY)
        return;
    r->counted = now;
    if (!usage_count(&r->usage, r->output, COUNTED, &ignored))
        return;
    state_lock(r->d->st);
    r->b->input_tokens = r->usage.input;
    r->b->cached_tokens = r->usage.cached;
    r->b->output_tokens = r->usage.output;
    state_unlock(r->d->st);
}

/* A line each so many requests. */
static void log_progress(struct running *r, int64_t done)
{
    int64_t every = r->d->settings->log_every;
    const struct served_batch *b = r->b;

    if (every <= 0 || done < r->logged + every)
        return;
    r->logged = done - done % every;
    log_info("batch_progress", "batch=%s total=%lld done=%lld failed=%lld",
             b->id, (long long)b->total, (long long)done, (long long)b->failed);
}

static bool on_progress(void *context, int64_t done, int64_t failed,
                        int64_t total)
{
    struct running *r = context;
    struct served_batch *b = r->b;
    double now = now_of(r->d);
    bool halted;

    state_lock(r->d->st);
    halted = b->halt;
    if (!(b->running_since > 0)) {
        b->running_since = now;
        b->done_before = done;
    }
    b->version += b->completed + b->failed != done || b->total != total;
    b->completed = done - failed;
    b->failed = failed;
    b->total = total;
    state_unlock(r->d->st);
    count_tokens(r, now);
    if (now >= r->saved + SAVE_EVERY) {
        r->saved = now;
        save(r->d, b);
    }
    log_progress(r, done);
    return !halted && !is_quitting(r->d) && now < b->expires_at;
}

static double waiting_time(const struct error *err)
{
    if (!strcmp(err->code, "disk"))
        return WAIT_DISK;
    return err->kind == ERROR_RETRY ? WAIT_UPSTREAM : WAIT_OPERATOR;
}

/* What stopped the runner, and what that means for the batch. */
static void stopped_by(struct running *r, const struct error *err, double *wait)
{
    bool gone = err->kind == ERROR_SETUP && err->native == 404;

    if (gone) {
        fail(r->d, r->b, "model_not_found", err->message);
        return;
    }
    *wait = waiting_time(err);
    set_waiting(r->d, r->b, err->message);
}

static bool serves(void *context, size_t i, const char *model, size_t len)
{
    return upstreams_serve(context, i, model, len);
}

static bool allows(void *context, const struct request *request, char *why,
                   size_t size, const char **code)
{
    return upstreams_allow(context, request, why, size, code);
}

/* What this batch has of its own. */
static void prepare(struct running *r, struct runner_settings *s)
{
    struct upstreams *u = r->d->upstreams;

    s->path = r->b->endpoint + 3; /* behind "/v1" */
    s->own_headers = upstreams_headers(u);
    s->fleet = r->d->fleet;
    s->weight = exp2((double)r->b->priority / 10);
    s->serves = serves;
    s->allows = allows;
    s->context = u;
    r->logged = r->b->completed + r->b->failed;
}

static void run(struct running *r, double *wait)
{
    struct provider_watch watch = { .progress = on_progress, .context = r };
    struct runner_settings settings = r->d->settings->runner;
    struct runner_result result;
    struct error err;
    bool ok;

    prepare(r, &settings);
    ok = runner_run(&settings, r->input, r->output, r->errors, &watch,
                    state_clock(r->d->st), &result, &err);
    state_lock(r->d->st);
    if (ok || result.total) {
        r->b->total = result.total;
        r->b->completed = result.done - result.failed;
        r->b->failed = result.failed;
    }
    r->b->running_since = 0;
    r->b->version++;
    state_unlock(r->d->st);
    log_info("runner_ended",
             "batch=%s total=%lld done=%lld failed=%lld already=%lld "
             "asked=%lld",
             r->b->id, (long long)result.total, (long long)result.done,
             (long long)result.failed, (long long)result.already,
             (long long)result.asked);
    if (!ok) {
        save(r->d, r->b);
        stopped_by(r, &err, wait);
    } else if (result.stopped) {
        save(r->d, r->b);
    } else {
        move(r->d, r->b, SERVED_FINALIZING);
    }
}

/* -- one step of a batch: by its status -- */

static enum served_status status_of(struct dispatcher *d,
                                    const struct served_batch *b)
{
    enum served_status status;

    state_lock(d->st);
    status = b->status;
    state_unlock(d->st);
    return status;
}

static bool knows(void *context, const char *model, size_t len)
{
    return upstreams_know(context, model, len);
}

static bool validate(struct running *r, double *wait, struct error *err)
{
    struct dispatcher *d = r->d;
    struct served_batch *b = r->b;
    struct validate_models models = { knows, d->upstreams };
    struct validation v;

    /* Just started: soon it is known who has which model. */
    if (!upstreams_were_tried(d->upstreams)) {
        *wait = 0.05;
        return true;
    }

    /* Deleted while the batch was being made. */
    if (!file_exists(r->input)) {
        fail(d, b, "file_not_found", "The input file is gone.");
        return true;
    }
    if (!validate_file(r->input, b->endpoint, d->settings->max_requests,
                       b->skip_invalid, &models, &v, err))
        return false;
    state_lock(d->st);
    b->total = v.faults ? 0 : v.total;
    b->groups = v.groups;
    free(b->faults);
    b->faults = v.list;
    state_unlock(d->st);
    move(d, b, v.faults ? SERVED_FAILED : SERVED_IN_PROGRESS);
    return true;
}

/* Answers that can't be kept are not asked for. */
static bool has_room(struct running *r, double *wait)
{
    if (file_room(state_folder(r->d->st)) >= LEAST_ROOM)
        return true;
    set_waiting(r->d, r->b, "the disk is full: it goes on when there is room");
    *wait = WAIT_DISK;
    return false;
}

static bool step(struct running *r, double *wait, struct error *err)
{
    struct served_batch *b = r->b;
    enum served_status status = status_of(r->d, b);

    if (now_of(r->d) >= b->expires_at && status != SERVED_FINALIZING)
        return status == SERVED_CANCELLING ? end_batch(r, SERVED_CANCELLED, err)
                                           : expire(r, err);
    switch (status) {
    case SERVED_VALIDATING: return validate(r, wait, err);
    case SERVED_IN_PROGRESS:
        if (!has_room(r, wait))
            return true;
        set_waiting(r->d, b, "");
        run(r, wait);
        return true;
    case SERVED_FINALIZING: return end_batch(r, SERVED_COMPLETED, err);
    case SERVED_CANCELLING: return end_batch(r, SERVED_CANCELLED, err);
    case SERVED_FAILED:
    case SERVED_COMPLETED:
    case SERVED_EXPIRED:
    case SERVED_CANCELLED:
    case SERVED_STATUSES: break;
    }
    return true;
}

/* -- the thread -- */

static bool wants_a_step(const struct served_batch *b, double now)
{
    if (served_is_final(b->status) || now < b->not_before)
        return false;
    return !b->paused || b->status == SERVED_CANCELLING || now >= b->expires_at;
}

static double rank(const struct served_batch *b, double now)
{
    /* What only has to be ended goes first. */
    if (b->status == SERVED_CANCELLING || b->status == SERVED_FINALIZING ||
        now >= b->expires_at)
        return 1e9;
    /* Whole files are looked at before any of them is run: a fault is told
     * at once. */
    if (b->status == SERVED_VALIDATING)
        return 1e8;
    return (double)b->priority + (now - b->at[SERVED_VALIDATING]) / HOUR;
}

/* Runs for long: its thread is taken as long as there are requests. */
static bool is_long(const struct served_batch *b, double now)
{
    return b->status == SERVED_IN_PROGRESS && now < b->expires_at;
}

/* Of all that run the one with the lowest rank; NULL = none. */
static struct served_batch *lowest(struct dispatcher *d, double now,
                                   size_t *running)
{
    struct served_batch *low = NULL, *b;
    size_t i;

    *running = 0;
    for (i = 0; i < state_batch_count(d->st); i++) {
        b = state_batch_at(d->st, i);
        if (!b->working || !is_long(b, now))
            continue;
        ++*running;
        if (!low || rank(b, now) < rank(low, now))
            low = b;
    }
    return low;
}

/* All seats are taken: does the last of them step aside for this one? */
static void make_room(struct dispatcher *d, const struct served_batch *b,
                      double now)
{
    size_t running;
    struct served_batch *low = lowest(d, now, &running);

    if (low && running >= d->seats && rank(low, now) < rank(b, now))
        low->halt = true;
}

/* Takes up the best that this thread may. */
static struct served_batch *pick(const struct seat *w)
{
    struct dispatcher *d = w->d;
    struct served_batch *best = NULL, *best_long = NULL, *b, **place;
    double now = now_of(d);
    size_t i;

    state_lock(d->st);
    for (i = 0; i < state_batch_count(d->st); i++) {
        b = state_batch_at(d->st, i);
        place = is_long(b, now) ? &best_long : &best;
        if (!b->working && wants_a_step(b, now) &&
            (!*place || rank(b, now) > rank(*place, now)))
            *place = b;
    }
    if (!w->runs && best_long)
        make_room(d, best_long, now);
    b = w->runs ? best_long : best;
    if (b) {
        b->working = true;
        b->halt = false;
    }
    state_unlock(d->st);
    return b;
}

/* Until something changes, that is since *told. */
static void sleep_till_told(struct dispatcher *d, unsigned *told,
                            double seconds)
{
    pthread_mutex_lock(&d->lock);
    while (!d->quit && d->told == *told)
        if (!condition_wait(&d->wake, &d->lock, seconds))
            break;
    *told = d->told;
    pthread_mutex_unlock(&d->lock);
}

static void wake_all(struct dispatcher *d)
{
    pthread_mutex_lock(&d->lock);
    d->told++;
    pthread_cond_broadcast(&d->wake);
    pthread_mutex_unlock(&d->lock);
}

static void work_on(struct dispatcher *d, struct served_batch *b)
{
    struct running r = { .d = d, .b = b };
    struct error err;
    double wait = 0;

    state_path(d->st, b->input, r.input);
    state_path(d->st, b->output, r.output);
    state_path(d->st, b->errors, r.errors);
    r.saved = now_of(d);
    if (!step(&r, &wait, &err)) {
        wait = waiting_time(&err);
        set_waiting(d, b, err.message);
    }
    state_lock(d->st);
    b->working = false;
    if (wait > 0)
        b->not_before = now_of(d) + wait;
    state_unlock(d->st);
    wake_all(d);
}

static void *dispatch(void *context)
{
    struct seat *w = context;
    struct dispatcher *d = w->d;
    struct served_batch *b;
    unsigned told = 0;

    while (!is_quitting(d)) {
        b = pick(w);
        if (b)
            work_on(d, b);
        else
            sleep_till_told(d, &told, w->runs ? LOOK_EVERY : LOOK_OFTEN);
    }
    free(w);
    return NULL;
}

void dispatcher_tell(struct dispatcher *d, struct served_batch *b)
{
    state_lock(d->st);
    b->halt = b->working;
    state_unlock(d->st);
    wake_all(d);
}

static bool open_fleet(struct dispatcher *d, struct error *err)
{
    const struct runner_settings *r = &d->settings->runner;
    struct fleet_settings s = {
        .urls = r->base_url,
        .concurrency = r->concurrency > 0 ? r->concurrency : 4,
        .slow = (r->timeout > 0 ? r->timeout : 600) / 4,
        .patience = r->patience > 0 ? r->patience : 60,
        .requests_per_minute = r->requests_per_minute,
        .tokens_per_minute = r->tokens_per_minute,
        .requests_per_day = r->requests_per_day,
    };

    return fleet_open(&d->fleet, &s, state_clock(d->st), err);
}

/* The first thread does what is short, the others run. */
static bool start_threads(struct dispatcher *d, struct error *err)
{
    int64_t n = d->settings->batches > 0 ? d->settings->batches : BATCHES;
    struct seat *w;

    d->seats = n < MOST_THREADS ? (size_t)n : MOST_THREADS - 1;
    while (d->thread_count < d->seats + 1) {
        w = calloc(1, sizeof(*w));
        if (!w)
            return error_memory(err);
        *w = (struct seat){ d, d->thread_count > 0 };
        if (pthread_create(&d->threads[d->thread_count], NULL, dispatch, w)) {
            free(w);
            return error_set(err, ERROR_RETRY, "cannot start another thread");
        }
        d->thread_count++;
    }
    return true;
}

bool dispatcher_open(struct dispatcher **out, struct state *st,
                     struct upstreams *upstreams,
                     const struct dispatch_settings *settings,
                     struct error *err)
{
    struct dispatcher *d = calloc(1, sizeof(*d));

    *out = d;
    if (!d)
        return error_memory(err);
    d->st = st;
    d->upstreams = upstreams;
    d->settings = settings;
    pthread_mutex_init(&d->lock, NULL);
    condition_init(&d->wake);
    return open_fleet(d, err) && upstreams_watch(upstreams, d->fleet, err) &&
           start_threads(d, err);
}

void dispatcher_quit(struct dispatcher *d)
{
    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->quit = true;
    pthread_cond_broadcast(&d->wake);
    pthread_mutex_unlock(&d->lock);
}

void dispatcher_close(struct dispatcher *d)
{
    size_t i;

    if (!d)
        return;
    dispatcher_quit(d);
    for (i = 0; i < d->thread_count; i++)
        pthread_join(d->threads[i], NULL);
    upstreams_quit(d->upstreams);
    fleet_close(d->fleet);
    pthread_mutex_destroy(&d->lock);
    pthread_cond_destroy(&d->wake);
    free(d);
}

/*
 * run_monitor.c -- how far a job is: banners, the live line, milestones,
 * answers as they come, and the decision to stop.
 */
#include <errno.h>
#include <stdarg.h>

#include "base/file.h"
#include "batch/spool.h"
#include "batch/store.h"
#include "cli/run.h"
#include "runner/local.h"

#define COPY_BYTES (256 * KIB)
#define VALIDATING 30.0 /* seconds before that is remarked on */
#define STUCK 180.0     /* the same, without an answer */
#define SAVE_EVERY 1.0  /* seconds between two notes of how far it is */

static const char *const step_names[] = {
    [STEP_CONVERT] = "convert",   [STEP_UPLOAD] = "upload",
    [STEP_CREATE] = "create",     [STEP_MONITOR] = "monitor",
    [STEP_DOWNLOAD] = "download", [STEP_ANALYZE] = "analyze",
    [STEP_EXPORT] = "export",
};

void run_step(struct run *run, int number)
{
    if (run->step == step_names[number])
        return;
    run->step = step_names[number];
    progress_wipe(&run->progress);
    cli_say(run->cli, "== %d of %d: %s ==", number, STEPS, run->step);
}

void run_say(struct run *run, const char *format, ...)
{
    char line[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    progress_wipe(&run->progress);
    cli_say(run->cli, "   %s", line);
}

/* -- counting -- */

static struct run_batch *find_batch(struct run *run, const char *key)
{
    struct run_batch *bigger;
    size_t i;

    for (i = 0; i < run->batch_count; i++)
        if (strcmp(run->batches[i].key, key) == 0)
            return &run->batches[i];
    bigger = realloc(run->batches, (i + 1) * sizeof(*bigger));
    if (!bigger)
        return NULL;
    run->batches = bigger;
    memset(&bigger[i], 0, sizeof(bigger[i]));
    snprintf(bigger[i].key, BATCH_KEY, "%s", key);
    run->batch_count++;
    return &bigger[i];
}

static void sum_up(const struct run *run, int64_t *done, int64_t *failed,
                   int64_t *total)
{
    int64_t asked = 0;
    size_t i;

    *done = run->base_done;
    *failed = run->base_failed;
    for (i = 0; i < run->batch_count; i++) {
        *done += run->batches[i].done;
        *failed += run->batches[i].failed;
        asked += run->batches[i].total;
    }
    /* Records that are asked again count again. */
    *total = run->base_done + asked;
    if (*total < run->job.total)
        *total = run->job.total;
}

static void tell_milestones(struct run *run, int64_t done, int64_t total)
{
    struct strbuf text;

    strbuf_init(&text, 200);
    for (; run->milestone < done / 1000; strbuf_clear(&text)) {
        run->milestone++;
        progress_number(run->milestone * 1000, &text);
        strbuf_adds(&text, " of ");
        progress_number(total, &text);
        run_say(run, "milestone: %s done", text.data);
    }
    strbuf_release(&text);
}

/* So that others (vitae jobs, a server) can see it. */
static void note(struct run *run, int64_t done, int64_t failed)
{
    struct clock *clock = run->cli->clock;
    double now = clock->monotonic(clock);
    struct error ignored;

    if (now - run->saved < SAVE_EVERY)
        return;
    run->job.seconds += now - run->saved;
    run->saved = now;
    run->job.completed = done - failed;
    run->job.failed = failed;
    if (!job_save(run->worker.db, &run->job, clock->now(clock), &ignored))
        error_clear(&ignored);
}

static void judge_failures(struct run *run, int64_t failed)
{
    if (!run->strategy.most || run->stopped_by_failures ||
        failed - run->base_failed < run->strategy.most)
        return;
    run->stopped_by_failures = true;
    run_say(run, "%lld failed: stopping, as --on-error says",
            (long long)(failed - run->base_failed));
    flag_set(&cli_stop, true);
}

/* Waiting is told for what it is. */
static void watch_over(struct run *run, const struct batch *b, int64_t done)
{
    double now = run->cli->clock->monotonic(run->cli->clock);

    if (done != run->moved_to || run->moved <= 0) {
        run->moved_to = done;
        run->moved = now;
        run->stuck_told = false;
        return;
    }
    if (strcmp(b->provider_status, "validating") == 0) {
        if (!run->validating_told && now - run->moved > VALIDATING)
            run_say(run,
                    "still validating: the server reads each of the %lld "
                    "requests before it begins",
                    (long long)b->request_count);
        run->validating_told |= now - run->moved > VALIDATING;
    } else if (!run->stuck_told && now - run->moved > STUCK) {
        run->stuck_told = true;
        run_say(run,
                "nothing was answered for %.0f minutes; a request has %.0f s "
                "before it counts as failed",
                STUCK / 60, run->cli->provider->timeout);
    }
}

static void show(struct run *run, const struct batch *b)
{
    int64_t done, failed, total;
    char word[sizeof(run->what)];

    sum_up(run, &done, &failed, &total);
    run->last_done = done;
    run->last_failed = failed;
    snprintf(word, sizeof(word), "   %.40s",
             b->provider_status[0] ? b->provider_status : "running");
    memcpy(run->what, word, sizeof(word));
    run->progress.total = total;
    tell_milestones(run, done, total);
    progress_update(&run->progress, done, failed);
    note(run, done, failed);
    watch_over(run, b, done);
    judge_failures(run, failed);
}

/* -- answers as they come -- */

static bool copy_from(struct run *run, const char *path, int which, bool whole,
                      struct error *err)
{
    static char buffer[COPY_BYTES];
    FILE *f = fopen(path, "re");
    size_t n, used;
    bool ok = true;

    if (!f && errno == ENOENT)
        return true; /* nothing has come yet */
    if (!f)
        return file_failure("read", path, err);
    if (fseeko(f, (off_t)run->stream_at[which], SEEK_SET) != 0)
        ok = file_failure("read", path, err);
    while (ok && (n = fread(buffer, 1, sizeof(buffer), f)) > 0) {
        for (used = n; used && buffer[used - 1] != '\n' && !whole; used--)
            ;
        ok = file_add(&run->stream, buffer, used, err);
        run->stream_at[which] += used;
        if (used < n)
            break;
    }
    if (ok && ferror(f))
        ok = file_failure("read", path, err);
    fclose(f);
    return ok && file_flush(&run->stream, err);
}

/* What the batch's files hold beyond what was copied: those of the runner,
 * which grow, or those that were downloaded. */
static bool copy_answers(struct run *run, const struct batch *b, bool whole,
                         struct error *err)
{
    static const char *const growing[] = { ".answers.jsonl",
                                           ".failures.jsonl" };
    char path[SPOOL_PATH + 64];
    int i;

    if (run->stream.fd < 0 || (!whole && !local_made(b->id)))
        return true;
    if (strcmp(run->stream_key, b->key) != 0) {
        snprintf(run->stream_key, sizeof(run->stream_key), "%s", b->key);
        run->stream_at[0] = run->stream_at[1] = 0;
    }
    for (i = 0; i < 2; i++) {
        if (!whole)
            snprintf(path, sizeof(path), "%s/%.200s%s", run->worker.spool,
                     b->id, growing[i]);
        else if (!spool_path(run->worker.spool, b->key,
                             i ? SPOOL_ERRORS : SPOOL_OUTPUT, path, err))
            return false;
        if (!copy_from(run, path, i, whole, err))
            return false;
    }
    return true;
}

/* -- the watch -- */

static void tell_upload(struct run *run, const struct batch *b)
{
    char path[SPOOL_PATH], name[80];
    struct error ignored;

    if (!spool_path(run->worker.spool, b->key, SPOOL_REQUESTS, path, &ignored))
        return;
    spool_upload_name(b->key, name, sizeof(name));
    run_say(run, "file %s, %lld bytes, %lld requests", name,
            (long long)file_size(path), (long long)b->request_count);
}

static void on_built(struct run *run, const struct batch *b)
{
    run_step(run, STEP_UPLOAD);
    tell_upload(run, b);
}

static void on_uploaded(struct run *run, const struct batch *b)
{
    run_step(run, STEP_UPLOAD);
    run_say(run, "file id %s", b->input_file);
    run_step(run, STEP_CREATE);
}

static void on_submitted(struct run *run, const struct batch *b)
{
    struct run_batch *known = find_batch(run, b->key);

    if (known && !known->told) {
        known->told = true;
        run_step(run, STEP_CREATE);
        run_say(run, "batch %s, status %s, %lld requests", b->id,
                b->provider_status[0] ? b->provider_status : "created",
                (long long)b->request_count);
        run_step(run, STEP_MONITOR);
    }
    show(run, b);
}

static void on_ended(struct run *run, const struct batch *b)
{
    show(run, b);
    run_step(run, STEP_DOWNLOAD);
    run_say(run, "batch %s %s: %lld answered, %lld failed", b->id,
            b->provider_status[0] ? b->provider_status
                                  : batch_status_name(b->status),
            (long long)b->completed_count, (long long)b->failed_count);
    if (b->error_message[0])
        run_say(run, "%s: %s", b->error_code, b->error_message);
}

static void on_downloaded(struct run *run, const struct batch *b)
{
    run_step(run, STEP_DOWNLOAD);
    run_say(run, "checking the answers of %s", b->id);
}

/* The files go when the batch closes, so this is the moment. */
static void on_collected(struct run *run, const struct batch *b)
{
    struct run_batch *known = find_batch(run, b->key);

    if (run->broken)
        return;
    /* Answers that turned out to be useless are failures too. */
    if (known && b->dead_count > known->failed) {
        known->failed = b->dead_count;
        show(run, b);
    }
    if (copy_answers(run, b, true, &run->err) &&
        job_take_answers(&run->worker, b, &run->err))
        return;
    run->broken = true;
    flag_set(&cli_stop, true);
}

static void (*const on_status[BATCH_STATUSES])(struct run *,
                                               const struct batch *) = {
    [BATCH_BUILT] = on_built,         [BATCH_UPLOADED] = on_uploaded,
    [BATCH_SUBMITTED] = on_submitted, [BATCH_ENDED] = on_ended,
    [BATCH_FAILED] = on_ended,        [BATCH_EXPIRED] = on_ended,
    [BATCH_CANCELLED] = on_ended,     [BATCH_DOWNLOADED] = on_downloaded,
    [BATCH_COLLECTED] = on_collected,
};

static void take_counts(struct run *run, const struct batch *b,
                        const char *what, int64_t done, int64_t failed)
{
    struct run_batch *known;

    if (b->status < BATCH_SUBMITTED || strcmp(what, "writing") == 0)
        return;
    known = find_batch(run, b->key);
    if (!known)
        return;
    known->total = b->request_count;
    /* The runner counts failures among the done, a batch's row apart. */
    known->done = strcmp(what, "running") == 0 ? done : done + failed;
    if (failed > known->failed)
        known->failed = failed;
}

static void on_step(void *context, const struct batch *b, const char *what,
                    int64_t done, int64_t failed, int64_t total)
{
    struct run *run = context;

    (void)total;
    take_counts(run, b, what, done, failed);
    if (strcmp(what, "running") == 0) {
        show(run, b);
        if (!run->broken && !copy_answers(run, b, false, &run->err)) {
            run->broken = true;
            flag_set(&cli_stop, true);
        }
        return;
    }
    if (strcmp(what, batch_status_name(b->status)) == 0 && on_status[b->status])
        on_status[b->status](run, b);
}

static void on_remark(void *context, const char *text)
{
    run_say(context, "%s", text);
}

void run_watch(struct run *run)
{
    struct clock *clock = run->cli->clock;

    run->watch.step = on_step;
    run->watch.remark = on_remark;
    run->watch.context = run;
    run->worker.watch = &run->watch;
    run->began = run->saved = clock->monotonic(clock);
    run->milestone = run->base_done / 1000;
    progress_start(&run->progress, progress_mode_for(stderr, run->cli->quiet),
                   stderr, clock, run->what, run->job.total);
}

void run_unwatch(struct run *run)
{
    progress_end(&run->progress);
    run->worker.watch = NULL;
    free(run->batches);
    run->batches = NULL;
    run->batch_count = 0;
}

/*
 * run_steps.c -- the steps of vitae run, from records to an end.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "batch/build.h"
#include "batch/cancel.h"
#include "batch/claim.h"
#include "batch/price.h"
#include "batch/service.h"
#include "batch/spool.h"
#include "batch/step.h"
#include "batch/store.h"
#include "cli/cli_settings.h"
#include "cli/run.h"
#include "provider/fetch.h"
#include "runner/local.h"

#define AT_ONCE 50000 /* records of one batch, where no limit says less */

/* -- step 1 -- */

static bool on_refused(void *context, const struct error *why,
                       struct error *err)
{
    struct run *run = context;

    progress_wipe(&run->progress);
    if (!run->flags->skip_bad) {
        *err = *why;
        return false;
    }
    fprintf(stderr, "vitae: left out: %s\n", why->message);
    return true;
}

static void on_record(void *context, int64_t records)
{
    struct run *run = context;

    if (records % 1000 == 0)
        run_say(run, "%lld records", (long long)records);
}

static void on_missed(void *context, const char *why)
{
    struct run *run = context;

    snprintf(run->missed, sizeof(run->missed), "%s", why);
    utf8_trim_cut(run->missed);
    fprintf(stderr, "vitae: left out: %s\n", why);
}

static bool fill(struct run *run, struct job_fill *fill, struct error *err)
{
    const struct fetch_settings settings = {
        .private_too = run->flags->allow_private,
    };
    bool ok = fetch_open(&fill->fetcher, &settings, err) &&
              run_record_settings(run, &fill->settings, err) &&
              job_fill(run->worker.db, run->job.input, fill, err);

    fetch_close(fill->fetcher);
    return ok;
}

static bool load_records(struct run *run, struct error *err)
{
    struct job_fill what = {
        .refused = on_refused,
        .progress = on_record,
        .missed = on_missed,
        .stop = &cli_stop,
        .context = run,
        .strict = strcmp(run->cli->provider->name, "anthropic") == 0,
    };
    struct cli *cli = run->cli;
    double now;

    if (run->job.loaded)
        return true;
    if (!fill(run, &what, err))
        return false;
    if (!what.records && run->missed[0])
        return error_set(err, ERROR_REJECT, "no page could be had: %s",
                         run->missed);
    if (!what.records)
        return error_set(err, ERROR_REJECT, "%s holds no record",
                         run->job.input);
    run->job.loaded = true;
    run->job.total = what.records;
    run->job.left_out = what.left_out;
    now = cli->clock->now(cli->clock);
    run_say(run, "%lld records, %lld left out", (long long)what.records,
            (long long)what.left_out);
    if (what.repeats)
        run_say(run, "%lld records repeat the text of another",
                (long long)what.repeats);
    return job_save(run->worker.db, &run->job, now, err);
}

static int64_t batch_limit(const struct run *run)
{
    const struct provider *p = run->worker.provider;
    int64_t limit = AT_ONCE;

    if (p->ops->limits.requests > 0 && p->ops->limits.requests < limit)
        limit = p->ops->limits.requests;
    if (p->settings->max_requests > 0 && p->settings->max_requests < limit)
        limit = p->settings->max_requests;
    return limit;
}

/* Batches that were claimed, but not built yet, when a run was broken off;
 * those that a limit splits off. */
static bool build_claimed(struct run *run, bool *more, struct error *err)
{
    struct batch_keys keys = { 0 };
    struct batch b;
    bool found, taken, ok;
    size_t i;

    *more = false;
    ok = store_open_batches(run->worker.db, &keys, err);
    for (i = 0; ok && i < keys.count && !cli_stop; i++) {
        ok = store_find(run->worker.db, keys.keys[i], &b, &found, err);
        if (!ok || !found || b.status != BATCH_CLAIMED)
            continue;
        ok = worker_take(&run->worker, &b, &taken, err);
        if (!ok || !taken)
            continue;
        ok = build_step(&run->worker, &b, err);
        worker_drop(&run->worker, &b);
        *more = true;
    }
    batch_keys_release(&keys);
    return ok;
}

/* Until none is left: what is split off may be split again. */
static bool build_all_claimed(struct run *run, struct error *err)
{
    bool more = true;

    while (more && !cli_stop)
        if (!build_claimed(run, &more, err))
            return false;
    return true;
}

static bool build_all(struct run *run, struct error *err)
{
    int64_t limit = batch_limit(run);
    struct batch b;
    bool ok = build_all_claimed(run, err);

    while (ok && !cli_stop) {
        if (!claim_batch(&run->worker, limit, &b, err))
            return false;
        if (!b.key[0])
            return true;
        ok = build_step(&run->worker, &b, err);
        worker_drop(&run->worker, &b);
        ok = ok && build_all_claimed(run, err);
    }
    return ok;
}

/* A batch whose every record was set aside has no file. */
static bool append_file(struct file_writer *to, const char *from,
                        struct error *err)
{
    static char buffer[256 * KIB];
    FILE *f = fopen(from, "re");
    size_t n;
    bool ok = true;

    if (!f)
        return errno == ENOENT || file_failure("read", from, err);
    while (ok && (n = fread(buffer, 1, sizeof(buffer), f)) > 0)
        ok = file_add(to, buffer, n, err);
    if (ok && ferror(f))
        ok = file_failure("read", from, err);
    fclose(f);
    return ok;
}

/* All requests in one file: made once, before the first is sent. */
static bool write_requests(struct run *run, int64_t *bytes, struct error *err)
{
    struct file_writer to = FILE_WRITER_CLOSED;
    struct batch_keys keys = { 0 };
    char path[SPOOL_PATH];
    bool ok;
    size_t i;

    ok = store_open_batches(run->worker.db, &keys, err) &&
         file_create(&to, run->paths.batch, err);
    for (i = 0; ok && i < keys.count; i++)
        ok = spool_path(run->worker.spool, keys.keys[i], SPOOL_REQUESTS, path,
                        err) &&
             append_file(&to, path, err);
    ok = ok && file_commit(&to, err);
    file_abandon(&to);
    batch_keys_release(&keys);
    *bytes = (int64_t)file_size(run->paths.batch);
    return ok;
}

static bool add_cost(void *context, const struct db_rows *row,
                     struct error *err)
{
    (void)err;
    *(double *)context += db_rows_is_null(row, 7) ? 0 : db_rows_real(row, 7);
    return true;
}

/* As told by the provider, and as estimated for what has not ended. */
static bool sum_cost(struct run *run, struct error *err)
{
    run->cost = 0;
    return db_each(run->worker.db, "job_batches", NULL, 0, add_cost, &run->cost,
                   NULL, err);
}

static bool tell_cost(struct run *run, struct error *err)
{
    if (!sum_cost(run, err))
        return false;
    if (run->cost > 0)
        run_say(run, "estimated cost %.4f %s", run->cost,
                prices_currency(run->worker.prices));
    return true;
}

static bool convert(struct run *run, struct error *err)
{
    int64_t bytes = 0;
    struct provider *p;

    run_step(run, STEP_CONVERT);
    if (!worker_provider(&run->worker, run->cli->provider_name, &p, err) ||
        !load_records(run, err))
        return false;
    if (file_exists(run->paths.batch))
        return true;
    if (!build_all(run, err))
        return cli_stop;
    if (cli_stop)
        return true;
    if (!write_requests(run, &bytes, err))
        return false;
    run_say(run, "%s, %lld bytes", run->paths.batch, (long long)bytes);
    return tell_cost(run, err);
}

/* -- the other steps -- */

static bool put_back(struct db *db, void *context, struct error *err)
{
    const struct db_value values[] = {
        db_null("userid"),
        db_null("batch"),
        db_null("code"),
    };

    return db_run(db, "retry_tries", values, ARRAY_LEN(values), NULL, err) &&
           db_run(db, "retry_records", values, ARRAY_LEN(values), context, err);
}

static bool give_up_unknown(struct worker *w, const char *key,
                            struct error *err)
{
    struct batch b;
    bool found, taken = false, ok;

    if (!store_find(w->db, key, &b, &found, err))
        return false;
    if (!found || b.status != BATCH_UNKNOWN)
        return true;
    if (!worker_take(w, &b, &taken, err))
        return false;
    ok = !taken || cancel_batch(w, &b, err);
    worker_drop(w, &b);
    return ok;
}

/* Asked for: what a batch that is unknown held is asked again, too. */
static bool give_up_all_unknown(struct worker *w, struct error *err)
{
    struct batch_keys keys = { 0 };
    bool ok = store_open_batches(w->db, &keys, err);
    size_t i;

    for (i = 0; ok && i < keys.count; i++)
        ok = give_up_unknown(w, keys.keys[i], err);
    batch_keys_release(&keys);
    return ok;
}

static bool begin_running(struct run *run, struct error *err)
{
    struct clock *clock = run->cli->clock;
    int64_t again = 0;

    if (run->flags->retry_failed &&
        (!give_up_all_unknown(&run->worker, err) ||
         !db_transaction(run->worker.db, "retry", put_back, &again, NULL, err)))
        return false;
    if (run->flags->retry_failed)
        run_say(run, "%lld records are asked again", (long long)again);
    if (run->job.status == JOB_COMPLETED && !again)
        return true;
    return job_move(run->worker.db, &run->job, JOB_RUNNING, clock->now(clock),
                    err);
}

static bool open_stream(struct run *run, struct error *err)
{
    return job_write_answers(&run->worker, run->paths.results, false, err) &&
           file_append(&run->stream, run->paths.results, -1, err);
}

/* -- too many failures -- */

/* Nothing more is sent: what is under way is called off, what has come is
 * taken.  *open tells whether something is still on its way. */
static bool call_off(struct run *run, struct batch *b, bool *open,
                     struct error *err)
{
    struct worker *w = &run->worker;
    enum crank_end end;
    bool taken;

    *open = true;
    if (b->status <= BATCH_SUBMITTED &&
        remote_status_of(b->provider_status) != REMOTE_CANCELLING) {
        if (!worker_take(w, b, &taken, err))
            return false;
        if (!taken)
            return true;
        if (!cancel_batch(w, b, err)) {
            /* It has ended meanwhile. */
            if (err->kind == ERROR_SETUP)
                return false;
            error_clear(err);
        }
        worker_drop(w, b);
    }
    return crank(w, b, CRANK_LOOK_NOW, &end, err);
}

static bool call_off_all(struct run *run, bool *open, struct error *err)
{
    struct batch_keys keys = { 0 };
    struct batch b;
    bool found, ok;
    size_t i;

    *open = false;
    ok = store_open_batches(run->worker.db, &keys, err);
    for (i = 0; ok && i < keys.count; i++) {
        ok = store_find(run->worker.db, keys.keys[i], &b, &found, err);
        if (ok && found && b.status != BATCH_UNKNOWN)
            ok = call_off(run, &b, open, err);
    }
    batch_keys_release(&keys);
    return ok;
}

static bool give_up(struct run *run, struct error *err)
{
    struct clock *clock = run->cli->clock;
    bool open = true;

    flag_set(&cli_stop, false);
    while (open && !cli_stop) {
        if (!call_off_all(run, &open, err))
            return false;
        if (open)
            clock->sleep(clock, 0.2, &cli_stop);
    }
    return true;
}

static bool close_stream(struct run *run, struct error *err)
{
    bool ok = run->stream.fd < 0 || file_sync(&run->stream, err);

    file_abandon(&run->stream);
    return ok;
}

/* Its records have no answers: the job is not complete. */
static void note_unknown(struct run *run, int64_t unknown)
{
    if (!unknown)
        return;
    run->stopped_by_failures = true;
    cli_say(run->cli,
            "%lld batches are unknown: the provider has their answers no more, "
            "or left their creation unanswered; look there, then go on with "
            "--retry-failed, which asks and pays again",
            (long long)unknown);
}

static bool work(struct run *run, struct error *err)
{
    struct service_result result = { 0 };
    struct error ignored;
    bool ok;

    if (!job_count(run->worker.db, &run->job, err) || !begin_running(run, err))
        return false;
    if (run->job.status == JOB_COMPLETED)
        return true;
    run->base_done = run->job.completed + run->job.failed;
    run->base_failed = run->job.failed;
    if (!open_stream(run, err))
        return false;
    run_watch(run);
    ok = service_run(&run->worker, &result, err);
    if (ok && run->stopped_by_failures && !run->broken)
        ok = give_up(run, err);
    run_unwatch(run);
    if (ok && !cli_stop)
        note_unknown(run, result.unknown);
    if (!close_stream(run, &ignored) && ok) {
        *err = ignored;
        ok = false;
    }
    if (run->broken) {
        *err = run->err;
        ok = false;
    }
    return ok;
}

static bool note_end(struct run *run, struct error *err)
{
    struct clock *clock = run->cli->clock;
    enum job_status to = run->stopped_by_failures ? JOB_FAILED : JOB_COMPLETED;

    if (run->saved > 0)
        run->job.seconds += clock->monotonic(clock) - run->saved;
    if (run->job.status != JOB_RUNNING)
        return true;
    if (cli_stop) {
        /* Answers that no batch has brought home yet count as well. */
        if (run->last_done > run->job.completed + run->job.failed) {
            run->job.completed = run->last_done - run->last_failed;
            run->job.failed = run->last_failed;
        }
        return job_save(run->worker.db, &run->job, clock->now(clock), err);
    }
    return job_move(run->worker.db, &run->job, to, clock->now(clock), err);
}

static void tell_batch(const struct db_rows *row)
{
    const char *id = db_rows_text(row, 1, NULL);
    const char *status = db_rows_text(row, 2, NULL);

    if (id && status && strcmp(status, "submitted") == 0 && !local_made(id))
        fprintf(stderr, "vitae: batch %s goes on at the provider\n", id);
}

static bool each_batch(void *context, const struct db_rows *row,
                       struct error *err)
{
    (void)context, (void)err;
    tell_batch(row);
    return true;
}

/* The way back. */
static void tell_resume(struct run *run)
{
    struct error ignored;

    if (!db_each(run->worker.db, "job_batches", NULL, 0, each_batch, NULL, NULL,
                 &ignored))
        error_clear(&ignored);
    fprintf(stderr, "vitae: to go on: vitae run %s --resume%s%s\n",
            run->job.input, run->flags->out ? " --out " : "",
            run->flags->out ? run->flags->out : "");
}

static bool finish(struct run *run, struct error *err)
{
    struct cli *cli = run->cli;

    if (!job_count(run->worker.db, &run->job, err) || !note_end(run, err))
        return false;
    if (cli_stop) {
        cli->exit = EXIT_INTERRUPTED;
        tell_resume(run);
        return true;
    }
    run->step = NULL;
    run_step(run, STEP_ANALYZE);
    if (!job_write_answers(&run->worker, run->paths.results,
                           run_option(run->options, RUN_ORDERED) != NULL,
                           err) ||
        !run_analyze(run, err))
        return false;
    run_step(run, STEP_EXPORT);
    if (!run_export(run, err) || !sum_cost(run, err))
        return false;
    run_summary(run);
    run_notify(run, true);
    if (run->stopped_by_failures)
        tell_resume(run);
    if (run->job.failed || run->job.left_out || run->stopped_by_failures)
        cli->exit = EXIT_SOME_FAILED;
    return true;
}

bool run_steps(struct run *run, struct error *err)
{
    bool ok = convert(run, err);

    if (ok && cli_stop) {
        run->cli->exit = EXIT_INTERRUPTED;
        tell_resume(run);
        return true;
    }
    ok = ok && work(run, err) && finish(run, err);
    /* A budget, a key, a disk: what was done is kept. */
    if (!ok && run->job.loaded)
        tell_resume(run);
    return ok;
}

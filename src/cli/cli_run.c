#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "batch/build.h"
#include "batch/claim.h"
#include "batch/spool.h"
#include "batch/step.h"
#include "batch/store.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/run.h"
#include "extract/profile.h"
#include "io/output.h"

#define AT_ONCE 50000 /* records of one batch, where no limit says less */

static struct run_options chosen;
static char *out, *name, *save_as, *template_name;
static bool resume, force, retry_failed, ordered, skip_bad;

#define TEXT_OPTION(name_, argument_, which_, help_)                           \
    {                                                                          \
        .name = name_, .argument = argument_, .help = help_,                   \
        .type = SETTING_TEXT, .value = &chosen.given[which_]                   \
    }

static const struct cli_option options[] = {
    TEXT_OPTION("profile", "P", RUN_PROFILE,
                "what to ask (default by the input: score for CSV, prompt for "
                "prompts and requests, news for contents)"),
    TEXT_OPTION("model", "M", RUN_MODEL,
                "the model (default: the only one that the endpoint has)"),
    TEXT_OPTION("base-url", "U", RUN_BASE_URL,
                "the endpoint (default: vitae serve at "
                "http://localhost:4080/v1)"),
    TEXT_OPTION("jobs", "N", RUN_JOBS,
                "requests at once, with a realtime endpoint"),
    TEXT_OPTION("rpm", "N", RUN_RPM, "requests a minute at most"),
    TEXT_OPTION("delay", "S", RUN_DELAY,
                "seconds between two requests; one at a time"),
    TEXT_OPTION("on-error", "HOW", RUN_ON_ERROR,
                "continue (default), stop, or threshold:N failures"),
    TEXT_OPTION("max-attempts", "N", RUN_MAX_ATTEMPTS,
                "tries at one record (default: batch.max_attempts)"),
    TEXT_OPTION("max-cost", "X", RUN_MAX_COST,
                "the most that it may cost (default: batch.max_cost)"),
    TEXT_OPTION("batch-size", "N", RUN_BATCH_SIZE,
                "requests in one batch (default: the provider's limit)"),
    TEXT_OPTION("check-interval", "S", RUN_CHECK_INTERVAL,
                "seconds between two looks at a batch (default: 1 s at an "
                "endpoint of yours, else 20 s)"),
    TEXT_OPTION("format", "F", RUN_FORMAT,
                "of the input: " RECORD_FORMATS " (default auto)"),
    TEXT_OPTION("id", "COLUMN", RUN_ID,
                "the CSV column with the id (default candidate_id)"),
    TEXT_OPTION("text", "COLUMN", RUN_TEXT,
                "the CSV column with the text (default: all others)"),
    { .name = "out",
      .argument = "DIR",
      .help = "put everything there (default: beside the input)",
      .type = SETTING_PATH,
      .value = &out },
    { .name = "name",
      .argument = "NAME",
      .help = "a name for people (default: the input's)",
      .type = SETTING_TEXT,
      .value = &name },
    { .name = "resume",
      .help = "go on with the job that is there",
      .value = &resume },
    { .name = "retry-failed",
      .help = "go on, and ask again what failed",
      .value = &retry_failed },
    { .name = "force",
      .help = "begin anew: what an earlier run left there is removed",
      .value = &force },
    { .name = "ordered",
      .help = "answers in the order of the input, not as they came",
      .value = &ordered },
    { .name = "skip-bad",
      .help = "leave records out that can't be used, and list them",
      .value = &skip_bad },
    { .name = "allow-unpriced",
      .help = "send although no price is known for the model",
      .setting = "batch.allow_unpriced" },
    { .name = "save-as",
      .argument = "NAME",
      .help = "remember these options as a template",
      .type = SETTING_TEXT,
      .value = &save_as },
    { .name = "template",
      .argument = "NAME",
      .help = "begin from a template's options",
      .type = SETTING_TEXT,
      .value = &template_name },
    { .name = NULL },
};

/* -- where things lie -- */

/* "x" of "some/x.csv": a name for people. */
static void stem_of(const char *input, char *stem, size_t size)
{
    const char *slash = strrchr(input, '/');
    char *dot;

    snprintf(stem, size, "%s", slash ? slash + 1 : input);
    dot = strrchr(stem, '.');
    if (dot && dot != stem)
        *dot = '\0';
}

static bool set_folder(struct run *run, const char *input, struct error *err)
{
    if (!out)
        return output_name(input, NULL, "_job", run->paths.folder, err);
    if (strlen(out) > JOB_PATH - 400)
        return cli_usage(err, "the path of --out is too long");
    snprintf(run->paths.folder, sizeof(run->paths.folder), "%s", out);
    return true;
}

static bool set_paths(struct run *run, const char *input, struct error *err)
{
    struct run_paths *p = &run->paths;

    return output_name(input, out, "_batch.jsonl", p->batch, err) &&
           output_name(input, out, "_results.jsonl", p->results, err) &&
           output_name(input, out, "_job.json", p->report, err) &&
           output_name(input, out,
                       run->answers ? "_answers.csv" : "_scores.csv", p->scores,
                       err);
}

static bool has_job(const struct run *run)
{
    char path[JOB_PATH + 16];

    snprintf(path, sizeof(path), "%s/job.db", run->paths.folder);
    return file_exists(path);
}

/* Two runs never mix. */
static bool refuse_mixing(const struct run *run, struct error *err)
{
    const char *const files[] = { run->paths.batch, run->paths.results,
                                  run->paths.scores, run->paths.report };
    size_t i;

    if (has_job(run))
        return cli_usage(err,
                         "%s holds a job already: --resume goes on with it, "
                         "--force begins anew, --out DIR puts this one "
                         "elsewhere",
                         run->paths.folder);
    for (i = 0; i < ARRAY_LEN(files); i++)
        if (file_exists(files[i]))
            return cli_usage(err,
                             "%s is there already, from another run: --force "
                             "writes over it, --out DIR puts this one "
                             "elsewhere",
                             files[i]);
    return true;
}

static bool remove_old(const struct run *run, struct error *err)
{
    static const char *const own[] = { "job.db", "job.db-journal", "job.db-wal",
                                       "job.db-shm" };
    const char *const files[] = { run->paths.batch, run->paths.results,
                                  run->paths.scores, run->paths.report };
    char path[JOB_PATH + 32];
    size_t i;
    int lock;

    snprintf(path, sizeof(path), "%s/spool", run->paths.folder);
    if (!file_exists(run->paths.folder))
        return true;
    if (!file_make_folder(path, err))
        return false;
    snprintf(path, sizeof(path), "%s/spool/.lock", run->paths.folder);
    if (!file_lock(path, &lock, err))
        return false;
    if (lock < 0)
        return cli_usage(err, "the job in %s is running", run->paths.folder);
    for (i = 0; i < ARRAY_LEN(own); i++) {
        snprintf(path, sizeof(path), "%s/%s", run->paths.folder, own[i]);
        if (!file_remove(path, err)) {
            file_unlock(lock);
            return false;
        }
    }
    file_unlock(lock);
    for (i = 0; i < ARRAY_LEN(files); i++)
        if (!file_remove(files[i], err))
            return false;
    return true;
}

/* -- what the input is -- */

static bool parse_format(const char *text, enum record_format *format,
                         struct error *err)
{
    size_t i;

    *format = RECORD_AUTO;
    if (!text)
        return true;
    for (i = 0; record_format_names[i]; i++)
        if (strcmp(text, record_format_names[i]) == 0) {
            *format = (enum record_format)i;
            return true;
        }
    return cli_usage(err, "--format is one of %s", RECORD_FORMATS);
}

static bool record_settings(struct run *run, struct record_settings *s,
                            struct error *err)
{
    *s = (struct record_settings){
        .id_column = run_option(run->options, RUN_ID),
        .text_column = run_option(run->options, RUN_TEXT),
    };
    return parse_format(run_option(run->options, RUN_FORMAT), &s->format, err);
}

/* The format, and whether the records have titles. */
static bool look_at(struct run *run, const char *input,
                    enum record_format *format, bool *titled, struct error *err)
{
    struct record_settings settings;
    struct record_reader *reader = NULL;
    struct record record;
    struct error ignored;
    bool more = false;
    bool ok = record_settings(run, &settings, err) &&
              record_open(&reader, input, &settings, err);

    *titled = false;
    if (ok) {
        *format = record_format(reader);
        *titled = record_next(reader, &record, &more, &ignored) && more &&
                  record.title[0];
    }
    record_close(reader);
    return ok;
}

/* Unless somebody has said what to ask. */
static bool choose_profile(struct run *run, enum record_format format,
                           bool titled, struct error *err)
{
    struct cli *cli = run->cli;
    const char *profile = format == RECORD_CSV              ? "score"
                          : titled || format == RECORD_URLS ? "news"
                                                            : "prompt";

    if (format == RECORD_URLS)
        return cli_usage(err, "addresses are fetched by vitae convert: run "
                              "what it makes of them");
    job_source(&run->source, format == RECORD_REQUESTS);
    run->answers = format != RECORD_CSV && format != RECORD_REQUESTS;
    if (format != RECORD_REQUESTS &&
        settings_source(cli->settings, "extract", "profile", NULL) !=
            SETTING_DEFAULT)
        return true;
    return settings_put(cli->settings, "extract", "profile", profile,
                        SETTING_COMMAND_LINE, "vitae run", err);
}

/* -- the job -- */

static bool put_spool(struct run *run, struct error *err)
{
    struct cli *cli = run->cli;
    char path[JOB_PATH + 16];

    snprintf(path, sizeof(path), "%s/spool", run->paths.folder);
    if (!settings_put(cli->settings, "batch", "spool", path,
                      SETTING_COMMAND_LINE, "vitae run", err))
        return false;
    /* Answers are kept as long as the job is. */
    cli->values->batch.keep_answers = 1e12;
    cli->values->batch.keep_old_values = 0;
    cli->values->batch.purge = false;
    cli->values->batch.num_batches = cli->values->batch.max_open = 0;
    cli->values->batch.write_pause = 0;
    cli->values->batch.write_window = NULL;
    cli->values->extract.grounding = GROUNDING_OFF;
    cli->provider->spool = cli->values->batch.spool;
    return true;
}

static bool open_worker(struct run *run, struct db *db, struct error *err)
{
    struct cli *cli = run->cli;

    run->settings = (struct worker_settings){
        .source = &run->source,
        .batch = &cli->values->batch,
        .extract = &cli->values->extract,
        .provider = cli_section,
        .context = cli,
        .section = cli->provider_name,
    };
    run->worker.lock = -1;
    run->opened = true;
    if (!worker_open(&run->worker, db, &run->settings, cli->clock, &cli_stop,
                     err))
        return false;
    if (run->worker.lock >= 0)
        return true;
    return cli_usage(err, "the job in %s is running in another process",
                     run->paths.folder);
}

static bool fill_job(struct run *run, const char *input, const char *hash,
                     struct error *err)
{
    struct job *job = &run->job;
    struct cli *cli = run->cli;
    double now = cli->clock->now(cli->clock);
    struct strbuf text;
    char stem[300];

    memset(job, 0, sizeof(*job));
    stem_of(input, stem, sizeof(stem));
    snprintf(job->name, sizeof(job->name), "%.128s", name ? name : stem);
    snprintf(job->model, sizeof(job->model), "%.128s", cli->provider->model);
    snprintf(job->provider, sizeof(job->provider), "%.64s", cli->provider_name);
    snprintf(job->base_url, sizeof(job->base_url), "%s",
             cli->provider->base_url ? cli->provider->base_url : "");
    snprintf(job->profile, sizeof(job->profile), "%s",
             cli->values->extract.profile);
    snprintf(job->profile_hash, sizeof(job->profile_hash), "%s", hash);
    clock_text(now, job->created_at);
    strbuf_init(&text, sizeof(job->options) - 1);
    run_options_write(run->options, &text);
    snprintf(job->options, sizeof(job->options), "%s", text.data);
    strbuf_release(&text);
    return uuid_make(now, job->id, err) && job_note_input(job, input, err);
}

static bool make_job(struct run *run, const char *input, struct error *err)
{
    struct cli *cli = run->cli;
    struct profile *profile = NULL;
    struct db *db = NULL;
    bool ok = profile_open(&profile, cli->values->extract.profile, err) &&
              fill_job(run, input, profile->hash, err) &&
              job_open(&db, &cli->values->database, run->paths.folder, true,
                       cli->clock, &cli_stop, err) &&
              job_make(db, &run->source, profile, err) &&
              job_save(db, &run->job, cli->clock->now(cli->clock), err);

    profile_close(profile);
    if (!ok) {
        db_close(db);
        return false;
    }
    return open_worker(run, db, err);
}

/* The options that the job was begun with hold, but for what is given now. */
static bool load_job(struct run *run, struct db **db, struct error *err)
{
    struct cli *cli = run->cli;
    const char *model = chosen.given[RUN_MODEL];

    if (!job_open(db, &cli->values->database, run->paths.folder, false,
                  cli->clock, &cli_stop, err) ||
        !job_load(*db, &run->job, err) ||
        !run_options_read(run->options, run->job.options,
                          strlen(run->job.options), "the job", err))
        return false;
    if (model && strcmp(model, run->job.model) != 0)
        return cli_usage(err,
                         "the job asks the model %s: another one's answers "
                         "would be mixed with its",
                         run->job.model);
    run->resumed = true;
    return true;
}

static bool go_on(struct run *run, struct db *db, struct error *err)
{
    struct profile *profile = NULL;
    bool ok = profile_open(&profile, run->cli->values->extract.profile, err) &&
              job_check(db, &run->job, profile->hash, err);

    profile_close(profile);
    if (!ok) {
        db_close(db);
        return false;
    }
    return open_worker(run, db, err);
}

/* -- step 1 -- */

static bool on_refused(void *context, const struct error *why,
                       struct error *err)
{
    struct run *run = context;

    progress_wipe(&run->progress);
    if (!skip_bad) {
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

static bool load_records(struct run *run, struct error *err)
{
    struct job_fill fill = {
        .refused = on_refused,
        .progress = on_record,
        .context = run,
        .strict = strcmp(run->cli->provider->name, "anthropic") == 0,
    };
    struct cli *cli = run->cli;
    double now;

    if (run->job.loaded)
        return true;
    if (!record_settings(run, &fill.settings, err) ||
        !job_fill(run->worker.db, run->job.input, &fill, err))
        return false;
    if (!fill.records)
        return error_set(err, ERROR_REJECT, "%s holds no record",
                         run->job.input);
    run->job.loaded = true;
    run->job.total = fill.records;
    now = cli->clock->now(cli->clock);
    run_say(run, "%lld records, %lld left out", (long long)fill.records,
            (long long)fill.left_out);
    if (fill.repeats)
        run_say(run, "%lld records repeat the text of another",
                (long long)fill.repeats);
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

static bool build_all(struct run *run, struct error *err)
{
    int64_t limit = batch_limit(run);
    struct batch b;
    bool more = true;

    while (more && !cli_stop)
        if (!build_claimed(run, &more, err))
            return false;
    for (more = true; more && !cli_stop;) {
        if (!claim_batch(&run->worker, limit, &b, err))
            return false;
        more = b.key[0] != '\0';
        if (!more)
            break;
        if (!build_step(&run->worker, &b, err)) {
            worker_drop(&run->worker, &b);
            return false;
        }
        worker_drop(&run->worker, &b);
        if (!build_claimed(run, &more, err))
            return false;
        more = true;
    }
    return true;
}

static bool append_file(struct file_writer *to, const char *from,
                        struct error *err)
{
    static char buffer[256 * KIB];
    FILE *f = fopen(from, "re");
    size_t n;
    bool ok = true;

    if (!f)
        return true;
    while (ok && (n = fread(buffer, 1, sizeof(buffer), f)) > 0)
        ok = file_add(to, buffer, n, err);
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
    if (!build_all(run, err) || cli_stop)
        return !cli_stop ? false : true;
    if (!write_requests(run, &bytes, err))
        return false;
    run_say(run, "%s, %lld bytes", run->paths.batch, (long long)bytes);
    return true;
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

static bool begin_running(struct run *run, struct error *err)
{
    struct clock *clock = run->cli->clock;
    int64_t again = 0;

    if (retry_failed &&
        !db_transaction(run->worker.db, "retry", put_back, &again, NULL, err))
        return false;
    if (retry_failed)
        run_say(run, "%lld records are asked again", (long long)again);
    if (run->job.status == JOB_COMPLETED && !again)
        return true;
    return job_move(run->worker.db, &run->job, JOB_RUNNING, clock->now(clock),
                    err);
}

static bool open_stream(struct run *run, struct file_writer *stream,
                        struct error *err)
{
    if (!job_write_answers(&run->worker, run->paths.results, false, err) ||
        !file_append(stream, run->paths.results, -1, err))
        return false;
    run->stream = stream;
    return true;
}

static bool close_stream(struct run *run, struct error *err)
{
    bool ok = !run->stream || file_sync(run->stream, err);

    if (run->stream)
        file_abandon(run->stream);
    run->stream = NULL;
    return ok;
}

static bool work(struct run *run, struct error *err)
{
    struct file_writer stream = FILE_WRITER_CLOSED;
    struct service_result result = { 0 };
    struct error ignored;
    bool ok;

    if (!job_count(run->worker.db, &run->job, err) || !begin_running(run, err))
        return false;
    if (run->job.status == JOB_COMPLETED)
        return true;
    run->base_done = run->job.completed + run->job.failed;
    run->base_failed = run->job.failed;
    if (!open_stream(run, &stream, err))
        return false;
    run_watch(run);
    ok = service_run(&run->worker, &result, err);
    run_unwatch(run);
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

    run->job.seconds += clock->monotonic(clock) - run->saved;
    if (run->job.status != JOB_RUNNING)
        return true;
    if (cli_stop && !run->stopped_by_failures)
        return job_save(run->worker.db, &run->job, clock->now(clock), err);
    return job_move(run->worker.db, &run->job, to, clock->now(clock), err);
}

static void tell_batch(const struct db_rows *row)
{
    const char *id = db_rows_text(row, 1, NULL);
    const char *status = db_rows_text(row, 2, NULL);

    if (id && status && strcmp(status, "submitted") == 0)
        fprintf(stderr, "vitae: batch %s goes on at the provider\n", id);
}

static bool each_batch(void *context, const struct db_rows *row,
                       struct error *err)
{
    (void)context, (void)err;
    tell_batch(row);
    return true;
}

/* Whoever stopped it finds the way back. */
static void tell_resume(struct run *run)
{
    struct error ignored;

    if (!db_each(run->worker.db, "job_batches", NULL, 0, each_batch, NULL, NULL,
                 &ignored))
        error_clear(&ignored);
    fprintf(stderr, "vitae: to go on: vitae run %s --resume%s%s\n",
            run->job.input, out ? " --out " : "", out ? out : "");
}

static bool finish(struct run *run, struct error *err)
{
    struct cli *cli = run->cli;

    if (!job_count(run->worker.db, &run->job, err) || !note_end(run, err))
        return false;
    if (cli_stop && !run->stopped_by_failures) {
        cli->exit = EXIT_INTERRUPTED;
        tell_resume(run);
        return true;
    }
    run->step = NULL;
    run_step(run, STEP_ANALYZE);
    if (!job_write_answers(&run->worker, run->paths.results, ordered, err) ||
        !run_analyze(run, err))
        return false;
    run_step(run, STEP_EXPORT);
    if (!run_export(run, err))
        return false;
    run_summary(run);
    if (run->stopped_by_failures)
        tell_resume(run);
    if (run->job.failed)
        cli->exit = EXIT_SOME_FAILED;
    return true;
}

static bool all_steps(struct run *run, struct error *err)
{
    if (!convert(run, err))
        return false;
    if (cli_stop) {
        run->cli->exit = EXIT_INTERRUPTED;
        tell_resume(run);
        return true;
    }
    return work(run, err) && finish(run, err);
}

/* -- before the first step -- */

static bool prepare_new(struct run *run, const char *input, struct error *err)
{
    enum record_format format = RECORD_AUTO;
    bool titled = false;

    if (template_name && !template_load(run->options, template_name, err))
        return false;
    if (!look_at(run, input, &format, &titled, err) ||
        !run_apply(run->cli, run->options, err) ||
        !choose_profile(run, format, titled, err) ||
        !set_paths(run, input, err) || (!force && !refuse_mixing(run, err)) ||
        !put_spool(run, err) ||
        !run_model(run, ask_is_possible() && !run->cli->quiet, err))
        return false;
    return (!force || remove_old(run, err)) && make_job(run, input, err);
}

static bool prepare_old(struct run *run, struct error *err)
{
    enum record_format format = RECORD_AUTO;
    struct db *db = NULL;
    bool titled;
    bool ok = load_job(run, &db, err) && run_apply(run->cli, run->options, err);

    ok = ok &&
         settings_put(run->cli->settings, "extract", "profile",
                      run->job.profile, SETTING_COMMAND_LINE, "the job", err);
    ok = ok && run_put_model(run, run->job.model, err);
    /* The same checks say so when the input is gone. */
    ok = ok && job_check(db, &run->job, NULL, err) &&
         look_at(run, run->job.input, &format, &titled, err) &&
         choose_profile(run, format, titled, err) &&
         set_paths(run, run->job.input, err) && put_spool(run, err);
    if (!ok) {
        db_close(db);
        return false;
    }
    return go_on(run, db, err);
}

static bool start(struct run *run, const char *input, struct error *err)
{
    struct cli *cli = run->cli;

    if (retry_failed)
        resume = true;
    if (cli->call->provider)
        chosen.given[RUN_PROVIDER] = (char *)cli->call->provider;
    if (!input && !(resume && out))
        return cli_usage(err, "vitae run needs a file, or --resume --out DIR");
    if (!set_folder(run, input, err))
        return false;
    if (resume && !has_job(run))
        return cli_usage(err, "there is no job in %s to go on with",
                         run->paths.folder);
    return resume ? prepare_old(run, err) : prepare_new(run, input, err);
}

/* -- without a file -- */

static char typed[JOB_PATH]; /* the file that typed prompts went to */

static bool type_prompts(struct cli *cli, const char **input, bool person,
                         struct error *err)
{
    char folder[JOB_PATH - 32], when[CLOCK_TEXT];
    int64_t count;

    clock_text(cli->clock->now(cli->clock), when);
    /* 2026-11-25T12:45:18 -> run-20261125-124518 */
    if (out)
        snprintf(folder, sizeof(folder), "%s", out);
    else
        snprintf(folder, sizeof(folder), "run-%.4s%.2s%.2s-%.2s%.2s%.2s", when,
                 when + 5, when + 8, when + 11, when + 14, when + 17);
    snprintf(typed, sizeof(typed), "%s/prompts.txt", folder);
    if (!force && file_exists(typed))
        return cli_usage(err, "%s is there already, from another run", typed);
    if (!file_make_folder(folder, err) ||
        !take_prompts(typed, person, &count, err))
        return false;
    cli_say(cli, "%lld prompts in %s", (long long)count, typed);
    *input = typed;
    return true;
}

/* The same as the flags, for whoever types `vitae run` alone. */
static bool ask_person(struct cli *cli, const char **input, bool *leave,
                       struct error *err)
{
    static char strategy[40];
    static struct run_answers a;

    *leave = true;
    if (!ask_what(&a) || a.leave)
        return true;
    if (a.list)
        return jobs_list(cli, out ? out : ".", err);
    *leave = false;
    if (a.prompts && !type_prompts(cli, input, true, err))
        return false;
    if (a.input)
        *input = a.input;
    resume = resume || a.resume;
    if (!resume && !chosen.given[RUN_ON_ERROR]) {
        if (!ask_strategy(strategy))
            *leave = true;
        chosen.given[RUN_ON_ERROR] = strategy;
    }
    return true;
}

static bool find_input(struct cli *cli, const char **input, bool *leave,
                       struct error *err)
{
    bool standard = cli->argument_count && strcmp(cli->arguments[0], "-") == 0;

    *leave = false;
    if (cli->argument_count && !standard) {
        *input = cli->arguments[0];
        return true;
    }
    if ((resume || retry_failed) && out)
        return true;
    if (!standard && ask_is_possible() && !cli->quiet)
        return ask_person(cli, input, leave, err);
    return type_prompts(cli, input, false, err);
}

static void release(struct run *run)
{
    if (run->opened)
        worker_close(&run->worker);
    run_options_release(run->options);
}

static bool run_command(struct cli *cli, struct error *err)
{
    struct run run = { .cli = cli, .options = &chosen, .ordered = ordered };
    const char *input = NULL;
    bool leave, ok;

    run.worker.lock = -1;
    if (!find_input(cli, &input, &leave, err))
        return false;
    if (leave)
        return true;
    ok = start(&run, input, err) &&
         run_strategy(run_option(&chosen, RUN_ON_ERROR), &run.strategy, err) &&
         (!save_as || template_save(&chosen, save_as, err)) &&
         all_steps(&run, err);
    if (!ok && run.step)
        error_context(err, "step %s", run.step);
    release(&run);
    return ok;
}

const struct cli_command cli_run = {
    .name = "run",
    .group = "Files",
    .arguments = "[FILE|-]",
    .most = 1,
    .summary = "a file of candidates or prompts, start to end, no database",
    .text =
        "Converts the file (CSV, prompt list, JSON, contents, request "
        "lines), uploads it, creates the batch, watches, downloads, analyzes "
        "and exports: x_batch.jsonl, x_results.jsonl and x_scores.csv "
        "(x_answers.csv for prompts) appear beside x.csv, or in --out.\n\n"
        "The endpoint is vitae serve at http://localhost:4080 unless "
        "--provider, --base-url or the settings name another: a batch API, or "
        "--provider local for a realtime endpoint with no server in "
        "between.\n\n"
        "Stopped by Ctrl-C, a kill or a reboot, it goes on with --resume: no "
        "answer is asked for twice. Its state is job.db in x_job (or --out); "
        "vitae jobs lists and checks them. Ctrl-C leaves a batch at a "
        "provider running.\n\n"
        "Without a file, prompts are read from standard input, a line each, "
        "up to an empty line; at a terminal you are asked.",
    .example = "vitae run candidates.csv --model llama3:8b\n"
               "vitae run prompts.txt --provider local --base-url "
               "http://127.0.0.1:8080/v1 --jobs 8\n"
               "vitae run candidates.csv --resume\n"
               "vitae run candidates.csv --on-error threshold:50 --save-as "
               "nightly",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = run_command,
};

/*
 * run_prepare.c -- before the first step of vitae run: where things lie,
 * what the input is, and the job, a new one or one to go on with.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "cli/cli_settings.h"
#include "cli/run.h"
#include "extract/profile.h"
#include "extract/values.h"
#include "io/output.h"
#include "provider/notify.h"

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
    if (!run->flags->out)
        return output_name(input, NULL, "_job", run->paths.folder, err);
    if (strlen(run->flags->out) > JOB_PATH - 400)
        return cli_usage(err, "the path of --out is too long");
    snprintf(run->paths.folder, sizeof(run->paths.folder), "%s",
             run->flags->out);
    return true;
}

static bool set_paths(struct run *run, const char *input, struct error *err)
{
    struct run_paths *p = &run->paths;

    return output_name(input, run->flags->out, "_batch.jsonl", p->batch, err) &&
           output_name(input, run->flags->out, "_results.jsonl", p->results,
                       err) &&
           output_name(input, run->flags->out, "_job.json", p->report, err) &&
           output_name(input, run->flags->out,
                       run->answers ? "_answers.csv" : "_scores.csv", p->scores,
                       err);
}

/* What --force removes is never the input: x_batch.jsonl may be one. */
static bool spare_input(const struct run *run, const char *input,
                        struct error *err)
{
    const char *const files[] = { run->paths.batch, run->paths.results,
                                  run->paths.scores, run->paths.report };
    struct error same;
    size_t i;

    for (i = 0; i < ARRAY_LEN(files); i++)
        if (!output_is_other(files[i], input, &same))
            return cli_usage(err,
                             "the job would write %s, which is its input: "
                             "--out DIR puts the job elsewhere",
                             files[i]);
    return true;
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

static bool check_paths(const struct run *run, const char *input,
                        struct error *err)
{
    return spare_input(run, input, err) &&
           (run->flags->force || refuse_mixing(run, err));
}

static bool remove_files(const struct run *run, struct error *err)
{
    static const char *const own[] = { "job.db", "job.db-journal", "job.db-wal",
                                       "job.db-shm", "spool/.lock" };
    const char *const files[] = { run->paths.batch, run->paths.results,
                                  run->paths.scores, run->paths.report };
    char path[JOB_PATH + 32];
    size_t i;

    for (i = 0; i < ARRAY_LEN(files); i++)
        if (!file_remove(files[i], err))
            return false;
    for (i = 0; i < ARRAY_LEN(own); i++) {
        snprintf(path, sizeof(path), "%s/%s", run->paths.folder, own[i]);
        if (!file_remove(path, err))
            return false;
    }
    /* Folders that hold something else stay. */
    snprintf(path, sizeof(path), "%s/spool", run->paths.folder);
    (void)rmdir(path);
    (void)rmdir(run->paths.folder);
    return true;
}

bool run_remove(const struct run *run, struct error *err)
{
    char path[JOB_PATH + 32];
    bool ok;
    int lock;

    snprintf(path, sizeof(path), "%s/spool", run->paths.folder);
    if (!file_exists(path))
        return remove_files(run, err);
    snprintf(path, sizeof(path), "%s/spool/.lock", run->paths.folder);
    if (!file_lock(path, &lock, err))
        return false;
    if (lock < 0)
        return cli_usage(err, "the job in %s is running", run->paths.folder);
    ok = remove_files(run, err);
    file_unlock(lock);
    return ok;
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

bool run_record_settings(struct run *run, struct record_settings *s,
                         struct error *err)
{
    *s = (struct record_settings){
        .id_column = run_option(run->options, RUN_ID),
        .text_column = run_option(run->options, RUN_TEXT),
    };
    return parse_format(run_option(run->options, RUN_FORMAT), &s->format, err);
}

static bool look_at(struct run *run, const char *input,
                    struct record_look *look, struct error *err)
{
    struct record_settings settings;

    return run_record_settings(run, &settings, err) &&
           record_look(input, &settings, look, err);
}

/* Unless somebody has said what to ask. */
static bool choose_profile(struct run *run, const struct record_look *look,
                           struct error *err)
{
    struct cli *cli = run->cli;

    job_source(&run->source, look->format == RECORD_REQUESTS);
    run->answers =
        look->format != RECORD_CSV && look->format != RECORD_REQUESTS;
    if (look->format != RECORD_REQUESTS &&
        settings_source(cli->settings, "extract", "profile", NULL) !=
            SETTING_DEFAULT)
        return true;
    return settings_put(cli->settings, "extract", "profile", look->profile,
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

/* What would be cut off here could not be gone on with. */
static bool keep(char *to, size_t size, const char *what, const char *value,
                 struct error *err)
{
    int n = snprintf(to, size, "%s", value ? value : "");

    if (n >= 0 && (size_t)n < size)
        return true;
    return cli_usage(err, "%s is too long for a job: %zu bytes at most", what,
                     size - 1);
}

static bool keep_options(const struct run_options *o, struct job *job,
                         struct error *err)
{
    struct strbuf text;
    bool ok;

    strbuf_init(&text, sizeof(job->options) - 1);
    run_options_write(o, &text);
    ok = strbuf_ok(&text) || cli_usage(err, "the options of the command line "
                                            "are too long for a job");
    ok = ok &&
         keep(job->options, sizeof(job->options), "options", text.data, err);
    strbuf_release(&text);
    return ok;
}

static bool fill_job(struct run *run, const char *input, const char *hash,
                     struct error *err)
{
    struct job *job = &run->job;
    struct cli *cli = run->cli;
    double now = cli->clock->now(cli->clock);
    char stem[300];

    memset(job, 0, sizeof(*job));
    stem_of(input, stem, sizeof(stem));
    snprintf(job->name, sizeof(job->name), "%.128s",
             run->flags->name ? run->flags->name : stem);
    utf8_trim_cut(job->name);
    snprintf(job->profile_hash, sizeof(job->profile_hash), "%s", hash);
    clock_text(now, job->created_at);
    if (!keep(job->model, sizeof(job->model), "the model's name",
              cli->provider->model, err) ||
        !keep(job->provider, sizeof(job->provider), "the provider's name",
              cli->provider_name, err) ||
        !keep(job->base_url, sizeof(job->base_url), "provider.base_url",
              cli->provider->base_url, err) ||
        !keep(job->profile, sizeof(job->profile), "extract.profile",
              cli->values->extract.profile, err))
        return false;
    free(run->options->saved[RUN_OUT]);
    run->options->saved[RUN_OUT] =
        run->flags->out ? realpath(run->flags->out, NULL) : NULL;
    return keep_options(run->options, job, err) &&
           uuid_make(now, job->id, err) && job_note_input(job, input, err);
}

static bool make_job(struct run *run, const char *input, struct error *err)
{
    struct cli *cli = run->cli;
    struct profile *profile = NULL;
    struct db *db = NULL;
    bool ok = profile_open(&profile, cli->values->extract.profile, err) &&
              job_open(&db, &cli->values->database, run->paths.folder, true,
                       cli->clock, &cli_stop, err) &&
              fill_job(run, input, profile->hash, err) &&
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
    const char *model = run->options->given[RUN_MODEL];

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
    /* Where its files are. */
    free(run->flags->out);
    run->flags->out = run->options->saved[RUN_OUT];
    run->options->saved[RUN_OUT] = NULL;
    run->resumed = true;
    return true;
}

static bool go_on(struct run *run, struct db *db, struct error *err)
{
    struct profile *profile = NULL;
    bool ok = profile_open(&profile, run->cli->values->extract.profile, err) &&
              job_check(db, &run->job, profile->hash, err) &&
              job_upgrade(db, &run->source, profile, err);

    profile_close(profile);
    if (!ok) {
        db_close(db);
        return false;
    }
    return open_worker(run, db, err);
}

/* -- before the first step -- */

static bool prepare_new(struct run *run, const char *input, struct error *err)
{
    struct record_look look;

    if (run->flags->template_name &&
        !template_load(run->options, run->flags->template_name, err))
        return false;
    if (!look_at(run, input, &look, err) ||
        !run_apply(run->cli, run->options, err) ||
        !run_strategy(run_option(run->options, RUN_ON_ERROR), &run->strategy,
                      err) ||
        !choose_profile(run, &look, err) || !set_paths(run, input, err) ||
        !check_paths(run, input, err) || !put_spool(run, err) ||
        !run_model(run, ask_is_possible() && !run->cli->quiet, err))
        return false;
    return (!run->flags->force || run_remove(run, err)) &&
           make_job(run, input, err);
}

static bool prepare_old(struct run *run, struct error *err)
{
    struct record_look look;
    struct db *db = NULL;
    bool ok = load_job(run, &db, err) && run_apply(run->cli, run->options, err);

    ok = ok &&
         settings_put(run->cli->settings, "extract", "profile",
                      run->job.profile, SETTING_COMMAND_LINE, "the job", err);
    ok = ok && run_put_model(run, run->job.model, err);
    /* The same checks say so when the input is gone. */
    ok = ok && job_check(db, &run->job, NULL, err) &&
         look_at(run, run->job.input, &look, err) &&
         choose_profile(run, &look, err) &&
         set_paths(run, run->job.input, err) && put_spool(run, err);
    if (!ok) {
        db_close(db);
        return false;
    }
    if (run->job.status != JOB_COMPLETED || run->flags->retry_failed)
        ok = run_reach(run, err);
    if (!ok) {
        db_close(db);
        return false;
    }
    return go_on(run, db, err);
}

bool run_start(struct run *run, const char *input, struct error *err)
{
    struct cli *cli = run->cli;

    if (!notify_check(&run->cli->values->notify, err))
        return false;
    if (run->flags->retry_failed)
        run->flags->resume = true;
    if (cli->call->provider)
        run->options->given[RUN_PROVIDER] = (char *)cli->call->provider;
    if (!input && !(run->flags->resume && run->flags->out))
        return cli_usage(err, "vitae run needs a file, or --resume --out DIR");
    if (!set_folder(run, input, err))
        return false;
    if (run->flags->resume && !has_job(run))
        return cli_usage(err, "there is no job in %s to go on with",
                         run->paths.folder);
    return run->flags->resume ? prepare_old(run, err)
                              : prepare_new(run, input, err);
}

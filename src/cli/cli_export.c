#include <sys/stat.h>

#include "base/file.h"
#include "batch/results.h"
#include "batch/store.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/run.h"
#include "cli/work.h"
#include "io/export.h"
#include "io/output.h"

static int format = EXPORT_JSON;
static bool format_told, force, excel_safe, no_prompts;
static char *format_name;

static const struct cli_option options[] = {
    { .name = "format",
      .argument = "FORMAT",
      .help = "json, jsonl, csv (all fields) or scores (the default: as "
              "OUT's name ends, else json)",
      .type = SETTING_TEXT,
      .value = &format_name },
    { .name = "excel-safe",
      .help = "no cell of a CSV file is taken for a formula",
      .value = &excel_safe },
    { .name = "no-prompts",
      .help = "leave out what was asked (resumes are personal data)",
      .value = &no_prompts },
    { .name = "force", .help = "replace OUT", .value = &force },
    { .name = NULL },
};

static const char *const formats[] = { "json", "jsonl", "csv", "scores" };

static bool ends_with(const char *path, const char *suffix)
{
    size_t len = strlen(path), n = strlen(suffix);

    return len > n && strcmp(path + len - n, suffix) == 0;
}

static bool find_format(const char *out, struct error *err)
{
    size_t i;

    format = EXPORT_JSON;
    format_told = format_name != NULL;
    for (i = 0; format_told && i < ARRAY_LEN(formats); i++)
        if (strcmp(format_name, formats[i]) == 0)
            break;
    if (format_told && i == ARRAY_LEN(formats))
        return cli_usage(err, "--format %.40s is none of " EXPORT_FORMATS,
                         format_name);
    if (format_told)
        format = (int)i;
    else if (out && ends_with(out, ".csv"))
        format = EXPORT_CSV;
    else if (out && ends_with(out, ".jsonl"))
        format = EXPORT_JSONL;
    return true;
}

struct exporting {
    struct exporter *exporter; /* owned */
    bool prompts;
};

static bool add(void *context, const struct job_result *r, struct error *err)
{
    struct exporting *x = context;
    struct export_result out;

    run_result(r, &out);
    if (!x->prompts) {
        out.prompt = NULL;
        out.prompt_len = 0;
    }
    return export_add(x->exporter, &out, err);
}

static struct export_settings settings_for(const struct cli *cli)
{
    return (struct export_settings){
        .path = cli->argument_count > 1 ? cli->arguments[1] : NULL,
        .format = (enum export_format)format,
        .excel_safe = excel_safe,
        .replace = force,
    };
}

/* -- a job of vitae run: a folder, or its job.db -- */

static bool job_folder(const char *argument, char *out)
{
    char path[JOB_PATH + 16];
    size_t len = strlen(argument);

    if (len >= JOB_PATH)
        return false;
    memcpy(out, argument, len + 1);
    if (ends_with(out, "/job.db"))
        out[len - 7] = '\0';
    else if (strcmp(out, "job.db") == 0)
        memcpy(out, ".", 2);
    snprintf(path, sizeof(path), "%s/job.db", out);
    return file_exists(path);
}

static bool write_job(const struct cli *cli, struct db *db,
                      const struct job *job, struct error *err)
{
    const struct export_settings settings = settings_for(cli);
    const struct export_job head = {
        .id = job->id,
        .model = job->model[0] ? job->model : NULL,
        .status = job_status_names[job->status],
        .total = job->total,
        .completed = job->completed,
        .failed = job->failed,
    };
    struct exporting x = { .prompts = !no_prompts };
    bool ok = export_open(&x.exporter, &settings, &head, err) &&
              job_results(db, add, &x, err) && export_finish(x.exporter, err);

    export_close(x.exporter);
    return ok;
}

static bool export_job(struct cli *cli, const char *folder, struct error *err)
{
    const char *out = cli->argument_count > 1 ? cli->arguments[1] : NULL;
    char path[JOB_PATH + 16];
    struct job *job;
    struct db *db = NULL;
    bool ok;

    snprintf(path, sizeof(path), "%s/job.db", folder);
    if (out && !output_is_other(out, path, err))
        return false;
    job = calloc(1, sizeof(*job));
    if (!job)
        return error_memory(err);
    ok = job_open(&db, &cli->values->database, folder, false, cli->clock,
                  &cli_stop, err) &&
         job_load(db, job, err) &&
         (!out || output_is_other(out, job->input, err)) &&
         write_job(cli, db, job, err);
    db_close(db);
    free(job);
    return ok;
}

/* -- a batch in the database -- */

static bool write_batch(struct work *work, const struct batch *b,
                        struct error *err)
{
    const struct export_settings settings = settings_for(work->cli);
    const struct export_job head = {
        .id = b->key,
        .model = b->model[0] ? b->model : NULL,
        .status = batch_status_name(b->status),
        .total = b->request_count + b->skipped_count,
        .completed = b->done_count,
        .failed = b->retry_count + b->dead_count + b->skipped_count,
    };
    struct exporting x = { .prompts = !no_prompts };
    bool ok = export_open(&x.exporter, &settings, &head, err) &&
              batch_results(&work->worker, b, !no_prompts, add, &x, err) &&
              export_finish(x.exporter, err);

    export_close(x.exporter);
    if (ok && !batch_has_answers(&work->worker, b))
        cli_say(work->cli,
                "the answers of batch %s are not here (batch.keep_answers): "
                "responses are empty",
                b->key);
    return ok;
}

static bool export_batch(struct cli *cli, struct error *err)
{
    struct work work;
    struct batch b;
    bool ok = work_open(&work, cli, err) &&
              report_find(work.worker.db, cli->arguments[0], &b, err) &&
              write_batch(&work, &b, err);

    work_close(&work);
    return ok;
}

static bool export(struct cli *cli, struct error *err)
{
    char folder[JOB_PATH];

    if (!find_format(cli->argument_count > 1 ? cli->arguments[1] : NULL, err))
        return false;
    if (job_folder(cli->arguments[0], folder))
        return export_job(cli, folder, err);
    if (export_batch(cli, err))
        return true;
    return err->exit == EXIT_USAGE || err->exit == EXIT_DATABASE
               ? error_context(err, "%s is no job's folder, taken for a batch",
                               cli->arguments[0])
               : false;
}

const struct cli_command cli_export = {
    .name = "export",
    .group = "Files",
    .arguments = "JOB|BATCH [OUT]",
    .least = 1,
    .most = 2,
    .summary = "write the results of a job or a batch as JSON or CSV",
    .text = "JOB is the folder of a job (or its job.db), BATCH the id of a "
            "batch in the database. In the order of the input: index, id, "
            "prompt, response, tokens, seconds, success and error. JSON has "
            "the job and a summary around the results. Without OUT the "
            "results go to standard output. The responses of a batch are "
            "there as long as batch.keep_answers says.",
    .example = "vitae export candidates_job results.json\n"
               "vitae export batch_abc123 results.csv --excel-safe\n"
               "vitae export batch_abc123 --format jsonl --no-prompts",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = export,
};

#include "batch/job.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/file.h"
#include "db/init.h"
#include "extract/profile.h"

const char *const job_status_names[JOB_STATUSES] = {
    [JOB_PENDING] = "pending",
    [JOB_RUNNING] = "running",
    [JOB_COMPLETED] = "completed",
    [JOB_FAILED] = "failed",
};

static const struct {
    enum job_status from, to;
    const char *why;
} transitions[] = {
    { JOB_PENDING, JOB_RUNNING, "its records are loaded" },
    { JOB_PENDING, JOB_FAILED, "its input can't be used" },
    { JOB_RUNNING, JOB_RUNNING, "it is gone on with" },
    { JOB_RUNNING, JOB_COMPLETED, "every record has its outcome" },
    { JOB_RUNNING, JOB_FAILED, "too many failures, by --on-error" },
    { JOB_FAILED, JOB_RUNNING, "it is gone on with" },
    { JOB_COMPLETED, JOB_RUNNING, "failed records are tried again" },
};

bool job_may_move(enum job_status from, enum job_status to)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(transitions); i++)
        if (transitions[i].from == from && transitions[i].to == to)
            return true;
    return false;
}

/* -- the database -- */

void job_source(struct source_settings *source, bool requests)
{
    static char table[] = "record", id[] = "position", text[] = "text",
                processed[] = "LastProcessed";

    *source = (struct source_settings){
        .table = table,
        .id_column = id,
        .text_column = text,
        .processed_column = processed,
        .custom_column = "custom_id",
        .requests = requests,
    };
}

/* A checkpoint that can't be written is said before a token is spent. */
static bool can_write(const char *folder, struct error *err)
{
    char probe[JOB_PATH + 16];

    snprintf(probe, sizeof(probe), "%s/.write-probe", folder);
    if (file_make_folder(folder, err) && file_write(probe, "x", 1, err) &&
        file_remove(probe, err))
        return true;
    err->kind = ERROR_SETUP;
    err->exit = EXIT_SETTINGS;
    return error_context(err, "the checkpoint can't be written, so nothing was "
                              "sent");
}

bool job_open(struct db **db, const struct db_settings *like,
              const char *folder, bool make, struct clock *clock,
              const volatile bool *stop, struct error *err)
{
    static char prefix[] = "vitae_";
    char path[JOB_PATH + 16];
    struct db_settings settings = {
        .driver =
            like->server || like->dsn || like->connection ? NULL : like->driver,
        .prefix = prefix,
        .login_timeout = like->login_timeout,
        .statement_timeout = like->statement_timeout,
        .lock_timeout = like->lock_timeout,
    };

    *db = NULL;
    if (strlen(folder) >= JOB_PATH - 64)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the path of the job's folder is too long");
    if (make && !can_write(folder, err))
        return false;
    snprintf(path, sizeof(path), "%s/job.db", folder);
    if (!make && !file_exists(path))
        return error_exit(err, ERROR_SETUP, EXIT_USAGE, "there is no %s", path);
    settings.database = path;
    if (!db_open(db, &settings, clock, stop, err))
        return error_context(err, "%.300s", path);
    return db_set_name(*db, "job", "job", err) &&
           db_set_name(*db, "source", "record", err);
}

bool job_upgrade(struct db *db, const struct source_settings *source,
                 const struct profile *profile, struct error *err)
{
    struct db_init_column *columns =
        calloc(profile->column_count + 1, sizeof(*columns));
    struct db_init_report report = { 0 };
    struct db_init init = {
        .table = source->table,
        .key = source->id_column,
        .text = source->text_column,
        .processed = source->processed_column,
        .columns = columns,
        .column_count = profile->column_count,
        .add_columns = true,
    };
    size_t i;
    bool ok;

    if (!columns)
        return error_memory(err);
    for (i = 0; i < profile->column_count; i++)
        columns[i].name = profile->columns[i].name;
    ok = db_init(db, &init, &report, err);
    free(columns);
    return ok;
}

bool job_make(struct db *db, const struct source_settings *source,
              const struct profile *profile, struct error *err)
{
    return db_run_script(db, "job_make", err) &&
           job_upgrade(db, source, profile, err);
}

/* -- the job's row -- */

/* The longest text of a job. */
#define FIELD_TEXT sizeof(((struct job *)0)->options)

enum field_kind {
    KIND_TEXT,
    KIND_INTEGER, /* int64_t */
    KIND_REAL,    /* double */
    KIND_BOOL,
    KIND_STATUS, /* enum job_status, by name */
};

/* A field of it, as the row has it. */
struct field {
    const char *name;
    enum field_kind kind;
    size_t at, size;
};

#define TEXT(name_, field_)                                                    \
    {                                                                          \
        name_, KIND_TEXT, offsetof(struct job, field_),                        \
            sizeof(((struct job *)0)->field_)                                  \
    }
#define OTHER(name_, kind_, field_)                                            \
    {                                                                          \
        name_, kind_, offsetof(struct job, field_), 0                          \
    }

/* In the order of job_load. */
static const struct field fields[] = {
    TEXT("id", id),
    TEXT("name", name),
    OTHER("status", KIND_STATUS, status),
    TEXT("model", model),
    TEXT("provider", provider),
    TEXT("base_url", base_url),
    TEXT("profile", profile),
    TEXT("profile_hash", profile_hash),
    TEXT("input", input),
    OTHER("input_bytes", KIND_INTEGER, input_bytes),
    TEXT("input_hash", input_hash),
    OTHER("input_changed", KIND_REAL, input_changed),
    OTHER("loaded", KIND_BOOL, loaded),
    OTHER("left_out", KIND_INTEGER, left_out),
    OTHER("total", KIND_INTEGER, total),
    OTHER("completed", KIND_INTEGER, completed),
    OTHER("failed", KIND_INTEGER, failed),
    OTHER("seconds", KIND_REAL, seconds),
    TEXT("created_at", created_at),
    TEXT("started_at", started_at),
    TEXT("completed_at", completed_at),
    TEXT("updated_at", updated_at),
    TEXT("options", options),
};

static void field_text(const struct job *job, const struct field *f, char *out,
                       size_t size)
{
    const char *at = (const char *)job + f->at;

    switch (f->kind) {
    case KIND_INTEGER:
        snprintf(out, size, "%lld",
                 (long long)*(const int64_t *)(const void *)at);
        break;
    case KIND_REAL:
        snprintf(out, size, "%.3f", *(const double *)(const void *)at);
        break;
    case KIND_BOOL:
        snprintf(out, size, "%d", *(const bool *)(const void *)at);
        break;
    case KIND_STATUS:
        snprintf(out, size, "%s",
                 job_status_names[*(const enum job_status *)(const void *)at]);
        break;
    case KIND_TEXT: snprintf(out, size, "%s", at); break;
    }
}

static bool checksum(const struct job *job, char *hex, struct error *err)
{
    struct digest *d = digest_new();
    char text[FIELD_TEXT];
    size_t i;

    if (!d)
        return error_memory(err);
    for (i = 0; i < ARRAY_LEN(fields); i++) {
        field_text(job, &fields[i], text, sizeof(text));
        digest_add(d, text, strlen(text) + 1);
    }
    digest_end(d, hex);
    return true;
}

bool job_save(struct db *db, struct job *job, double now, struct error *err)
{
    struct db_value values[ARRAY_LEN(fields) + 1];
    char text[ARRAY_LEN(fields)][32];
    char hex[DIGEST_HEX];
    size_t i;

    clock_text(now, job->updated_at);
    for (i = 0; i < ARRAY_LEN(fields); i++) {
        if (fields[i].kind == KIND_TEXT) {
            values[i] =
                db_text(fields[i].name, (const char *)job + fields[i].at);
            continue;
        }
        field_text(job, &fields[i], text[i], sizeof(text[i]));
        values[i] = db_text(fields[i].name, text[i]);
    }
    if (!checksum(job, hex, err))
        return false;
    values[i] = db_text("checksum", hex);
    return db_run(db, "job_save", values, ARRAY_LEN(values), NULL, err);
}

struct loading {
    struct job *job;
    char checksum[DIGEST_HEX];
    bool whole;
};

static bool parse_status(const char *name, enum job_status *status)
{
    int i;

    for (i = 0; name && i < JOB_STATUSES; i++)
        if (strcmp(name, job_status_names[i]) == 0) {
            *status = (enum job_status)i;
            return true;
        }
    return false;
}

static bool take_field(const struct field *f, const struct db_rows *row,
                       size_t i, struct job *job)
{
    char *at = (char *)job + f->at;
    const char *text = db_rows_text(row, i, NULL);

    switch (f->kind) {
    case KIND_INTEGER:
        *(int64_t *)(void *)at = db_rows_integer(row, i);
        return true;
    case KIND_REAL: *(double *)(void *)at = db_rows_real(row, i); return true;
    case KIND_BOOL:
        *(bool *)(void *)at = db_rows_integer(row, i) != 0;
        return true;
    case KIND_STATUS: return parse_status(text, (void *)at);
    case KIND_TEXT: snprintf(at, f->size, "%s", text ? text : ""); return true;
    }
    return false;
}

static bool take_job(void *context, const struct db_rows *row,
                     struct error *err)
{
    struct loading *l = context;
    const char *sum = db_rows_text(row, ARRAY_LEN(fields), NULL);
    size_t i;

    (void)err;
    l->whole = true;
    for (i = 0; i < ARRAY_LEN(fields); i++)
        l->whole = take_field(&fields[i], row, i, l->job) && l->whole;
    snprintf(l->checksum, sizeof(l->checksum), "%s", sum ? sum : "");
    return true;
}

static bool refuse(struct error *err, const char *why)
{
    error_exit(err, ERROR_REJECT, EXIT_DATABASE, "%s", why);
    error_code(err, "checkpoint");
    return false;
}

bool job_load(struct db *db, struct job *job, struct error *err)
{
    struct loading l = { .job = job };
    char hex[DIGEST_HEX];
    int64_t rows = 0;

    memset(job, 0, sizeof(*job));
    if (!db_each(db, "job_load", NULL, 0, take_job, &l, &rows, err)) {
        error_code(err, "checkpoint");
        return error_context(err, "job.db holds no job of this version");
    }
    if (rows != 1)
        return refuse(err, rows ? "job.db holds several jobs"
                                : "job.db holds no job: it was broken off "
                                  "while it was made");
    if (!checksum(job, hex, err))
        return false;
    if (!l.whole || strcmp(hex, l.checksum) != 0)
        return refuse(err, "the job's row does not fit its checksum: it was "
                           "changed or damaged");
    return true;
}

bool job_move(struct db *db, struct job *job, enum job_status to, double now,
              struct error *err)
{
    if (!job_may_move(job->status, to))
        return error_set(err, ERROR_SETUP, "a job can't go from %s to %s",
                         job_status_names[job->status], job_status_names[to]);
    job->status = to;
    if (to == JOB_RUNNING && !job->started_at[0])
        clock_text(now, job->started_at);
    job->completed_at[0] = '\0';
    if (to == JOB_COMPLETED || to == JOB_FAILED)
        clock_text(now, job->completed_at);
    return job_save(db, job, now, err);
}

/* -- may it be gone on with? -- */

static bool stat_input(const char *path, int64_t *bytes, double *changed,
                       struct error *err)
{
    struct stat st;

    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return error_set(err, ERROR_REJECT, "there is no file %s", path);
    *bytes = (int64_t)st.st_size;
    *changed = (double)st.st_mtim.tv_sec + (double)st.st_mtim.tv_nsec / 1e9;
    return true;
}

bool job_note_input(struct job *job, const char *path, struct error *err)
{
    char *whole = realpath(path, NULL);

    /* An absolute path tells where it was looked for. */
    if (!whole) {
        char here[JOB_PATH] = "";

        if (path[0] != '/' && !realpath(".", here))
            here[0] = '\0';
        return error_set(err, ERROR_REJECT, "there is no file %s%s%s", here,
                         here[0] ? "/" : "", path);
    }
    snprintf(job->input, sizeof(job->input), "%s", whole);
    free(whole);
    return stat_input(job->input, &job->input_bytes, &job->input_changed,
                      err) &&
           digest_of_file(job->input, job->input_hash, err);
}

static bool check_input(const struct job *job, struct error *err)
{
    int64_t bytes;
    double changed;
    char hex[DIGEST_HEX];

    if (!stat_input(job->input, &bytes, &changed, err)) {
        error_code(err, "input");
        return error_context(err, "the input is gone");
    }
    if (bytes == job->input_bytes && fabs(changed - job->input_changed) < 0.002)
        return true;
    if (!digest_of_file(job->input, hex, err))
        return false;
    if (strcmp(hex, job->input_hash) == 0)
        return true;
    error_exit(err, ERROR_REJECT, EXIT_USAGE,
               "the input %.300s has changed since the job began (%lld bytes, "
               "then %lld): put the old file back, or begin anew with --force",
               job->input, (long long)bytes, (long long)job->input_bytes);
    error_code(err, "input");
    return false;
}

static bool take_verdict(void *context, const struct db_rows *row,
                         struct error *err)
{
    const char *text = db_rows_text(row, 0, NULL);

    (void)err;
    if (!text || strcmp(text, "ok") != 0)
        snprintf(context, 200, "%s", text ? text : "no verdict");
    return true;
}

bool job_check(struct db *db, const struct job *job, const char *profile_hash,
               struct error *err)
{
    char verdict[200] = "";

    if (!db_each(db, "job_verify", NULL, 0, take_verdict, verdict, NULL, err))
        return false;
    if (verdict[0]) {
        error_exit(err, ERROR_REJECT, EXIT_DATABASE, "job.db is damaged: %s",
                   verdict);
        error_code(err, "checkpoint");
        return false;
    }
    /* Records that are loaded don't need their file any more, but another
     * file under its name would be taken for them. */
    if (!check_input(job, err))
        return false;
    if (!profile_hash || strcmp(profile_hash, job->profile_hash) == 0)
        return true;
    error_exit(err, ERROR_REJECT, EXIT_USAGE,
               "the profile %.200s has changed since the job began: put the "
               "old one back, or begin anew with --force",
               job->profile);
    error_code(err, "profile");
    return false;
}

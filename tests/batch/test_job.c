#include "batch/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "extract/profile.h"
#include "tests/folder.h"
#include "tests/tap.h"

static struct db_settings like = { .login_timeout = 5,
                                   .statement_timeout = 5,
                                   .lock_timeout = 1 };

static void a_job_moves_by_its_table(void)
{
    static const struct {
        enum job_status from, to;
        bool may;
    } cases[] = {
        { JOB_PENDING, JOB_RUNNING, true },
        { JOB_PENDING, JOB_COMPLETED, false },
        { JOB_RUNNING, JOB_COMPLETED, true },
        { JOB_RUNNING, JOB_FAILED, true },
        { JOB_RUNNING, JOB_RUNNING, true },
        { JOB_RUNNING, JOB_PENDING, false },
        { JOB_COMPLETED, JOB_RUNNING, true },
        { JOB_COMPLETED, JOB_FAILED, false },
        { JOB_COMPLETED, JOB_PENDING, false },
        { JOB_FAILED, JOB_RUNNING, true },
        { JOB_FAILED, JOB_COMPLETED, false },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        ok(job_may_move(cases[i].from, cases[i].to) == cases[i].may,
           "from %s to %s", job_status_names[cases[i].from],
           job_status_names[cases[i].to]);
}

static struct db *make(const char *folder, struct source_settings *source)
{
    struct profile *profile = NULL;
    struct db *db = NULL;
    struct error err;

    job_source(source, false);
    if (!job_open(&db, &like, folder, true, &clock_system, NULL, &err) &&
        strcmp(err.code, "no_driver") == 0)
        tap_skip_all("%s", err.message);
    ok(db && profile_open(&profile, "prompt", &err) &&
           job_make(db, source, profile, &err),
       "a job's database is made: %s", db ? "" : err.message);
    profile_close(profile);
    return db;
}

static void fill_fields(struct job *job)
{
    struct error err;

    memset(job, 0, sizeof(*job));
    snprintf(job->id, sizeof(job->id), "%s",
             "0197a2c4-0000-7000-8000-000000000000");
    snprintf(job->name, sizeof(job->name), "%s", "a name, \"quoted\" \xc3\xa9");
    snprintf(job->model, sizeof(job->model), "%s", "m");
    snprintf(job->profile, sizeof(job->profile), "%s", "prompt");
    snprintf(job->created_at, sizeof(job->created_at), "%s",
             "2026-11-25T12:45:18.123Z");
    snprintf(job->options, sizeof(job->options), "%s", "{\"model\":\"m\"}");
    job->seconds = 12.5;
    job->loaded = true;
    job->left_out = 4;
    job->total = 170000;
    job->completed = 169998;
    job->failed = 2;
    ok(file_write("p.txt", "One?\nTwo?\n", 10, &err) &&
           job_note_input(job, "p.txt", &err),
       "the input is noted");
}

static void all_fields_come_back(void)
{
    const struct timespec tick = { 0, 50000000 };
    struct source_settings source;
    struct db *db = make("a", &source);
    struct job *job = malloc(2 * sizeof(*job));
    struct job *back = job + 1;
    struct error err;

    if (!db || !job)
        return;
    fill_fields(job);
    ok(job_save(db, job, 1.8e9, &err) && job_load(db, back, &err), "loaded");
    ok(memcmp(job, back, offsetof(struct job, model)) == 0 &&
           !strcmp(job->name, back->name) && back->total == 170000 &&
           back->completed == 169998 && back->failed == 2 &&
           back->input_bytes == 10 && !strcmp(job->input, back->input) &&
           !strcmp(job->input_hash, back->input_hash) && back->loaded &&
           back->left_out == 4 && back->seconds > 12.4 &&
           !strcmp(job->options, back->options) &&
           !strcmp(job->updated_at, back->updated_at),
       "as they were");
    ok(job_check(db, back, NULL, &err), "it is sound");
    ok(!job_check(db, back, "another hash", &err) &&
           !strcmp(err.code, "profile"),
       "another profile is told");
    /* File systems tell times in ticks of some milliseconds. */
    nanosleep(&tick, NULL);
    ok(file_write("p.txt", "One?\nTwo!\n", 10, &err) &&
           !job_check(db, back, NULL, &err) && !strcmp(err.code, "input"),
       "another input is told, of the same length too");
    job->status = JOB_COMPLETED;
    ok(!job_move(db, job, JOB_FAILED, 1.8e9, &err), "no way from there");
    ok(job_move(db, job, JOB_RUNNING, 1.8e9, &err) && job->started_at[0],
       "but this");
    db_close(db);
    free(job);
}

static bool no_more(void *context, const struct error *why, struct error *err)
{
    (void)err;
    snprintf(context, 300, "%.299s", why->message);
    return false;
}

static bool go_on(void *context, const struct error *why, struct error *err)
{
    (void)err;
    snprintf(context, 300, "%.299s", why->message);
    return true;
}

static bool count_result(void *context, const struct job_result *r,
                         struct error *err)
{
    (void)err;
    *(int *)context += r->success == -1 && r->index > 0 && r->prompt;
    return true;
}

static void records_come_in_order_and_once(void)
{
    static const char text[] = "candidate_id,name\n7,A\n8,B\n7,C\n9,B\n";
    struct source_settings source;
    struct db *db = make("b", &source);
    char why[300] = "";
    struct job_fill fill = { .refused = no_more, .context = why };
    struct error err;
    int seen = 0;

    if (!db)
        return;
    ok(file_write("c.csv", text, sizeof(text) - 1, &err), "a CSV");
    ok(!job_fill(db, "c.csv", &fill, &err) && strstr(err.message, "row 4") &&
           strstr(err.message, "record 1"),
       "an id that comes twice ends it: %s", err.message);
    fill.refused = go_on;
    ok(job_fill(db, "c.csv", &fill, &err), "or is left out");
    is_int(fill.records, 3, "three records");
    is_int(fill.left_out, 1, "one left out");
    is_int(fill.repeats, 1, "one repeats another's text");
    ok(job_results(db, count_result, &seen, &err) && seen == 3,
       "none has a result yet");
    db_close(db);
}

int main(void)
{
    static const struct log_settings quiet = { .level = LOG_LEVEL_ERROR,
                                               .terminal_level =
                                                   LOG_LEVEL_ERROR };
    struct error err;

    if (!log_open(&quiet, &err))
        tap_note("%s", err.message);
    folder_enter();
    a_job_moves_by_its_table();
    all_fields_come_back();
    records_come_in_order_and_once();
    return tap_done();
}

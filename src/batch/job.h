/*
 * job.h -- a job of `vitae run`: the same machine on a database of its own.
 *
 * job.db in the job's folder holds the job (one row), its records (the
 * source that batches are made of: key = position in the input), vitae's own
 * tables, and the results.  Request and answer files lie in the spool folder
 * beside it until the job is taken away.  Nothing but these is the
 * checkpoint.
 *
 * A job's status moves by one table (job_move): pending -> running ->
 * completed | failed, and back to running when it is gone on with.  A job
 * that was interrupted stays running.
 *
 * The row carries a checksum over its fields: one that was cut off, edited
 * or mixed with another is told (ERROR_REJECT, code "checkpoint").
 * Messages never hold a record's text.
 */
#ifndef BATCH_JOB_H
#define BATCH_JOB_H

#include "batch/batch.h"
#include "db/db.h"
#include "io/record.h"

struct worker;
struct fetcher;

enum job_status { JOB_PENDING, JOB_RUNNING, JOB_COMPLETED, JOB_FAILED };
#define JOB_STATUSES 4
extern const char *const job_status_names[JOB_STATUSES];

#define JOB_PATH 4096
#define JOB_TIME 32

struct job {
    char id[BATCH_KEY];
    char name[129];
    enum job_status status;
    char model[129];
    char provider[BATCH_WORD]; /* its section, "" = the unnamed */
    char base_url[1024];
    char profile[1024];
    char profile_hash[BATCH_WORD];
    char input[JOB_PATH]; /* absolute */
    int64_t input_bytes;
    char input_hash[BATCH_WORD];
    double input_changed;
    bool loaded;
    int64_t left_out; /* of the input: could not be used */
    int64_t total, completed, failed;
    double seconds;
    char created_at[JOB_TIME], started_at[JOB_TIME], completed_at[JOB_TIME];
    char updated_at[JOB_TIME];
    char options[8192]; /* JSON object of the command line's options */
};

/* The source settings of a job's database; request lines are taken as they
 * are. */
void job_source(struct source_settings *source, bool requests);
/* FOLDER/job.db; ERROR_SETUP when that can't be made or written.  To be closed
 * with db_close() whether it worked or not. */
MUST_CHECK bool job_open(struct db **db, const struct db_settings *like,
                         const char *folder, bool make, struct clock *clock,
                         const volatile bool *stop, struct error *err);
struct profile;
/* Makes the tables, with a column for each of the profile's. */
MUST_CHECK bool job_make(struct db *db, const struct source_settings *source,
                         const struct profile *profile, struct error *err);
/* Adds what the tables of a job lack that an older vitae made. */
MUST_CHECK bool job_upgrade(struct db *db, const struct source_settings *source,
                            const struct profile *profile, struct error *err);

MUST_CHECK bool job_load(struct db *db, struct job *job, struct error *err);
MUST_CHECK bool job_save(struct db *db, struct job *job, double now,
                         struct error *err);
/* Along the table of transitions, and saved. */
MUST_CHECK bool job_move(struct db *db, struct job *job, enum job_status to,
                         double now, struct error *err);
bool job_may_move(enum job_status from, enum job_status to);

/* Notes the input file in job. */
MUST_CHECK bool job_note_input(struct job *job, const char *path,
                               struct error *err);
/* Could it be gone on with?  False: err says why not: damaged, the input or
 * the profile is another one.  profile_hash NULL = not looked at. */
MUST_CHECK bool job_check(struct db *db, const struct job *job,
                          const char *profile_hash, struct error *err);

/* Records out of a file, in chunks of one transaction each.  Refused ones
 * are told to `refused` (which may be NULL): false stops with its err. */
struct job_fill {
    struct record_settings settings;
    bool (*refused)(void *context, const struct error *why, struct error *err);
    void (*progress)(void *context, int64_t records);
    void *context;
    /* For addresses; NULL = refused.  Pages that can't be had are told. */
    struct fetcher *fetcher;
    void (*missed)(void *context, const char *why);
    const volatile bool *stop;
    bool strict; /* custom_ids as Anthropic wants them */
    int64_t records, left_out, repeats;
};
MUST_CHECK bool job_fill(struct db *db, const char *path, struct job_fill *fill,
                         struct error *err);

/* Reads the answers of a batch whose files are in the spool into the
 * records. */
MUST_CHECK bool job_take_answers(struct worker *w, const struct batch *b,
                                 struct error *err);
/* Counts the outcomes into the records and into job. */
MUST_CHECK bool job_count(struct db *db, struct job *job, struct error *err);
/* All answers, one line a record, into path: as they came or in the input's
 * order. */
MUST_CHECK bool job_write_answers(struct worker *w, const char *path,
                                  bool ordered, struct error *err);

/* One result, as exports have it (io/export.h). */
struct job_result {
    int64_t index;                                          /* from 1 */
    const char *id, *custom_id, *prompt, *response, *error; /* NULL = none */
    int64_t tokens_in, tokens_out;                          /* -1 = unknown */
    double duration;                                        /* < 0 = unknown */
    int success;                                            /* -1 = not yet */
};
typedef bool job_result_function(void *context, const struct job_result *result,
                                 struct error *err);
MUST_CHECK bool job_results(struct db *db, job_result_function *each,
                            void *context, struct error *err);

#endif

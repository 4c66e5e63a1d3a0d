/*
 * run.h -- what the files of `vitae run` share: cli_run.c (the command),
 * run_options.c (templates, settings), run_ask.c (questions), run_model.c
 * (the endpoint), run_prepare.c (the job), run_steps.c (the work),
 * run_monitor.c (how far it is), run_export.c (what it leaves).
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "base/file.h"
#include "base/progress.h"
#include "batch/job.h"
#include "batch/worker.h"
#include "cli/cli.h"

/* Options that a template and a job remember.  Texts: they are checked where
 * they are put to use. */
enum run_option {
    RUN_PROVIDER,
    RUN_MODEL,
    RUN_BASE_URL,
    RUN_PROFILE,
    RUN_JOBS,
    RUN_RPM,
    RUN_DELAY,
    RUN_ON_ERROR,
    RUN_CHECK_INTERVAL,
    RUN_BATCH_SIZE,
    RUN_MAX_ATTEMPTS,
    RUN_MAX_COST,
    RUN_FORMAT,
    RUN_ID,
    RUN_TEXT,
    RUN_ORDERED, /* "yes" */
    RUN_OUT, /* of a job only: where its files are, if not beside the input */
    RUN_OPTIONS
};
extern const char *const run_option_names[RUN_OPTIONS];

struct run_options {
    char *given[RUN_OPTIONS]; /* by the command line; borrowed */
    char *saved[RUN_OPTIONS]; /* by a template or a job; owned */
};
/* What holds: the command line's, else the saved; NULL = neither. */
const char *run_option(const struct run_options *o, enum run_option which);
void run_options_release(struct run_options *o);
/* {"model": "m", ...} of what holds. */
void run_options_write(const struct run_options *o, struct strbuf *out);
/* Takes such an object as saved. */
MUST_CHECK bool run_options_read(struct run_options *o, const char *text,
                                 size_t len, const char *name,
                                 struct error *err);

/* Templates: a file each, NAME.json, in $VITAE_TEMPLATES, else
 * $XDG_CONFIG_HOME/vitae/templates or $HOME/.config/vitae/templates. */
MUST_CHECK bool template_save(const struct run_options *o, const char *name,
                              struct error *err);
MUST_CHECK bool template_load(struct run_options *o, const char *name,
                              struct error *err);
MUST_CHECK bool template_list(bool json, struct error *err);

/* Puts what holds into the settings, chooses the endpoint. */
MUST_CHECK bool run_apply(struct cli *cli, const struct run_options *o,
                          struct error *err);

/* What to do about failures. */
#define RUN_STRATEGY 40 /* bytes of its text */
struct run_strategy {
    int64_t most; /* stop at so many; 0 = never */
};
MUST_CHECK bool run_strategy(const char *text, struct run_strategy *s,
                             struct error *err);

struct run_paths {
    char folder[JOB_PATH]; /* of job.db and the spool */
    char batch[JOB_PATH], results[JOB_PATH], scores[JOB_PATH];
    char report[JOB_PATH];
};

/* What the monitor knows of a batch. */
struct run_batch {
    char key[BATCH_KEY];
    int64_t total, done, failed;
    bool told;  /* "created" was printed */
    bool taken; /* its answers are in job.db */
};

/* The other options: not remembered. */
struct run_flags {
    char *out, *name, *save_as, *template_name; /* owned by the process */
    bool resume, force, retry_failed, ordered, skip_bad, allow_private;
};

struct run {
    struct cli *cli; /* borrowed, all three */
    struct run_options *options;
    struct run_flags *flags;
    struct run_strategy strategy;
    struct run_paths paths;
    struct source_settings source;
    struct worker_settings settings;
    struct worker worker;
    struct worker_watch watch;
    struct job job;
    double cost;  /* what it came to, once it has ended; 0 = nothing known */
    bool opened;  /* worker is */
    bool resumed; /* there was a job already */
    bool answers; /* the table is of texts, not of scores */
    char missed[200]; /* the last page that couldn't be had, and why */
    /* the monitor's */
    const char *step; /* static: what is being done, for failures */
    struct progress progress;
    char what[64];             /* of the progress */
    struct run_batch *batches; /* owned */
    size_t batch_count;
    int64_t base_done, base_failed; /* before this process */
    int64_t last_done, last_failed; /* as shown last */
    int64_t milestone;              /* thousands told */
    double began, saved;            /* monotonic */
    double moved; /* monotonic: when something was done last */
    int64_t moved_to;
    bool stuck_told, validating_told;
    bool stopped_by_failures;
    bool broken; /* why: err */
    struct error err;
    /* answers as they come */
    struct file_writer stream; /* owned; fd -1 = closed */
    char stream_key[BATCH_KEY];
    uint64_t stream_at[2];
};

/* "== 2 of 7: upload ==", once in a row. */
void run_step(struct run *run, int number);
enum {
    STEP_CONVERT = 1,
    STEP_UPLOAD,
    STEP_CREATE,
    STEP_MONITOR,
    STEP_DOWNLOAD,
    STEP_ANALYZE,
    STEP_EXPORT,
    STEPS = STEP_EXPORT
};
/* A line of the current step. */
void run_say(struct run *run, const char *format, ...) PRINTF_LIKE(2, 3);
void run_watch(struct run *run);
void run_unwatch(struct run *run);

/* Everything before the first step: the job is there, the worker open. */
MUST_CHECK bool run_start(struct run *run, const char *input,
                          struct error *err);
/* Takes away what an earlier run left, or one that came to nothing. */
MUST_CHECK bool run_remove(const struct run *run, struct error *err);
MUST_CHECK bool run_steps(struct run *run, struct error *err);
MUST_CHECK bool run_record_settings(struct run *run, struct record_settings *s,
                                    struct error *err);

/* The files beside the input, the summary on standard output. */
MUST_CHECK bool run_export(struct run *run, struct error *err);
MUST_CHECK bool run_analyze(struct run *run, struct error *err);
void run_summary(const struct run *run);
/* Tells whom the settings name that the job has ended. */
void run_notify(struct run *run, bool good);
/* As files have it (io/export.h). */
struct export_result;
void run_result(const struct job_result *r, struct export_result *out);

/* The model: by the flags, the settings, or the endpoint's own list. */
MUST_CHECK bool run_model(struct run *run, bool ask, struct error *err);

/* Somebody answers there. */
MUST_CHECK bool run_reach(struct run *run, struct error *err);
/* Asks that model from now on. */
MUST_CHECK bool run_put_model(struct run *run, const char *model,
                              struct error *err);

/* A table (or JSON) of the jobs in a folder (cli_jobs.c). */
MUST_CHECK bool jobs_list(struct cli *cli, const char *path, struct error *err);

/* -- questions (run_ask.c) -- */

struct run_answers {
    char *input; /* owned: a file; NULL = typed prompts follow */
    bool resume, list, leave, prompts;
};
bool ask_is_possible(void);
/* The menu; false: the input ended. */
bool ask_what(struct run_answers *a);
/* One of the names; NULL = none chosen. */
const char *ask_model(char (*names)[128], size_t count);
/* "continue", "stop", "threshold:N"; out holds RUN_STRATEGY bytes. */
bool ask_strategy(char *out);
/* Prompts from standard input, an empty line ends them, into a file. */
MUST_CHECK bool take_prompts(const char *path, bool person, int64_t *count,
                             struct error *err);

#endif

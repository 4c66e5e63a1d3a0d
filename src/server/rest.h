/*
 * rest.h -- jobs that clients hand in as addresses or as ready contents.
 *
 *   STATE/jobs/ID/job.json   what was asked; with its end once it has one
 *   STATE/jobs/ID/pages.txt  the addresses, a line each, or
 *   STATE/jobs/ID/pages.json the contents: [{"id", "title", "contents"}]
 *   STATE/jobs/ID/out/       what `vitae run` makes of it: job.db, results
 *
 * Each job is a process of its own, `vitae run`: the same machine with the
 * same checkpoints, so that a job that was interrupted goes on where it was,
 * and one that dies takes nothing with it.  Some run at a time, the others
 * wait in the order they came.  Processes end with the server and are
 * started again with it.  A job is durable before anybody is told its id.
 *
 * Owners as in state.h.  Safe from several threads.
 */
#ifndef SERVER_REST_H
#define SERVER_REST_H

#include "db/db.h"
#include "server/http_server.h"
#include "server/state.h"

#define REST_NAME 65
#define REST_PREFIX "jobs/" /* of every id; the rest is the folder's name */

enum rest_kind { REST_URLS, REST_CONTENTS, REST_KINDS };
extern const char *const rest_input_names[REST_KINDS];

enum rest_state {
    REST_PENDING,
    REST_RUNNING,
    REST_SUCCEEDED,
    REST_FAILED,
    REST_STATES
};
/* "JOB_STATE_PENDING" ... */
extern const char *const rest_state_names[REST_STATES];

struct rest_job {
    char id[STATE_ID];
    char owner[STATE_OWNER];
    char name[REST_NAME];
    enum rest_kind kind;
    int64_t count;
    double submitted_at;
    double ended_at; /* 0 = not yet */
    int code;        /* of the process, when it has ended */
    int64_t done;    /* records with a result, by then */
    enum rest_state state;
};

struct rest_settings {
    const char *program;                /* "/proc/self/exe" */
    const char *const *arguments;       /* to every run; NULL ends them */
    size_t slots;                       /* processes at once, 0 = 2 */
    const struct db_settings *database; /* of job.db: time limits ... */
};

struct rest;

/* Everything is borrowed until rest_close(), which is to be called whether it
 * worked or not. */
MUST_CHECK bool rest_open(struct rest **r, const struct rest_settings *settings,
                          struct state *st, struct error *err);
/* Nobody waits and no process starts any more: before the HTTP server
 * ends. */
void rest_quit(struct rest *r);
/* Processes are told to stop and waited for. */
void rest_close(struct rest *r);

MUST_CHECK bool rest_submit(struct rest *r, const char *owner, const char *name,
                            enum rest_kind kind, const struct strbuf *input,
                            int64_t count, struct rest_job *out,
                            struct error *err);
/* A copy; false = not there for that owner. */
bool rest_find(struct rest *r, const char *owner, const char *id,
               struct rest_job *out);
/* The owner's jobs, newest first, without the first `skip`: at most `most`
 * are copied.  How many there are. */
size_t rest_list(struct rest *r, const char *owner, size_t skip,
                 struct rest_job *out, size_t most);
/* Suspends x until the job has ended; then tell(x, job) replies.  False: it
 * has ended already, or there are too many who wait. */
typedef void rest_tell(struct exchange *x, const struct rest_job *job);
bool rest_wait(struct rest *r, const char *id, struct exchange *x,
               rest_tell *tell);

/* How far it is, and what came of it: out of job.db. */
struct rest_progress {
    int64_t total, completed, failed;
    char message[400]; /* why it failed, "" = it didn't */
};
MUST_CHECK bool rest_progress(struct rest *r, const struct rest_job *job,
                              struct rest_progress *out, struct error *err);
/* An array of results, a job's: each is what the model answered (an object
 * where it is one) with its id. */
MUST_CHECK bool rest_results(struct rest *r, const struct rest_job *job,
                             struct jsonw *w, int64_t *count,
                             struct error *err);

#endif

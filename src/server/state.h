/*
 * state.h -- the files and batches that vitae serve has, in a folder.
 *
 *   lock                 one server at a time
 *   files/ID             the bytes of an upload, or of a batch's output
 *   files/ID.json        what is known of it
 *   batches/ID.json      a batch
 *
 * Each record is a small file that is whole or absent (base/file.h), written
 * when it changes, never per request: what has been answered is in the
 * output files themselves (runner/answers.h).  An upload's bytes are durable
 * before its record, and its record before anybody is told; what an
 * interrupted one left is removed on opening.  Ids are made here and sort by
 * time; no name from outside ever becomes a path.
 *
 * Owners: who brought the key ("" without keys).  Somebody else's file or
 * batch is as absent as one that never was.
 *
 * Safe from several threads: what state_file() and state_batch() give may be
 * looked at and changed between state_lock() and state_unlock().  Batches
 * stay where they are until state_close().
 */
#ifndef SERVER_STATE_H
#define SERVER_STATE_H

#include "base/clock.h"
#include "base/error.h"
#include "base/jsonw.h"
#include "provider/notify.h"

#define STATE_ID 48
#define STATE_OWNER 32
#define STATE_PATH 4096

/* In the order of OpenAI's manual; names in served_status_names. */
enum served_status {
    SERVED_VALIDATING,
    SERVED_FAILED,
    SERVED_IN_PROGRESS,
    SERVED_FINALIZING,
    SERVED_COMPLETED,
    SERVED_EXPIRED,
    SERVED_CANCELLING,
    SERVED_CANCELLED,
    SERVED_STATUSES,
};
extern const char *const served_status_names[];
bool served_is_final(enum served_status status);

struct served_file {
    char id[STATE_ID];
    char owner[STATE_OWNER];
    char filename[256]; /* as the client told it, for people */
    char purpose[32];
    int64_t bytes;
    double created_at;
};

struct served_batch {
    char id[STATE_ID];
    char owner[STATE_OWNER];
    char input[STATE_ID];
    /* Made with the batch; files of these names appear with the first
     * answer, their records when the batch has ended. */
    char output[STATE_ID], errors[STATE_ID];
    char endpoint[64];
    char window[16];
    char *metadata; /* owned: a JSON object, NULL = none */
    char *faults;   /* owned: a JSON array of what validation found, or NULL */
    enum served_status status;
    double at[SERVED_STATUSES]; /* when it became that, 0 = never */
    double expires_at;
    int64_t total, completed, failed;
    int64_t input_tokens, cached_tokens, output_tokens;
    int64_t priority;
    int64_t groups; /* of requests that share a prompt cache */
    bool paused;
    bool skip_invalid; /* bad lines become error lines, not a failed batch */
    bool has_output, has_errors;
    int64_t untold; /* who is still to be told of its end: a bit a way */
    /* Of this run of the program, not stored. */
    double running_since; /* clock->now(); 0 = not running */
    int64_t done_before;
    double not_before;           /* no step before that time */
    char waiting[256];           /* for what, "" = nothing */
    double tell_at[NOTIFY_WAYS]; /* not before that time */
    int tell_tries[NOTIFY_WAYS];
    bool working;     /* a thread is at it */
    bool halt;        /* which is to end */
    unsigned version; /* grows with each change that is seen outside */
};

struct state;

/* ERROR_SETUP when another server has the folder.  To be closed whether it
 * worked or not. */
MUST_CHECK bool state_open(struct state **st, const char *folder,
                           struct clock *clock, struct error *err);
void state_close(struct state *st);
struct clock *state_clock(struct state *st);
const char *state_folder(const struct state *st);

/* Who is told of ends: a bit a way (announce.h). */
void state_set_ways(struct state *st, unsigned ways);
unsigned state_ways(const struct state *st);

void state_lock(struct state *st);
void state_unlock(struct state *st);

/* A new id: "file-…", "batch_…". */
MUST_CHECK bool state_new_id(struct state *st, const char *prefix, char *id,
                             struct error *err);
/* Where a file's bytes are; out holds STATE_PATH bytes.  id is ours. */
void state_path(const struct state *st, const char *id, char *out);

/* Locked by the caller.  NULL = not there for that owner; owner NULL =
 * whoever's. */
struct served_file *state_file(struct state *st, const char *owner,
                               const char *id);
struct served_batch *state_batch(struct state *st, const char *owner,
                                 const char *id);
/* All, oldest first. */
size_t state_file_count(const struct state *st);
struct served_file *state_file_at(struct state *st, size_t i);
size_t state_batch_count(const struct state *st);
struct served_batch *state_batch_at(struct state *st, size_t i);
/* A batch that hasn't ended needs the file. */
bool state_file_is_used(struct state *st, const char *id);

/* Not locked by the caller.  The record is durable when they return true.
 * file is copied; a batch is taken, also when it fails. */
MUST_CHECK bool state_add_file(struct state *st, const struct served_file *file,
                               struct error *err);
MUST_CHECK bool state_remove_file(struct state *st, const char *id,
                                  struct error *err);
MUST_CHECK bool state_add_batch(struct state *st, struct served_batch *b,
                                struct error *err);
MUST_CHECK bool state_save_batch(struct state *st, struct served_batch *b,
                                 struct error *err);
void served_batch_free(struct served_batch *b);

/* -- records, state_record.c; pure -- */

void served_file_write(const struct served_file *f, struct strbuf *out);
MUST_CHECK bool served_file_read(const char *path, struct served_file *f,
                                 struct error *err);
void served_batch_write(const struct served_batch *b, struct strbuf *out);
/* NULL with err. */
MUST_CHECK struct served_batch *served_batch_read(const char *path,
                                                  struct error *err);

#endif

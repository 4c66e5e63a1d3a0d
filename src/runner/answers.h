/*
 * answers.h -- an append-only file of answers: the checkpoint.
 *
 * One whole line an answer, in the form of OpenAI's batch output.  Its "id"
 * tells the request's line ("batch_req_17" is line 17 of those that the plan
 * counts), so that after a crash what is finished is known without a table
 * of ids; the custom_id must agree, or the file belongs to other requests.
 * Each is handed to the system at once, so that a kill loses none; synced in
 * groups, against loss of power: after SYNC_ANSWERS, or SYNC_SECONDS after
 * the first.
 *
 * On opening, what a crash left at the end (half a line, or blocks that were
 * never written) is cut off.  All but the last RECHECKED bytes had been
 * synced and is only looked at from the front.
 */
#ifndef RUNNER_ANSWERS_H
#define RUNNER_ANSWERS_H

#include "base/file.h"
#include "base/jsonr.h"
#include "runner/plan.h"

#define SYNC_ANSWERS 100
#define SYNC_SECONDS 0.1

struct answers {
    char *path;              /* owned */
    struct file_writer file; /* fd -1: nothing written yet */
    uint64_t length;         /* of the whole lines found */
    size_t count;            /* lines found */
    size_t unsynced;
    double since; /* when the first unsynced was added; monotonic */
};

/* Looks at what is there and marks it done in the plan.  The file itself is
 * made with the first answer. */
MUST_CHECK bool answers_open(struct answers *a, const char *path,
                             struct plan *plan, struct error *err);
/* Lines not synced may be lost: sync first. */
void answers_close(struct answers *a);

MUST_CHECK bool answers_add(struct answers *a, const char *line, size_t len,
                            double now, struct error *err);
/* Seconds until the next sync is due; < 0: nothing waits. */
double answers_due(const struct answers *a, double now);
MUST_CHECK bool answers_sync(struct answers *a, struct error *err);

#endif

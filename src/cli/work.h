/*
 * work.h -- what the working commands share: a worker out of the settings,
 * and progress for whoever watches.
 */
#ifndef CLI_WORK_H
#define CLI_WORK_H

#include "base/progress.h"
#include "batch/worker.h"
#include "cli/cli.h"

struct work {
    struct worker worker;
    struct worker_settings settings;
    struct worker_watch watch;
    struct progress progress;
    struct cli *cli;           /* borrowed */
    char step[BATCH_KEY + 32]; /* the batch and step shown last */
};

/* Opens database, profile, spool and source.  To be closed whether it worked
 * or not. */
MUST_CHECK bool work_open(struct work *work, struct cli *cli,
                          struct error *err);
void work_close(struct work *work);

/* Opens the database alone, its names set as far as they can be.  A file of
 * SQLite's must be there: only vitae init makes one. */
MUST_CHECK bool work_database(struct cli *cli, struct db **db,
                              struct error *err);

/* The same, and vitae's own tables are there and of this program's version:
 * else an error that says what to do. */
MUST_CHECK bool work_tables(struct cli *cli, struct db **db, struct error *err);

/* What is to be done about a batch whose status is unknown. */
void work_tell_unknown(const struct cli *cli);
/* After Ctrl-C or SIGTERM: where each open batch is, and how to go on. */
void work_tell_stopped(struct work *work);

/* One line (or JSON object) about a batch on standard output. */
void work_print(const struct cli *cli, const struct batch *b);

#endif

/*
 * rest_private.h -- what rest.c, rest_record.c and rest_child.c share.
 */
#ifndef SERVER_REST_PRIVATE_H
#define SERVER_REST_PRIVATE_H

#include <sys/types.h>

#include "server/rest.h"

/* STATE/jobs/ID and a name in it ("" = the folder); id as clients know it.
 * out holds STATE_PATH bytes. */
void rest_path(const struct state *st, const char *id, const char *name,
               char *out);

struct state *rest_state(struct rest *r);
const struct db_settings *rest_database(const struct rest *r);

void rest_record_write(const struct rest_job *job, struct strbuf *out);
MUST_CHECK bool rest_record_read(const char *path, struct rest_job *job,
                                 struct error *err);

/* Starts `vitae run` for the job, in a process group of its own that is told
 * to stop when this process dies. */
MUST_CHECK bool rest_child_start(const struct rest_settings *settings,
                                 const struct state *st,
                                 const struct rest_job *job, pid_t *pid,
                                 struct error *err);
/* True when it has ended: *code is its exit code, 128 + n for signal n. */
bool rest_child_ended(pid_t pid, int *code);
void rest_child_stop(pid_t pid);

#endif

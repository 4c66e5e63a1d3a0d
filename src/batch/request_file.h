/*
 * request_file.h -- the request file, written and hashed by a thread of its
 * own (task.h), while the next lines are composed.
 *
 * It is whole and synced, or absent (base/file.h).  What the thread meets is
 * told by the next call.  Memory: twice REQUEST_FILE_BLOCK and a line.
 */
#ifndef BATCH_REQUEST_FILE_H
#define BATCH_REQUEST_FILE_H

#include "base/file.h"
#include "base/strbuf.h"

#define REQUEST_FILE_BLOCK (256 * KIB)
#define REQUEST_FILE_LINE (64 * MIB) /* the longest */

struct request_file {
    struct file_writer file; /* the thread's, and all below, while it works */
    struct digest *digest;   /* owned, running */
    struct strbuf writing;
    struct error err;
    bool ok;
    struct strbuf filling; /* the caller's */
    struct task *task;     /* owned */
};

void request_file_init(struct request_file *f);
MUST_CHECK bool request_file_create(struct request_file *f, const char *path,
                                    struct error *err);
MUST_CHECK bool request_file_add(struct request_file *f, const char *line,
                                 size_t len, struct error *err);
/* All of it is in place; its digest to hex. */
MUST_CHECK bool request_file_commit(struct request_file *f, char *hex,
                                    struct error *err);
/* Without commit there is no file. */
void request_file_release(struct request_file *f);

#endif

/*
 * file.h -- files that are whole or absent.
 *
 * Written to NAME.tmp in the same folder, synced, renamed, folder synced;
 * mode 0600; never through a symbolic link.  fsync that failed once is not
 * repeated: the data is taken for lost.  Short writes and EINTR are looped
 * over here and nowhere else.  ENOSPC, EDQUOT and EIO are ERROR_SETUP with
 * code "disk", so that callers stop before money is spent.
 * Reading follows links (a settings file may be one).
 * NAME is written by one program at a time (callers hold a lock); a
 * temporary that somebody else replaced is not renamed.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"

/* "cannot VERB PATH: ", and errno's reason, for whoever uses the system's own
 * calls.  Always false. */
bool file_failure(const char *verb, const char *path, struct error *err);

/* Appends the file's bytes; longer than out's ceiling is ERROR_REJECT. */
MUST_CHECK bool file_read(const char *path, struct strbuf *out,
                          struct error *err);
/* Whole or not at all. */
MUST_CHECK bool file_write(const char *path, const void *data, size_t len,
                           struct error *err);
/* mkdir -p, 0700 for what it makes. */
MUST_CHECK bool file_make_folder(const char *path, struct error *err);
/* What is in a folder, in no order, until visit refuses; names that begin
 * with a dot or have more than 200 bytes are passed over.  What visit adds or
 * removes may be met or not. */
typedef bool file_visit(void *context, const char *path, const char *name,
                        struct error *err);
MUST_CHECK bool file_each_name(const char *folder, file_visit *visit,
                               void *context, struct error *err);
/* Removes; a missing file is fine. */
MUST_CHECK bool file_remove(const char *path, struct error *err);
bool file_exists(const char *path);
/* -1 when absent. */
off_t file_size(const char *path);
MUST_CHECK bool file_sync_folder(const char *folder, struct error *err);
/* Free bytes for us on the folder's file system, UINT64_MAX if unknown. */
uint64_t file_room(const char *folder);

/* A buffered file being written. */
struct file_writer {
    int fd;          /* -1 = closed */
    char *path;      /* owned: the final name */
    char *temporary; /* owned: NULL when appending */
    char *buffer;    /* owned */
    size_t used;
    uint64_t written; /* the file's length with all that was handed in */
    uint64_t started; /* up to there the system was asked to begin writing */
    bool failed;      /* a write or sync failed: nothing more is taken */
};

#define FILE_WRITER_CLOSED                                                     \
    {                                                                          \
        .fd = -1                                                               \
    }

MUST_CHECK bool file_create(struct file_writer *w, const char *path,
                            struct error *err);
/* Opens for appending; cuts the file to at first when at >= 0 (longer than
 * the file is ERROR_REJECT). */
MUST_CHECK bool file_append(struct file_writer *w, const char *path, off_t at,
                            struct error *err);
MUST_CHECK bool file_add(struct file_writer *w, const void *data, size_t len,
                         struct error *err);
/* Hands the buffer to the system: this process may be killed, the machine
 * may not. */
MUST_CHECK bool file_flush(struct file_writer *w, struct error *err);
/* Flushes the buffer and fdatasyncs. */
MUST_CHECK bool file_sync(struct file_writer *w, struct error *err);
/* Flush, fsync, rename, sync the folder; closes, also when it fails. */
MUST_CHECK bool file_commit(struct file_writer *w, struct error *err);
/* Closes and removes the temporary; harmless on a closed writer (fd -1).
 * What was appended but not synced may be lost. */
void file_abandon(struct file_writer *w);

/* Whole lines out of a file, in a buffer that is reused.  A BOM before the
 * first line is skipped. */
struct file_lines {
    int fd;       /* -1 = closed */
    char *path;   /* owned: for messages */
    char *buffer; /* owned */
    size_t size, begin, end;
    size_t ceiling;    /* longest line */
    uint64_t offset;   /* of the line last given */
    uint64_t next;     /* of the byte after it */
    uint64_t number;   /* of the line last given, from 1 */
    bool finished;     /* the file has no more bytes */
    bool last_unended; /* the line last given had no newline */
};

MUST_CHECK bool file_lines_open(struct file_lines *lines, const char *path,
                                size_t ceiling, struct error *err);
/* Starts at offset instead (line numbers count from there). */
MUST_CHECK bool file_lines_seek(struct file_lines *lines, uint64_t offset,
                                struct error *err);
/* *line (borrowed until the next call, NUL-terminated, without LF or CR LF);
 * *line = NULL at the end.  A line over the ceiling: true, *line = NULL,
 * *too_long = true, and the reader stands after it. */
MUST_CHECK bool file_lines_next(struct file_lines *lines, char **line,
                                size_t *len, bool *too_long, struct error *err);
/* The line that stood at offset (lines->offset, then) with len bytes, again:
 * in one read, for going through lines in another order.  Seek before
 * file_lines_next() is used again. */
MUST_CHECK bool file_lines_at(struct file_lines *lines, uint64_t offset,
                              size_t len, char **line, struct error *err);
void file_lines_close(struct file_lines *lines);

/* An exclusive lock by flock on path (made if absent), held until closed
 * or the process ends.  *fd = -1 when another process has it. */
MUST_CHECK bool file_lock(const char *path, int *fd, struct error *err);
void file_unlock(int fd);

#endif

/*
 * parts.h -- uploads that come in parts (POST /v1/uploads), until they are a
 * file.
 *
 *   uploads/ID.json       what the client said it will send
 *   uploads/ID.PART       the bytes of a part
 *
 * An upload and its parts survive a restart and lapse an hour after it was
 * made; one that became a file is remembered so long, so that completing it
 * again gives the same file.  Parts come in any order and at once; their
 * ids, as the client orders them, make the file.
 *
 * Safe from several threads.  Ids are made here; what a client tells is only
 * looked up.
 */
#ifndef SERVER_PARTS_H
#define SERVER_PARTS_H

#include "server/state.h"

#define PART_MOST (64 * MIB)
#define PARTS_MOST 2000   /* of one upload */
#define UPLOADS_MOST 1000 /* that have not lapsed */
#define UPLOAD_SECONDS 3600.0

enum parts_status {
    PARTS_PENDING,
    PARTS_COMPLETED,
    PARTS_CANCELLED,
    PARTS_EXPIRED,
};
extern const char *const parts_status_names[];

/* Of an upload, as it is told to clients. */
struct parts_upload {
    char id[STATE_ID];
    char owner[STATE_OWNER];
    char filename[256];
    char purpose[32];
    int64_t bytes;
    double created_at;
    enum parts_status status;
    char file[STATE_ID]; /* "" until it is completed */
};

struct parts;

/* st is borrowed.  Removes what has lapsed.  To be closed whether it worked
 * or not. */
MUST_CHECK bool parts_open(struct parts **p, struct state *st,
                           struct error *err);
void parts_close(struct parts *p);

/* filename, purpose, bytes and owner are the caller's; the rest is made.
 * Too many at once are ERROR_REJECT, code "too_many_uploads". */
MUST_CHECK bool parts_begin(struct parts *p, struct parts_upload *u,
                            struct error *err);

/* A part's new id, and the path for its bytes (STATE_PATH): the caller writes
 * them, then adds the part; size is its bytes.  An upload that isn't pending
 * or has more than it may is ERROR_REJECT. */
MUST_CHECK bool parts_name(struct parts *p, const char *owner, const char *id,
                           char *part, char *path, struct error *err);
MUST_CHECK bool parts_add(struct parts *p, const char *owner, const char *id,
                          const char *part, int64_t size, struct error *err);

/* Makes the file out of parts[0 .. count) in that order.  Wrong ids, a sum
 * that isn't the one told and another md5 (NULL = not told) are
 * ERROR_REJECT. */
MUST_CHECK bool parts_complete(struct parts *p, const char *owner,
                               const char *id, const char *const *parts,
                               size_t count, const char *md5,
                               struct parts_upload *out, struct error *err);
MUST_CHECK bool parts_cancel(struct parts *p, const char *owner, const char *id,
                             struct parts_upload *out, struct error *err);

#endif

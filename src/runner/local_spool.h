/*
 * local_spool.h -- the spool folder as a provider: names, manifests, files.
 * For local.c alone.
 */
#ifndef RUNNER_LOCAL_SPOOL_H
#define RUNNER_LOCAL_SPOOL_H

#include "provider/provider.h"

#define PATH_SIZE 4096

/* The files of a batch, besides its requests. */
enum local_file {
    LOCAL_MANIFEST,
    LOCAL_LOCK,
    LOCAL_CANCEL, /* somebody wants it to end */
    LOCAL_OUTPUT,
    LOCAL_ERRORS,
};
extern const char *const local_suffixes[];

/* Paths; out holds PATH_SIZE bytes.  Ids come back from a table that others
 * can write: one that is no plain name is ERROR_REJECT, "not_found". */
MUST_CHECK bool local_path(const struct provider *self, const char *name,
                           char *out, struct error *err);
MUST_CHECK bool local_batch_path(const struct provider *self, const char *id,
                                 enum local_file which, char *out,
                                 struct error *err);
/* "... is no name of a file in the spool folder".  Always false. */
bool local_refuse(const char *what, struct error *err);

/* The manifest of a batch; id must not be a part of out. */
MUST_CHECK bool local_read(const struct provider *self, const char *id,
                           bool *found, struct remote_batch *out,
                           struct error *err);
MUST_CHECK bool local_write(const struct provider *self,
                            const struct remote_batch *b, struct error *err);
void local_set_status(struct remote_batch *b, enum remote_status status);

/* provider.h */
bool local_upload(struct provider *self, const char *path, const char *name,
                  char *file_id, const struct provider_watch *watch,
                  struct error *err);
bool local_download(struct provider *self, const char *file_id,
                    const char *path, const struct provider_watch *watch,
                    struct error *err);
bool local_remove(struct provider *self, const char *file_id,
                  struct error *err);

#endif

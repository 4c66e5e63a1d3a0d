#include "batch/download.h"

#include "base/file.h"
#include "base/log.h"
#include "base/retry.h"
#include "batch/spool.h"
#include "batch/store.h"

static const struct retry_policy download_policy = {
    .attempts = 8,
    .base = 1,
    .cap = 60,
    .ask_cap = 900,
};

/* Why records of a batch that ended so have no answer. */
static const struct {
    enum batch_status status;
    const char *code;
} endings[] = {
    { BATCH_FAILED, "batch_failed" },
    { BATCH_EXPIRED, "batch_expired" },
    { BATCH_CANCELLED, "batch_cancelled" },
};

static void name_ending(struct batch *b)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(endings); i++)
        if (b->status == endings[i].status && !b->error_code[0])
            snprintf(b->error_code, sizeof(b->error_code), "%s",
                     endings[i].code);
}

static bool fetch(struct worker *w, struct batch *b, struct provider *p,
                  const char *file_id, enum spool_file which, struct error *err)
{
    struct provider_watch watch = worker_provider_watch(w);
    char path[SPOOL_PATH];
    int tried = 0;

    if (!spool_path(w->spool, b->key, which, path, err))
        return false;
    if (!file_id[0])
        return file_remove(path, err);
    while (!p->ops->download(p, file_id, path, &watch, err)) {
        if (err->kind == ERROR_REJECT) {
            log_warn("answers_gone", "batch=%s file=%s reason=%s", b->key,
                     file_id, err->message);
            return file_remove(path, err);
        }
        if (!worker_try_again(w, &download_policy, ++tried, err))
            return error_context(err, "downloading batch %s", b->key);
    }
    return true;
}

bool download_step(struct worker *w, struct batch *b, struct error *err)
{
    struct provider *p;

    name_ending(b);
    if (!worker_provider_of(w, b, &p, err))
        return false;
    return fetch(w, b, p, b->output_file, SPOOL_OUTPUT, err) &&
           fetch(w, b, p, b->error_file, SPOOL_ERRORS, err) &&
           store_move(w->db, b, BATCH_DOWNLOADED, w->name, NULL, err);
}

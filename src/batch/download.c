#include "batch/download.h"

#include "base/file.h"
#include "base/log.h"
#include "base/retry.h"
#include "batch/spool.h"
#include "batch/store.h"

/* Some files are seen a moment after the batch has ended, as after an upload
 * (submit.c); one that isn't there at so many looks is gone. */
#define GONE_LOOKS 5

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
                  const char *file_id, enum spool_file which, bool *gone,
                  struct error *err)
{
    struct provider_watch watch = worker_provider_watch(w);
    char path[SPOOL_PATH];
    int tried = 0;

    *gone = false;
    if (!spool_path(w->spool, b->key, which, path, err))
        return false;
    if (!file_id[0])
        return file_remove(path, err);
    while (!p->ops->download(p, file_id, path, &watch, err)) {
        if (err->kind == ERROR_REJECT) {
            log_warn("answers_gone", "batch=%s file=%s reason=%s", b->key,
                     file_id, err->message);
            *gone = true;
            return file_remove(path, err);
        }
        if (!worker_try_again(w, &download_policy, ++tried, err))
            return error_context(err, "downloading batch %s", b->key);
    }
    return true;
}

/* Its records would be paid twice: a person decides. */
static bool ask_person(struct worker *w, struct batch *b, struct error *err)
{
    snprintf(b->error_code, sizeof(b->error_code), "answers_gone");
    snprintf(b->error_message, sizeof(b->error_message),
             "the provider has its answers no more (file %.100s): vitae cancel "
             "it, and its records are asked and paid again",
             b->output_file);
    b->output_file[0] = b->error_file[0] = '\0';
    b->check_failures = 0;
    return store_move(w->db, b, BATCH_UNKNOWN, w->name, b->error_message, err);
}

static bool look_again(struct worker *w, struct batch *b, struct error *err)
{
    b->check_failures++;
    return store_save(w->db, b, w->settings.batch->check_interval, err);
}

bool download_step(struct worker *w, struct batch *b, struct error *err)
{
    bool no_output = false, no_errors = false;
    struct provider *p;

    name_ending(b);
    if (!worker_provider_of(w, b, &p, err) ||
        !fetch(w, b, p, b->output_file, SPOOL_OUTPUT, &no_output, err) ||
        !fetch(w, b, p, b->error_file, SPOOL_ERRORS, &no_errors, err))
        return false;
    if ((no_output || no_errors) && b->check_failures + 1 < GONE_LOOKS)
        return look_again(w, b, err);
    if (no_output)
        return ask_person(w, b, err);
    if (no_errors)
        b->error_file[0] = '\0'; /* what failed is asked again */
    b->check_failures = 0;
    return store_move(w->db, b, BATCH_DOWNLOADED, w->name, NULL, err);
}

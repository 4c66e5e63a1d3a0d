#include "runner/local.h"

#include "base/file.h"
#include "base/log.h"
#include "base/zone.h"
#include "provider/call.h"
#include "provider/count.h"
#include "provider/openai.h"
#include "runner/local_spool.h"
#include "runner/realtime.h"
#include "runner/runner.h"

/* -- opening -- */

/* Several addresses: the first is the one that is recorded and checked. */
static bool local_open(struct provider *self, struct error *err)
{
    self->base_url[strcspn(self->base_url, ", ")] = '\0';
    return provider_http(self, "Authorization: Bearer %s", NULL, err);
}

/* -- answers -- */

/* The runner has tried as often as it may; only what the request itself
 * brought about is ever written down. */
static bool local_decode(const struct provider *self, struct json_doc *doc,
                         const char *line, size_t len, struct answer *out,
                         struct error *err)
{
    if (!openai_decode(self, doc, line, len, out, err))
        return false;
    if (out->outcome == ANSWER_FAILED)
        out->our_fault = true;
    return true;
}

/* -- batches -- */

#define ID_PREFIX "local-"

static void id_of(const char *key, char *id)
{
    snprintf(id, REMOTE_ID, ID_PREFIX "%.64s", key);
}

bool local_made(const char *id)
{
    return strncmp(id, ID_PREFIX, strlen(ID_PREFIX)) == 0;
}

static bool local_find(struct provider *self, const char *key, double since,
                       double until, bool *found, struct remote_batch *out,
                       struct error *err)
{
    char id[REMOTE_ID];

    (void)since, (void)until;
    id_of(key, id);
    return local_read(self, id, found, out, err);
}

static bool local_create(struct provider *self, const char *file_id,
                         const char *key, const char *model,
                         struct remote_batch *out, struct error *err)
{
    char path[PATH_SIZE];
    bool found;

    (void)model;
    if (!local_find(self, key, 0, 0, &found, out, err))
        return false;
    if (found)
        return true;
    if (!local_path(self, file_id, path, err))
        return false;
    if (!file_exists(path))
        return local_refuse("a missing request file", err);
    id_of(key, out->id);
    snprintf(out->key, sizeof(out->key), "%s", key);
    snprintf(out->input_file, sizeof(out->input_file), "%s", file_id);
    out->created_at = self->clock->now(self->clock);
    local_set_status(out, REMOTE_RUNNING);
    return local_write(self, out, err);
}

/* One that isn't there any more: held on to by the caller, never resent. */
static bool need_manifest(const struct provider *self, const char *id,
                          struct remote_batch *out, struct error *err)
{
    char name[REMOTE_ID];
    bool found;

    snprintf(name, sizeof(name), "%s", id);
    if (!local_read(self, name, &found, out, err))
        return false;
    if (found)
        return true;
    error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
               "batch %.100s is not in the spool folder: is batch.spool the "
               "folder it was made in?",
               name);
    error_code(err, "not_found");
    return false;
}

static void name_answers(const struct provider *self, struct remote_batch *b)
{
    char path[PATH_SIZE];
    struct error ignored;

    b->output_file[0] = b->error_file[0] = '\0';
    if (local_batch_path(self, b->id, LOCAL_OUTPUT, path, &ignored) &&
        file_size(path) > 0)
        snprintf(b->output_file, sizeof(b->output_file), "%.200s%s", b->id,
                 local_suffixes[LOCAL_OUTPUT]);
    if (local_batch_path(self, b->id, LOCAL_ERRORS, path, &ignored) &&
        file_size(path) > 0)
        snprintf(b->error_file, sizeof(b->error_file), "%.200s%s", b->id,
                 local_suffixes[LOCAL_ERRORS]);
}

static bool end_batch(const struct provider *self, struct remote_batch *b,
                      enum remote_status status, struct error *err)
{
    name_answers(self, b);
    local_set_status(b, status);
    return local_write(self, b, err);
}

/* -- running -- */

struct watching {
    const struct provider_watch *watch; /* borrowed, may be NULL */
    const char *cancel;                 /* the file that ends it */
    bool cancelled;
};

static bool on_progress(void *context, int64_t done, int64_t failed,
                        int64_t total)
{
    struct watching *w = context;

    w->cancelled = w->cancelled || file_exists(w->cancel);
    if (w->cancelled)
        return false;
    return !w->watch || !w->watch->progress ||
           w->watch->progress(w->watch->context, done, failed, total);
}

static void on_remark(void *context, const char *text)
{
    struct watching *w = context;

    if (w->watch && w->watch->remark)
        w->watch->remark(w->watch->context, text);
}

struct paths {
    char input[PATH_SIZE], output[PATH_SIZE], errors[PATH_SIZE];
    char cancel[PATH_SIZE], day[PATH_SIZE];
};

/* A daily limit is an account's. */
static const char *day_name(const struct provider *self, char *out, size_t size)
{
    if (!self->base)
        return "local.today";
    snprintf(out, size, "%.30s-%s.today", self->ops->name, self->account);
    return out;
}

static bool make_paths(const struct provider *self,
                       const struct remote_batch *b, struct paths *p,
                       struct error *err)
{
    char day[64];

    return local_path(self, b->input_file, p->input, err) &&
           local_path(self, day_name(self, day, sizeof(day)), p->day, err) &&
           local_batch_path(self, b->id, LOCAL_OUTPUT, p->output, err) &&
           local_batch_path(self, b->id, LOCAL_ERRORS, p->errors, err) &&
           local_batch_path(self, b->id, LOCAL_CANCEL, p->cancel, err);
}

static bool run(struct provider *self, const struct paths *p,
                const struct provider_watch *watch,
                struct runner_result *result, struct error *err)
{
    const struct provider_settings *s = self->settings;
    struct runner_settings settings = {
        .base_url = s->base_url,
        .allowed_hosts =
            s->allowed_hosts && *s->allowed_hosts ? s->allowed_hosts : NULL,
        .concurrency = s->concurrency,
        .requests_per_minute = s->requests_per_minute,
        .tokens_per_minute = s->tokens_per_minute,
        .requests_per_day = s->requests_per_day,
        .delay = s->delay,
        .day_file = p->day,
        .timeout = s->timeout,
    };
    const char *headers[PROVIDER_HEADERS];
    struct strbuf kept, path;
    bool ok;

    strbuf_init(&kept, 64 * KIB);
    strbuf_init(&path, 4 * KIB);
    settings.header_count = provider_headers(self, &kept, headers);
    settings.headers = headers;
    if (self->base) {
        settings.base_url = self->base_url;
        settings.ask_wanted = self->base->single->wanted;
    }
    ok = zone_offset(s->day_zone, self->clock->now(self->clock),
                     &settings.day_offset, err) &&
         realtime_path(self, &path, err);
    settings.ask_path = path.len ? path.data : NULL;
    ok = ok && runner_run(&settings, p->input, p->output, p->errors, watch,
                          self->clock, result, err);
    if (kept.len)
        explicit_bzero(kept.data, kept.len);
    strbuf_release(&kept);
    strbuf_release(&path);
    return ok;
}

static bool run_batch(struct provider *self, struct remote_batch *b,
                      const struct provider_watch *watch, struct error *err)
{
    struct watching watching = { .watch = watch };
    struct provider_watch ours = { .progress = on_progress,
                                   .remark = on_remark,
                                   .context = &watching,
                                   .stop = watch ? watch->stop : NULL };
    struct runner_result result;
    struct paths p;
    bool ok;

    if (!make_paths(self, b, &p, err))
        return false;
    watching.cancel = p.cancel;
    if (file_exists(p.cancel))
        return end_batch(self, b, REMOTE_CANCELLED, err);
    if (!file_exists(p.input)) {
        snprintf(b->error_code, sizeof(b->error_code), "input_gone");
        snprintf(b->error_message, sizeof(b->error_message),
                 "the request file is no longer in the spool folder");
        return end_batch(self, b, REMOTE_FAILED, err);
    }
    ok = run(self, &p, &ours, &result, err);
    b->total = result.total;
    b->completed = result.done - result.failed;
    b->failed = result.failed;
    log_info("runner_ended",
             "batch=%s total=%lld done=%lld failed=%lld already=%lld "
             "asked=%lld duplicates=%lld",
             b->id, (long long)result.total, (long long)result.done,
             (long long)result.failed, (long long)result.already,
             (long long)result.asked, (long long)result.duplicates);
    if (!ok)
        return false;
    if (watching.cancelled)
        return end_batch(self, b, REMOTE_CANCELLED, err);
    return result.stopped || end_batch(self, b, REMOTE_COMPLETED, err);
}

static bool local_poll(struct provider *self, const char *id,
                       const struct provider_watch *watch,
                       struct remote_batch *out, struct error *err)
{
    char path[PATH_SIZE];
    bool ok;
    int lock;

    if (!need_manifest(self, id, out, err))
        return false;
    if (remote_is_final(out->status))
        return true;
    id = out->id;
    if (!local_batch_path(self, id, LOCAL_LOCK, path, err) ||
        !file_lock(path, &lock, err))
        return false;
    if (lock < 0)
        return true; /* another process is at it */
    ok = need_manifest(self, id, out, err);
    if (ok && !remote_is_final(out->status))
        ok = run_batch(self, out, watch, err);
    file_unlock(lock);
    return ok;
}

static bool local_cancel(struct provider *self, const char *id,
                         struct remote_batch *out, struct error *err)
{
    char path[PATH_SIZE];
    bool ok;
    int lock;

    if (!need_manifest(self, id, out, err))
        return false;
    if (remote_is_final(out->status))
        return true;
    id = out->id;
    if (!local_batch_path(self, id, LOCAL_CANCEL, path, err) ||
        !file_write(path, "", 0, err) ||
        !local_batch_path(self, id, LOCAL_LOCK, path, err) ||
        !file_lock(path, &lock, err))
        return false;
    if (lock < 0) {
        local_set_status(out, REMOTE_CANCELLING);
        return true;
    }
    ok = end_batch(self, out, REMOTE_CANCELLED, err);
    file_unlock(lock);
    return ok;
}

const struct provider_ops provider_local = {
    .name = "local",
    .caps = PROVIDER_FIND | PROVIDER_REALTIME | PROVIDER_RUNS_HERE |
            PROVIDER_OWN_MODEL,
    .limits = { .requests = 50000,
                .bytes = (int64_t)1 << 31,
                .line_bytes = (int64_t)32 << 20,
                .window = 7 * 86400.0 },
    .open = local_open,
    .prepare = openai_prepare_local,
    .decode = local_decode,
    .upload = local_upload,
    .create = local_create,
    .find = local_find,
    .poll = local_poll,
    .cancel = local_cancel,
    .download = local_download,
    .remove_file = local_remove,
    .check = openai_check,
    .counts = count_openai,
};

/* The others, one request at a time.  What its ops say is overlaid by the
 * provider's own (provider_open()). */
const struct provider_ops provider_realtime = {
    .name = "realtime",
    .caps = PROVIDER_FIND | PROVIDER_REALTIME | PROVIDER_RUNS_HERE,
    .limits = { .requests = 50000,
                .bytes = (int64_t)1 << 31,
                .line_bytes = 8000000,
                .window = 31 * 86400.0 },
    .prepare = realtime_prepare,
    .decode = local_decode,
    .upload = local_upload,
    .create = local_create,
    .find = local_find,
    .poll = local_poll,
    .cancel = local_cancel,
    .download = local_download,
    .remove_file = local_remove,
};

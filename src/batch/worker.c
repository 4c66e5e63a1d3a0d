#include "batch/worker.h"

#include <limits.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/retry.h"
#include "batch/price.h"
#include "batch/site.h"
#include "batch/source.h"
#include "batch/spool.h"
#include "batch/store.h"
#include "db/init.h"
#include "db/rights.h"
#include "provider/count.h"
#include "runner/local.h"

/* Absolute, so that the name stands for the folder wherever we start. */
static bool open_spool(struct worker *w, struct error *err)
{
    const char *spool = w->settings.batch->spool;
    char lock[PATH_MAX + 16];

    if (!file_make_folder(spool, err)) {
        err->exit = EXIT_SETTINGS;
        return error_context(err, "the spool folder of batch.spool");
    }
    w->spool = realpath(spool, NULL);
    if (!w->spool)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the spool folder %s cannot be used", spool);
    snprintf(lock, sizeof(lock), "%s/.lock", w->spool);
    return file_lock(lock, &w->lock, err);
}

static void make_name(struct worker *w)
{
    char host[64] = "localhost";
    char hex[DIGEST_HEX];

    gethostname(host, sizeof(host) - 1);
    digest_of(w->spool, strlen(w->spool), hex);
    if (w->lock >= 0)
        snprintf(w->name, sizeof(w->name), "%s/%.8s", host, hex);
    else
        snprintf(w->name, sizeof(w->name), "%s/%.8s#%ld", host, hex,
                 (long)getpid());
}

/* What fails is said once; the estimate stands then. */
static bool ask_endpoint(void *context, const char *text, size_t len,
                         size_t *tokens, struct error *err)
{
    struct worker *w = context;
    int64_t count = 0;

    if (!count_tokens(w->provider, text, len, &count, err)) {
        if (!w->asked_in_vain)
            log_warn("tokens_estimated", "model=%s reason=\"%s\"",
                     w->provider->settings->model, err->message);
        w->asked_in_vain = true;
        return false;
    }
    *tokens = (size_t)count;
    return true;
}

bool worker_count_for(struct worker *w, const char *model, struct error *err)
{
    struct token_model m = tokens_model(model);

    w->teller = (struct token_teller){ NULL, w };
    if (!m.encoding && w->provider && count_is_possible(w->provider))
        w->teller.count = ask_endpoint;
    if (w->vocab && m.encoding && strcmp(vocab_name(w->vocab), m.encoding) == 0)
        return true;
    token_counter_free(w->counter);
    vocab_close(w->vocab);
    w->counter = NULL;
    w->vocab = NULL;
    if (!m.encoding)
        return true;
    if (!vocab_open(&w->vocab, m.encoding, err))
        return error_context(err, "counting tokens");
    w->counter = token_counter_new(w->vocab);
    return w->counter ? true : error_memory(err);
}

bool worker_redacts(const struct worker *w)
{
    return w->profile->redact || w->settings.extract->redact == REDACT_CONTACT;
}

static bool open_values(struct worker *w, struct error *err)
{
    if (!values_new(&w->values, w->profile, w->targets, err))
        return false;
    values_set_grounding(w->values,
                         (enum grounding_policy)w->settings.extract->grounding);
    return values_set_redact(w->values, worker_redacts(w), err);
}

bool worker_open(struct worker *w, struct db *db,
                 const struct worker_settings *settings, struct clock *clock,
                 const volatile bool *stop, struct error *err)
{
    memset(w, 0, sizeof(*w));
    w->db = db;
    w->settings = *settings;
    w->clock = clock;
    w->stop = stop;
    w->lock = -1;
    if (!window_parse(settings->batch->write_window, &w->window, err) ||
        !profile_open(&w->profile, settings->extract->profile, err) ||
        !open_spool(w, err))
        return false;
    make_name(w);
    w->started = clock->now(clock);
    return db_check_schema(db, err) &&
           prices_open(&w->prices, settings->batch->prices, err) &&
           source_map(w, err) && site_open(w, err) && open_values(w, err);
}

void worker_close(struct worker *w)
{
    provider_close(w->provider);
    token_counter_free(w->counter);
    vocab_close(w->vocab);
    prices_close(w->prices);
    values_free(w->values);
    profile_close(w->profile);
    if (w->lock >= 0)
        file_unlock(w->lock);
    free(w->targets);
    free(w->spool);
    db_close(w->db);
    memset(w, 0, sizeof(*w));
    w->lock = -1;
}

bool worker_provider(struct worker *w, const char *section, struct provider **p,
                     struct error *err)
{
    const struct provider_settings *settings;

    if (w->provider && strcmp(w->provider_section, section) == 0) {
        *p = w->provider;
        return true;
    }
    settings = w->settings.provider(w->settings.context, section);
    if (!settings)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the settings have no section [provider %s], which "
                          "made a batch that is still open; put it back",
                          section);
    provider_close(w->provider);
    w->provider = NULL;
    if (!provider_open(&w->provider, settings, w->clock, err))
        return false;
    snprintf(w->provider_section, sizeof(w->provider_section), "%s", section);
    *p = w->provider;
    return true;
}

/* Batches of the runner here have names of ours. */
static int mode_of(const struct batch *b, int mode)
{
    char name[64];

    if (b->id[0])
        return local_made(b->id) ? PROVIDER_MODE_REALTIME : PROVIDER_MODE_BATCH;
    if (!b->input_file[0])
        return mode;
    spool_upload_name(b->key, name, sizeof(name));
    if (strncmp(b->input_file, b->key, strlen(b->key)) == 0 ||
        strcmp(b->input_file, name) == 0)
        return PROVIDER_MODE_REALTIME;
    return PROVIDER_MODE_BATCH;
}

static bool open_as_made(struct worker *w, const struct batch *b,
                         struct error *err)
{
    const struct provider_settings *s =
        w->settings.provider(w->settings.context, b->section);
    int mode = mode_of(b, s->mode);
    char section[BATCH_WORD];

    /* No section is named so: nobody else takes it for his. */
    snprintf(section, sizeof(section), "]%.63s", b->section);
    if (w->provider && strcmp(w->provider_section, section) == 0 &&
        w->as_made.mode == mode && strcmp(w->made_by, b->provider) == 0)
        return true;
    /* The one opened last may use the settings that are overwritten. */
    provider_close(w->provider);
    w->provider = NULL;
    w->as_made = *s;
    w->as_made.mode = mode;
    w->as_made.name = w->made_by;
    snprintf(w->made_by, sizeof(w->made_by), "%s", b->provider);
    snprintf(w->provider_section, sizeof(w->provider_section), "%s", section);
    return provider_open(&w->provider, &w->as_made, w->clock, err);
}

bool worker_provider_of(struct worker *w, const struct batch *b,
                        struct provider **p, struct error *err)
{
    const struct provider_settings *s =
        w->settings.provider(w->settings.context, b->section);
    const char *name = s && s->name ? s->name : "openai";
    /* A replay's answers are in the shape of the section's provider. */
    bool same = !b->provider[0] || strcmp(b->provider, "replay") == 0 ||
                strcmp(name, b->provider) == 0;

    if (!s || (same && mode_of(b, s->mode) == s->mode))
        return worker_provider(w, b->section, p, err);
    if (!same && b->status != BATCH_CLOSED)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "batch %s is still open at %s, and its section "
                          "[provider%s%s] has become %s: put it back till the "
                          "batch has ended, and give %s a section of its own",
                          b->key, b->provider, *b->section ? " " : "",
                          b->section, name, name);
    if (!open_as_made(w, b, err))
        return false;
    *p = w->provider;
    return true;
}

bool worker_take(struct worker *w, struct batch *b, bool *taken,
                 struct error *err)
{
    const struct db_value values[] = {
        db_text("worker", w->name),
        db_real("lease", w->settings.batch->lease),
        db_text("key", b->key),
    };
    char key[BATCH_KEY];
    int64_t changed = 0;
    bool found = false;

    *taken = false;
    if (!db_run(w->db, "lease_take", values, ARRAY_LEN(values), &changed, err))
        return false;
    if (changed != 1)
        return true;
    snprintf(key, sizeof(key), "%s", b->key);
    if (!store_find(w->db, key, b, &found, err))
        return false;
    *taken = found;
    w->held = found ? b : NULL;
    w->lost = false;
    w->beat_at = w->clock->monotonic(w->clock);
    return true;
}

void worker_note(struct worker *w, const struct batch *b, struct error *why)
{
    struct error err;

    if (why->kind != ERROR_SETUP || why->exit != EXIT_DATABASE ||
        strcmp(why->code, "lease") == 0)
        return;
    /* Which right it is the engine doesn't say by itself. */
    if (strcmp(why->code, "rights") == 0 && !db_check_rights(w->db, &err) &&
        strcmp(err.code, "rights") == 0)
        *why = err;
    if (!store_note(w->db, b, w->name, why->message, &err))
        log_warn("reason_not_noted", "batch=%s reason=%s", b->key, err.message);
}

bool worker_may_write(struct worker *w, const struct batch *b,
                      struct error *err)
{
    if (db_check_rights(w->db, err))
        return true;
    worker_note(w, b, err);
    return error_context(err, "batch %s is not sent", b->key);
}

static bool lease_statement(struct worker *w, const char *name,
                            const struct batch *b, int64_t *changed,
                            struct error *err)
{
    const struct db_value values[] = {
        db_real("lease", w->settings.batch->lease),
        db_text("key", b->key),
        db_text("worker", w->name),
        db_integer("fence", b->fence),
    };

    return db_run(w->db, name, values, ARRAY_LEN(values), changed, err);
}

void worker_drop(struct worker *w, struct batch *b)
{
    struct error err;

    /* Failing is harmless: the lease ends by itself. */
    if (w->held && !lease_statement(w, "lease_drop", b, NULL, &err))
        error_clear(&err);
    w->held = NULL;
}

bool worker_beat(struct worker *w, struct error *err)
{
    double now = w->clock->monotonic(w->clock);
    int64_t changed = 0;

    if (!w->held || now - w->beat_at < w->settings.batch->lease / 3)
        return true;
    if (!lease_statement(w, "lease_renew", w->held, &changed, err))
        return false;
    w->beat_at = now;
    if (changed == 1)
        return true;
    w->lost = true;
    error_exit(err, ERROR_RETRY, EXIT_DATABASE,
               "batch %s went to another worker", w->held->key);
    error_code(err, "lease");
    return false;
}

bool worker_try_again(struct worker *w, const struct retry_policy *policy,
                      int tried, struct error *err)
{
    double wait = -1;

    if (err->kind == ERROR_RETRY && !worker_should_stop(w) && !w->lost)
        wait = retry_delay(policy, tried, err->retry_after, random_unit());
    if (wait < 0)
        return false;
    log_info("provider_retry", "code=%s wait=%.1f reason=%s", err->code, wait,
             err->message);
    w->clock->sleep(w->clock, wait, w->stop);
    if (worker_should_stop(w)) {
        error_set(err, ERROR_RETRY, "stopped");
        error_code(err, "stopped");
        return false;
    }
    return worker_beat(w, err);
}

void worker_made(struct worker *w, const char *key)
{
    snprintf(w->made[w->made_count++ % WORKER_MADE], BATCH_KEY, "%s", key);
}

bool worker_has_made(const struct worker *w, const char *key)
{
    size_t i;

    for (i = 0; i < WORKER_MADE; i++)
        if (strcmp(w->made[i], key) == 0)
            return true;
    return false;
}

bool worker_should_stop(const struct worker *w)
{
    return flag_is_set(w->stop);
}

static bool watch_progress(void *context, int64_t done, int64_t failed,
                           int64_t total)
{
    struct worker *w = context;
    struct error err;

    if (w->watch && w->held)
        w->watch->step(w->watch->context, w->held, "running", done, failed,
                       total);
    /* A renewal that fails for another reason than loss is tried again. */
    error_clear(&err);
    return worker_beat(w, &err) || !w->lost;
}

static void watch_remark(void *context, const char *text)
{
    struct worker *w = context;

    if (w->watch && w->watch->remark)
        w->watch->remark(w->watch->context, text);
}

struct provider_watch worker_provider_watch(struct worker *w)
{
    struct provider_watch watch = {
        .progress = watch_progress,
        .remark = watch_remark,
        .context = w,
        .stop = w->stop,
    };

    return watch;
}

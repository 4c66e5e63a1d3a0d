#include "cli/work.h"

#include "base/jsonw.h"
#include "batch/source.h"
#include "batch/store.h"
#include "cli/cli_settings.h"
#include "db/init.h"
#include "runner/local.h"

static const struct provider_settings *find_provider(void *context,
                                                     const char *section)
{
    struct cli *cli = context;
    struct error ignored;

    return vitae_provider(cli->settings, cli->values, section, &ignored);
}

static const char *section_name(void *context, size_t index)
{
    const struct cli *cli = context;

    return settings_name_at(cli->settings, index);
}

static void show_step(void *context, const struct batch *b, const char *what,
                      int64_t done, int64_t failed, int64_t total)
{
    struct work *work = context;
    struct progress *p = &work->progress;
    char step[sizeof(work->step)];

    /* Of a key's digits these tell batches of one moment apart. */
    snprintf(step, sizeof(step), "%.8s %s", b->key + 15, what);
    if (strcmp(step, work->step) != 0) {
        if (work->step[0])
            progress_end(p);
        memcpy(work->step, step, sizeof(step));
        progress_start(p, progress_mode_for(stderr, work->cli->quiet), stderr,
                       work->cli->clock, work->step, total);
    }
    p->total = total;
    progress_update(p, done + failed, failed);
}

static void show_remark(void *context, const char *text)
{
    struct work *work = context;

    progress_wipe(&work->progress);
    cli_say(work->cli, "%s", text);
}

bool work_database(struct cli *cli, struct db **db, struct error *err)
{
    struct db_settings settings = cli->values->database;

    settings.must_exist = true;
    return db_open(db, &settings, cli->clock, &cli_stop, err);
}

bool work_tables(struct cli *cli, struct db **db, struct error *err)
{
    return work_database(cli, db, err) && db_check_schema(*db, err);
}

bool work_open(struct work *work, struct cli *cli, struct error *err)
{
    struct db *db;

    memset(work, 0, sizeof(*work));
    work->worker.lock = -1;
    work->cli = cli;
    work->settings.source = &cli->values->source;
    work->settings.batch = &cli->values->batch;
    work->settings.extract = &cli->values->extract;
    work->settings.provider = find_provider;
    work->settings.sections = section_name;
    work->settings.context = cli;
    work->settings.section = cli->provider_name;
    work->watch.step = show_step;
    work->watch.remark = show_remark;
    work->watch.context = work;
    if (!work_database(cli, &db, err) ||
        !worker_open(&work->worker, db, &work->settings, cli->clock, &cli_stop,
                     err))
        return false;
    work->worker.watch = &work->watch;
    return true;
}

void work_close(struct work *work)
{
    if (work->step[0])
        progress_end(&work->progress);
    worker_close(&work->worker);
}

void work_tell_unknown(const struct cli *cli)
{
    cli_say(cli, "a batch has the status unknown: the provider gave no answer "
                 "to its creation and can't be searched, or has its answers "
                 "no more (vitae show ID); look there, then: vitae cancel ID");
}

/* Where a stop finds a batch. */
enum place {
    PLACE_UNSENT,
    PLACE_SENDING,
    PLACE_AWAY,
    PLACE_HERE,
    PLACE_BACK,
    PLACE_UNKNOWN
};

static const char *const places[] = {
    [PLACE_UNSENT] = "not sent yet",
    [PLACE_SENDING] =
        "perhaps made already, looked for before it is sent again",
    [PLACE_AWAY] = "at the provider, which goes on",
    [PLACE_HERE] = "asked from here, resting, with the answers so far kept",
    [PLACE_BACK] = "ended, not written yet",
    [PLACE_UNKNOWN] = "unknown, for you to decide",
};

static enum place place_of(const struct batch *b)
{
    if (b->status < BATCH_CREATING)
        return PLACE_UNSENT;
    if (b->status == BATCH_CREATING)
        return PLACE_SENDING;
    if (b->status == BATCH_UNKNOWN)
        return PLACE_UNKNOWN;
    if (b->status > BATCH_SUBMITTED)
        return PLACE_BACK;
    return local_made(b->id) ? PLACE_HERE : PLACE_AWAY;
}

static bool count_places(struct db *db, int64_t *counts, struct error *err)
{
    struct batch_keys keys = { 0 };
    bool ok = store_open_batches(db, &keys, err);
    struct batch b;
    bool found;
    size_t i;

    for (i = 0; ok && i < keys.count; i++) {
        ok = store_find(db, keys.keys[i], &b, &found, err);
        if (ok && found && b.status != BATCH_CLOSED)
            counts[place_of(&b)]++;
    }
    batch_keys_release(&keys);
    return ok;
}

static void add_places(const int64_t *counts, struct strbuf *out)
{
    const char *between = "; open batches: ";
    size_t i;

    for (i = 0; i < ARRAY_LEN(places); i++) {
        if (counts[i] == 0)
            continue;
        strbuf_addf(out, "%s%lld %s", between, (long long)counts[i], places[i]);
        between = "; ";
    }
    if (out->len == 0)
        strbuf_adds(out, "; no batch is open");
}

void work_tell_stopped(struct work *work)
{
    int64_t counts[ARRAY_LEN(places)] = { 0 };
    struct error ignored;
    struct strbuf out;

    if (!work->worker.db)
        return;
    strbuf_init(&out, 4 * KIB);
    if (count_places(work->worker.db, counts, &ignored))
        add_places(counts, &out);
    cli_say(work->cli,
            "stopped%s. To go on: vitae --continuous, or vitae --check-batch "
            "all",
            out.data);
    strbuf_release(&out);
}

static void print_json(const struct batch *b)
{
    struct strbuf out;
    struct jsonw w;

    strbuf_init(&out, 64 * KIB);
    jsonw_init(&w, &out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "batch_key", b->key);
    jsonw_text(&w, "batch_id", b->id[0] ? b->id : NULL);
    jsonw_text(&w, "status", batch_status_name(b->status));
    jsonw_text(&w, "provider_status",
               b->provider_status[0] ? b->provider_status : NULL);
    jsonw_integer(&w, "requests", b->request_count);
    jsonw_integer(&w, "completed", b->completed_count);
    jsonw_integer(&w, "failed", b->failed_count);
    jsonw_integer(&w, "done", b->done_count);
    jsonw_integer(&w, "retry", b->retry_count);
    jsonw_integer(&w, "dead", b->dead_count);
    jsonw_integer(&w, "skipped", b->skipped_count);
    jsonw_text(&w, "error_code", b->error_code[0] ? b->error_code : NULL);
    jsonw_end_object(&w);
    puts(out.data);
    strbuf_release(&out);
}

void work_print(const struct cli *cli, const struct batch *b)
{
    const char *id = b->id[0] ? b->id : b->key;

    if (cli->json)
        print_json(b);
    else if (strcmp(cli->command->name, "--submit") == 0)
        puts(id);
    else
        printf("%s %s: %lld of %lld answered, %lld written, %lld to be tried "
               "again, %lld given up\n",
               id, batch_status_name(b->status),
               (long long)(b->completed_count + b->failed_count),
               (long long)b->request_count, (long long)b->done_count,
               (long long)b->retry_count, (long long)b->dead_count);
    fflush(stdout);
}

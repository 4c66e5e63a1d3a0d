#include "cli/work.h"

#include "base/jsonw.h"
#include "batch/source.h"
#include "cli/cli_settings.h"
#include "db/init.h"

static const struct provider_settings *find_provider(void *context,
                                                     const char *section)
{
    struct cli *cli = context;
    struct error ignored;

    return vitae_provider(cli->settings, cli->values, section, &ignored);
}

static void show_step(void *context, const struct batch *b, const char *what,
                      int64_t done, int64_t failed, int64_t total)
{
    struct work *work = context;
    struct progress *p = &work->progress;
    char step[sizeof(work->step)];

    /* The end of a key tells batches of one moment apart. */
    snprintf(step, sizeof(step), "%.8s %s", b->key + BATCH_KEY - 9, what);
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

bool work_database(struct cli *cli, struct db **db, struct error *err)
{
    return db_open(db, &cli->values->database, cli->clock, &cli_stop, err);
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
    work->settings.context = cli;
    work->settings.section = cli->provider_name;
    work->watch.step = show_step;
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

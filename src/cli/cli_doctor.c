#include <math.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/jsonw.h"
#include "base/text.h"
#include "batch/source.h"
#include "batch/store.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/work.h"
#include "db/init.h"
#include "db/notes.h"
#include "db/rights.h"
#include "extract/schema.h"

#define SKEW_MOST 300.0 /* seconds */
#define GB 1000000000ULL
#define ROOM_LEAST GB /* of the spool's disk: about a large batch's files */

/* What the checks share: each uses what those before it opened. */
struct doctor {
    struct cli *cli;
    struct worker worker;
    struct worker_settings settings;
    struct provider *provider; /* owned */
    struct strbuf note;        /* what a check found, for people */
    struct strbuf json;
    struct jsonw writer;
    enum exit_code exit; /* of the first failure */
    int failures;
};

static bool check_settings(struct doctor *d, struct error *err)
{
    const char *place = NULL;

    (void)err;
    (void)settings_source(d->cli->settings, "provider", "model", &place);
    strbuf_addf(&d->note, "provider %s, model %s (%s); vitae config shows all",
                d->cli->provider->name,
                d->cli->provider->model ? d->cli->provider->model : "none",
                place ? place : "default");
    return true;
}

static bool check_database(struct doctor *d, struct error *err)
{
    struct db_settings settings = d->cli->values->database;

    settings.must_exist = settings.at_once = true;
    if (!db_open(&d->worker.db, &settings, d->cli->clock, &cli_stop, err))
        return false;
    strbuf_adds(&d->note, db_description(d->worker.db));
    if (db_security(d->worker.db)[0])
        strbuf_addf(&d->note, "; %s", db_security(d->worker.db));
    return true;
}

static bool check_profile(struct doctor *d, struct error *err)
{
    if (!profile_open(&d->worker.profile, d->cli->values->extract.profile, err))
        return false;
    strbuf_addf(&d->note, "%s version %s, %zu columns", d->worker.profile->name,
                d->worker.profile->version, d->worker.profile->column_count);
    return true;
}

/* Names the columns that are left out, for want of the column or because
 * its type takes no value of ours. */
static size_t name_left_out(const struct worker *w, bool misfit,
                            struct strbuf *out)
{
    size_t i, count = 0;

    for (i = 0; i < w->profile->column_count; i++) {
        const struct column *c = &w->profile->columns[i];

        if (!c->enabled || c->rule == COLUMN_NEVER || w->targets[i].present ||
            w->targets[i].misfit != misfit)
            continue;
        strbuf_addf(out, "%s%s", count++ ? " " : "", c->name);
    }
    return count;
}

static bool check_source(struct doctor *d, struct error *err)
{
    const char *table = d->cli->values->source.table;
    struct strbuf names;
    size_t misfits;
    bool ok = true;

    if (!d->worker.db || !d->worker.profile)
        return error_set(err, ERROR_SETUP, "not looked at: see above");
    if (!source_map(&d->worker, err))
        return false;
    strbuf_init(&names, 16 * KIB);
    if (name_left_out(&d->worker, false, &names))
        strbuf_addf(&d->note, "%s; left out, for it has no such column: %s",
                    table, names.data);
    else
        strbuf_adds(&d->note, table);
    strbuf_clear(&names);
    misfits = name_left_out(&d->worker, true, &names);
    if (misfits)
        ok = error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                        "%s: %zu column%s of a type that takes no such value, "
                        "left out: %.300s; make it text (months also take a "
                        "date, numbers a number), or give it the rule never "
                        "in columns.json",
                        table, misfits, misfits == 1 ? " is" : "s are",
                        names.data);
    strbuf_release(&names);
    return ok;
}

static bool check_tables(struct doctor *d, struct error *err)
{
    struct store_backlog backlog = { 0 };

    if (!d->worker.targets)
        return error_set(err, ERROR_SETUP, "not looked at: see above");
    if (!db_check_schema(d->worker.db, err))
        return false;
    if (!store_backlog(d->worker.db, STORE_COUNT_ALL, &backlog, err))
        return error_context(err, "vitae's own tables (vitae init makes "
                                  "them)");
    strbuf_addf(&d->note, "%lld records wait, %lld batches are open",
                (long long)backlog.waiting, (long long)backlog.open);
    return true;
}

static bool check_rights(struct doctor *d, struct error *err)
{
    if (!d->worker.targets)
        return error_set(err, ERROR_SETUP, "not looked at: see above");
    if (!db_check_rights(d->worker.db, err))
        return false;
    if (!db_run(d->worker.db, "doctor_rights", NULL, 0, NULL, err))
        return error_context(err, "writing");
    strbuf_adds(&d->note, "may write the mapped columns and vitae's tables");
    return true;
}

struct site {
    struct strbuf *effects; /* what a write sets off */
    struct strbuf spoils;   /* what is not as it should be */
};

static void note_site(void *context, bool spoils, const char *text)
{
    struct site *site = context;
    struct strbuf *out = spoils ? &site->spoils : site->effects;

    strbuf_addf(out, "%s%s", out->len ? "; " : "", text);
}

/* Triggers, replication, masks, keys: what lies round the table. */
static bool check_site(struct doctor *d, struct error *err)
{
    const struct source_settings *s = &d->cli->values->source;
    struct site site = { .effects = &d->note };
    bool ok;

    if (!d->worker.targets)
        return error_set(err, ERROR_SETUP, "not looked at: see above");
    strbuf_init(&site.spoils, 4 * KIB);
    ok = db_notes(d->worker.db, s->table, s->id_column, note_site, &site, err);
    if (ok && site.spoils.len)
        ok = error_exit(err, ERROR_SETUP, EXIT_DATABASE, "%s: %s", s->table,
                        site.spoils.data);
    if (ok && !d->note.len)
        strbuf_adds(&d->note, "a write sets off nothing else");
    strbuf_release(&site.spoils);
    return ok;
}

static bool read_clock(void *context, const struct db_rows *row,
                       struct error *err)
{
    const char *text = db_rows_text(row, 0, NULL);
    struct tm tm = { 0 };
    double *at = context, seconds = 0;

    if (!text ||
        sscanf(text, "%d-%d-%d%*[ T]%d:%d:%lf", &tm.tm_year, &tm.tm_mon,
               &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &seconds) != 6)
        return error_set(err, ERROR_SETUP, "the database tells no time");
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *at = (double)timegm(&tm) + seconds;
    return true;
}

static bool check_clock(struct doctor *d, struct error *err)
{
    double at = 0, skew;

    if (!d->worker.db)
        return error_set(err, ERROR_SETUP, "not looked at: see above");
    if (!db_each(d->worker.db, "doctor_clock", NULL, 0, read_clock, &at, NULL,
                 err))
        return false;
    skew = fabs(d->cli->clock->now(d->cli->clock) - at);
    if (skew > SKEW_MOST)
        return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                          "this host's clock and the database's are %.0f s "
                          "apart; set both by NTP",
                          skew);
    strbuf_addf(&d->note, "%.1f s beside the database's", skew);
    return true;
}

static bool check_provider(struct doctor *d, struct error *err)
{
    if (!provider_open(&d->provider, d->cli->provider, d->cli->clock, err))
        return false;
    if (!d->provider->ops->check) {
        strbuf_addf(&d->note, "%s: nothing to look at", d->provider->host);
        return true;
    }
    return d->provider->ops->check(d->provider, &d->note, err);
}

static bool check_schema(struct doctor *d, struct error *err)
{
    const char *provider = d->cli->provider->name;
    const struct json_node *root;
    struct schema_lint lint = { 0 };
    struct json_doc *doc;
    bool ok;

    if (!d->worker.profile)
        return error_set(err, ERROR_SETUP, "not looked at: see above");
    if (d->worker.profile->plain) {
        strbuf_adds(&d->note, "the profile has none: answers are text");
        return true;
    }
    doc = json_doc_new();
    if (!doc)
        return error_memory(err);
    root = json_read(doc, d->worker.profile->schema_text,
                     strlen(d->worker.profile->schema_text),
                     &json_limits_default, err);
    ok = root && schema_lint(root, provider, &lint);
    json_doc_free(doc);
    if (!ok)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%s does not take the profile's schema: %s", provider,
                          lint.first);
    strbuf_addf(&d->note, "%s takes the profile's schema", provider);
    return true;
}

static bool check_spool(struct doctor *d, struct error *err)
{
    const char *spool = d->cli->values->batch.spool;
    char probe[4096];
    uint64_t room;

    snprintf(probe, sizeof(probe), "%s/.doctor", spool);
    if (!file_make_folder(spool, err) || !file_write(probe, "x", 1, err) ||
        !file_remove(probe, err)) {
        err->exit = EXIT_SETTINGS;
        return error_context(err, "the spool folder of batch.spool");
    }
    room = file_room(spool);
    if (room < ROOM_LEAST)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "the spool folder %s has %llu MB left; a batch "
                          "wants up to 1,000: make room, or set batch.spool",
                          spool, (unsigned long long)(room / 1000000));
    strbuf_addf(&d->note, "%s, %llu GB free", spool,
                (unsigned long long)(room / GB));
    return true;
}

static bool check_secrets(struct doctor *d, struct error *err)
{
    static const char *const dumps[] = { "TDSDUMP", "TDSDUMPCONFIG" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(dumps); i++)
        if (getenv(dumps[i]))
            return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                              "%s is set: FreeTDS would write passwords and "
                              "resumes to a file; unset it",
                              dumps[i]);
    strbuf_adds(&d->note, "no driver traces are on");
    return true;
}

/* In this order: later checks use what earlier ones opened. */
static const struct {
    const char *name;
    bool (*check)(struct doctor *d, struct error *err);
} checks[] = {
    { "settings", check_settings }, { "database", check_database },
    { "profile", check_profile },   { "table", check_source },
    { "own tables", check_tables }, { "rights", check_rights },
    { "site", check_site },         { "clock", check_clock },
    { "spool", check_spool },       { "provider", check_provider },
    { "schema", check_schema },     { "traces", check_secrets },
};

static void report(struct doctor *d, const char *name, bool good,
                   const char *text)
{
    if (d->cli->json) {
        jsonw_object(&d->writer, NULL);
        jsonw_text(&d->writer, "check", name);
        jsonw_bool(&d->writer, "ok", good);
        jsonw_text(&d->writer, "text", text);
        jsonw_end_object(&d->writer);
        return;
    }
    printf("%-7s %-11s %s\n", good ? "ok" : "FAILED", name, text);
    fflush(stdout);
}

static void run_checks(struct doctor *d)
{
    struct error err;
    size_t i;

    jsonw_init(&d->writer, &d->json);
    jsonw_array(&d->writer, NULL);
    for (i = 0; i < ARRAY_LEN(checks) && !cli_stop; i++) {
        strbuf_clear(&d->note);
        error_clear(&err);
        if (checks[i].check(d, &err)) {
            while (d->note.len && d->note.data[d->note.len - 1] == '\n')
                strbuf_cut(&d->note, d->note.len - 1);
            report(d, checks[i].name, true, d->note.data);
            continue;
        }
        report(d, checks[i].name, false, err.message);
        d->failures++;
        if (!d->exit)
            d->exit = err.exit ? err.exit : EXIT_SOME_FAILED;
    }
    jsonw_end_array(&d->writer);
    if (d->cli->json)
        puts(d->json.data);
}

static bool doctor(struct cli *cli, struct error *err)
{
    struct doctor d = { .cli = cli };

    (void)err;
    d.worker.lock = -1;
    d.settings.source = &cli->values->source;
    d.worker.settings = d.settings;
    strbuf_init(&d.note, 16 * KIB);
    strbuf_init(&d.json, 256 * KIB);
    run_checks(&d);
    cli->exit = cli_stop ? EXIT_INTERRUPTED : d.exit;
    if (!cli->json)
        cli_say(cli, "%s; nothing was changed or spent",
                d.failures ? "FAILED lines say what to do"
                : cli_stop ? "stopped before all was looked at"
                           : "all is well");
    provider_close(d.provider);
    worker_close(&d.worker);
    strbuf_release(&d.note);
    strbuf_release(&d.json);
    return true;
}

const struct cli_command cli_doctor = {
    .name = "doctor",
    .group = "Setting up",
    .arguments = "",
    .summary = "check settings, database, rights, key, model, spool and clock",
    .text = "Looks at everything a run needs, changes nothing, spends nothing "
            "and tells for each failure what to do. The exit code is that of "
            "the first failure.",
    .example = "vitae doctor",
    .options = NULL,
    .needs = CLI_SETTINGS,
    .run = doctor,
};

#include <stdlib.h>

#include "base/jsonw.h"
#include "batch/source.h"
#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/work.h"

/* In the order of enum db_engine. */
static int dialect;
static bool list;

static const struct cli_option options[] = {
    { .name = "dialect",
      .argument = "D",
      .help = "without connecting, as for sqlite, pgsql or mssql; the types "
              "of your columns are assumed then",
      .type = SETTING_WORD,
      .value = &dialect,
      .choices = "connected|sqlite|pgsql|mssql" },
    { .name = "list", .help = "only the statements' names", .value = &list },
    { .name = NULL },
};

struct sql {
    struct cli *cli;
    struct worker worker; /* only its database, profile and targets */
    struct worker_settings settings;
    struct strbuf out;
    struct jsonw json;
    size_t count;
};

/* What other commands put in: a choice of records, a job's own file. */
static bool set_others(struct db *db, struct error *err)
{
    return db_set_fragment(db, "requeue",
                           "AND (/* what requeue was asked for */ 1 = 1)",
                           err) &&
           db_set_name(db, "job", "job", err);
}

static bool open_names(struct sql *s, struct error *err)
{
    const struct vitae_settings *v = s->cli->values;
    struct worker *w = &s->worker;

    s->settings.source = &v->source;
    w->settings = s->settings;
    w->clock = s->cli->clock;
    if (!profile_open(&w->profile, v->extract.profile, err))
        return false;
    if (dialect)
        return db_open_unconnected(&w->db, &v->database,
                                   (enum db_engine)(dialect - 1), err) &&
               source_assume(w, err) && set_others(w->db, err);
    if (!work_database(s->cli, &w->db, err))
        return error_context(err, "vitae sql --dialect D needs no connection");
    return source_map(w, err) && set_others(w->db, err);
}

static bool add_json(struct sql *s, const char *name, struct error *err)
{
    struct strbuf text, parameters;
    bool ok;

    strbuf_init(&text, 4 * MIB);
    strbuf_init(&parameters, 64 * KIB);
    ok = db_script_text(s->worker.db, name, &text, err) &&
         db_parameters(s->worker.db, name, &parameters, err);
    if (ok) {
        jsonw_object(&s->json, NULL);
        jsonw_text(&s->json, "name", name);
        jsonw_text(&s->json, "parameters", parameters.data);
        jsonw_text(&s->json, "sql", text.data);
        jsonw_end_object(&s->json);
    }
    strbuf_release(&text);
    strbuf_release(&parameters);
    return ok;
}

static bool add(struct sql *s, const char *name, struct error *err)
{
    s->count++;
    if (s->cli->json)
        return add_json(s, name, err);
    if (list) {
        strbuf_addf(&s->out, "%s\n", name);
        return true;
    }
    strbuf_addf(&s->out, "%s-- %s\n", s->count > 1 ? "\n" : "", name);
    return db_script_text(s->worker.db, name, &s->out, err);
}

static bool add_all(struct sql *s, const char *only, struct error *err)
{
    const char *name;
    bool ok = true;
    size_t i;

    for (i = 0; ok && (name = db_statement_name(s->worker.db, i)); i++)
        if (!only || strcmp(only, name) == 0)
            ok = add(s, name, err);
    if (ok && s->count == 0)
        return cli_usage(err,
                         "there is no statement %s; vitae sql --list shows "
                         "all, vitae init --print what makes the tables",
                         only);
    return ok;
}

static bool sql(struct cli *cli, struct error *err)
{
    struct sql s = { .cli = cli };
    const char *only = cli->argument_count ? cli->arguments[0] : NULL;
    bool ok;

    strbuf_init(&s.out, 64 * MIB);
    jsonw_init(&s.json, &s.out);
    if (cli->json)
        jsonw_array(&s.json, NULL);
    ok = open_names(&s, err) && add_all(&s, only, err);
    if (cli->json) {
        jsonw_end_array(&s.json);
        strbuf_addc(&s.out, '\n');
    }
    ok = ok && report_print(&s.out, err);
    strbuf_release(&s.out);
    free(s.worker.targets);
    profile_close(s.worker.profile);
    db_close(s.worker.db);
    return ok;
}

const struct cli_command cli_sql = {
    .name = "sql",
    .group = "Setting up",
    .arguments = "[NAME]",
    .most = 1,
    .summary = "print every statement that is sent to the database",
    .text = "For whoever approves changes: the statements with this site's "
            "tables and columns, in its dialect, each with what it is for. "
            "Values are never part of a statement: each :name is a bound "
            "parameter. The DDL is printed by vitae init --print, rights by "
            "vitae init --grants USER. With --dialect nothing is connected "
            "to: the names are those of the settings.",
    .example = "vitae sql > statements.sql\nvitae sql claim_rows\nvitae sql "
               "--dialect mssql --list",
    .options = options,
    .needs = CLI_SETTINGS,
    .run = sql,
};

#include "cli/cli_settings.h"
#include "cli/commands.h"
#include "db/init.h"

static bool add_columns, make_table, print;
static char *grants;

static const struct cli_option options[] = {
    { .name = "print",
      .help = "print the DDL, change nothing",
      .value = &print },
    { .name = "add-columns",
      .help = "add the columns that the profile maps and your table lacks",
      .value = &add_columns },
    { .name = "make-table",
      .help = "make the table of the resumes as well, on a server too",
      .value = &make_table },
    { .name = "grants",
      .argument = "USER",
      .help = "print the least rights that USER needs for daily work",
      .type = SETTING_TEXT,
      .value = &grants },
    { .name = NULL },
};

/* What the profile writes, as columns of a table to be made. */
static struct db_init_column *wanted(const struct profile *p, size_t *count)
{
    struct db_init_column *list = calloc(p->column_count + 1, sizeof(*list));
    size_t i;

    *count = 0;
    for (i = 0; list && i < p->column_count; i++) {
        list[*count].name = p->columns[i].name;
        list[(*count)++].width = p->columns[i].width;
    }
    return list;
}

static void tell(const struct cli *cli, const struct db_init *init,
                 const struct db_init_report *r)
{
    if (r->made_source)
        cli_say(cli, "made the table %s", init->table);
    if (r->added_columns)
        cli_say(cli, "added %zu columns to %s", r->added_columns, init->table);
    if (r->version_before == r->version)
        cli_say(cli, "vitae's tables are there, version %d", r->version);
    else if (r->version_before)
        cli_say(cli,
                "upgraded vitae's tables from version %d to %d; views were "
                "made anew: give each login its rights again (vitae init "
                "--grants USER)",
                r->version_before, r->version);
    else
        cli_say(cli,
                "made vitae's tables and views, version %d; vitae doctor "
                "looks at the rest",
                r->version);
}

static bool make(struct cli *cli, struct db *db, const struct profile *profile,
                 struct error *err)
{
    const struct source_settings *s = &cli->values->source;
    struct db_init_report report = { 0 };
    struct db_init init = {
        .table = s->table,
        .key = s->id_column,
        .text = s->text_column,
        .processed = s->processed_column,
        .changed = s->changed_column,
        .make_source = make_table || db_engine(db) == DB_SQLITE,
        .add_columns = add_columns,
    };
    struct db_init_column *columns = wanted(profile, &init.column_count);
    struct strbuf text;
    bool ok;

    if (!columns)
        return error_memory(err);
    init.columns = columns;
    strbuf_init(&text, 4 * MIB);
    if (print)
        init.print = &text;
    ok = db_init(db, &init, &report, err);
    if (ok && print)
        fputs(text.data, stdout);
    else if (ok)
        tell(cli, &init, &report);
    strbuf_release(&text);
    free(columns);
    if (!ok && !print && strcmp(err->code, "rights") == 0)
        return error_context(err, "this login may make no tables; a DBA runs "
                                  "what vitae init --print prints, then what "
                                  "vitae init --grants USER prints");
    return ok;
}

static bool print_grants(const struct cli *cli, struct db *db,
                         struct error *err)
{
    struct strbuf text;
    bool ok;

    strbuf_init(&text, 1 * MIB);
    ok = db_grants(db, cli->values->source.table, grants, &text, err);
    if (ok)
        fputs(text.data, stdout);
    strbuf_release(&text);
    return ok;
}

/* Only who makes tables makes a file for them; what would be made is printed
 * without one. */
static bool open_database(struct cli *cli, struct db **db, struct error *err)
{
    static char nowhere[] = "Driver=SQLite3;Database=:memory:";
    struct db_settings settings = cli->values->database;

    settings.must_exist = print || grants;
    if (db_open(db, &settings, cli->clock, &cli_stop, err))
        return true;
    if (!print || strcmp(err->code, "no_file") != 0)
        return false;
    settings.connection = nowhere;
    return db_open(db, &settings, cli->clock, &cli_stop, err);
}

static bool init(struct cli *cli, struct error *err)
{
    struct profile *profile = NULL;
    struct db *db = NULL;
    bool ok = profile_open(&profile, cli->values->extract.profile, err) &&
              open_database(cli, &db, err);

    ok = ok &&
         (grants ? print_grants(cli, db, err) : make(cli, db, profile, err));
    profile_close(profile);
    db_close(db);
    return ok;
}

const struct cli_command cli_init = {
    .name = "init",
    .group = "Setting up",
    .arguments = "",
    .summary = "make or adopt vitae's tables",
    .text = "Makes vitae's own tables and views beside yours, or upgrades "
            "them. Your own table is never altered, unless --add-columns "
            "says so; where it is missing it is made in the embedded "
            "database (elsewhere with --make-table). May be run any number "
            "of times.",
    .example = "vitae init\nvitae init --print > for-approval.sql\nvitae init "
               "--grants vitae_user",
    .options = options,
    .needs = CLI_SETTINGS | CLI_LOG,
    .run = init,
};

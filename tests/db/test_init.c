/* vitae's tables: made once, made again, adopted, upgraded, left alone. */
#include "db/init.h"

#include <stdlib.h>
#include <string.h>

#include "db/notes.h"
#include "tests/db/site.h"
#include "tests/folder.h"
#include "tests/tap.h"

static struct error err;
static struct db_init_report report;

static const struct db_init_column columns[] = {
    { "FirstName", 100 },
    { "Summary", 0 },
    { "odd name]\"", 20 },
};

static const struct db_init wanted = {
    .table = "aicandidate",
    .key = "userid",
    .text = "markdownResume",
    .processed = "LastProcessed",
    .changed = "datelastmodified",
    .columns = columns,
    .column_count = ARRAY_LEN(columns),
};

/* A database without any table. */
static struct db *fresh(enum db_engine engine)
{
    static int number;
    char file[40];

    if (engine == DB_SQLITE) {
        snprintf(file, sizeof(file), "fresh%d.db", number++);
        return site_open_sqlite(file);
    } else {
        struct db *db = site_open(engine);

        if (db && engine == DB_POSTGRESQL) {
            site_exec(db, "DROP SCHEMA public CASCADE");
            site_exec(db, "DROP SCHEMA IF EXISTS hr CASCADE");
            site_exec(db, "CREATE SCHEMA public");
        }
        return db;
    }
}

static const char *count_of(struct db *db, const char *table)
{
    char sql[200];

    snprintf(sql, sizeof(sql), "SELECT COUNT(*) FROM %s", table);
    return site_get(db, sql);
}

static void views_work(struct db *db)
{
    static const char *const views[] = { "vitae_progress", "vitae_failures",
                                         "vitae_cost", "vitae_workers" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(views); i++)
        is_str(count_of(db, views[i]), "0", "%s answers", views[i]);
    is_str(count_of(db, "vitae_backlog"), "1", "vitae_backlog answers");
}

static void made_and_made_again(enum db_engine engine)
{
    struct db *db = fresh(engine);
    struct db_init init = wanted;

    init.make_source = true;
    ok(!db_check_schema(db, &err) && strstr(err.message, "run vitae init"),
       "before: %s", err.message);
    ok(db_init(db, &init, &report, &err), "made: %s",
       err.kind ? err.message : "");
    ok(report.made_source && report.version_before == 0 && report.version == 5,
       "and said so");
    ok(db_check_schema(db, &err), "they are as they should be");
    /* By the names of the manual, unquoted, on every engine. */
    is_str(count_of(db, "aicandidateBatchStatus"), "0", "under their names");
    is_str(count_of(db, "aicandidateBatchSchema"), "5", "with their versions");
    views_work(db);
    site_exec(db, "INSERT INTO aicandidate (userid) VALUES (1)");
    ok(db_init(db, &init, &report, &err) && !report.made_source &&
           report.version_before == 5 && report.added_columns == 0,
       "a second time nothing happens");
    is_str(count_of(db, "aicandidate"), "1", "rows stay");
    db_close(db);
}

static void a_missing_table_is_made_only_on_request(void)
{
    struct db *db = fresh(DB_POSTGRESQL);
    struct db_init init = wanted;

    ok(!db_init(db, &init, &report, &err) && err.kind == ERROR_SETUP &&
           strcmp(err.code, "no_table") == 0,
       "on a server: %s", err.message);
    is_str(count_of(db, "aicandidateBatchStatus"), "failed", "nothing is made");
    db_close(db);
}

static void columns_are_added_only_on_request(enum db_engine engine)
{
    struct db *db = fresh(engine);
    struct db_init init = wanted;

    site_exec(db, "CREATE TABLE aicandidate (userid int PRIMARY KEY,"
                  " markdownResume text, LastProcessed timestamp,"
                  " FIRSTNAME varchar(10))");
    site_exec(db, "INSERT INTO aicandidate (userid) VALUES (1)");
    ok(db_init(db, &init, &report, &err) && !report.made_source &&
           report.added_columns == 0,
       "not by itself: %s", err.kind ? err.message : "");
    is_str(site_get(db, "SELECT Summary FROM aicandidate"), "failed",
           "it is not there");
    init.add_columns = true;
    ok(db_init(db, &init, &report, &err) && report.added_columns == 2,
       "when asked, what is missing: %s", err.kind ? err.message : "");
    is_str(site_get(db, "SELECT \"odd name]\"\"\" FROM aicandidate"), "NULL",
           "it is there");
    ok(db_init(db, &init, &report, &err) && report.added_columns == 0, "once");
    db_close(db);
}

static void a_table_of_another_shape_is_left_alone(enum db_engine engine)
{
    struct db *db = fresh(engine);
    struct db_init init = wanted;
    struct db_settings settings;

    init.make_source = true;
    site_exec(db, "CREATE TABLE aicandidateBatchStatus (batch_id varchar(50),"
                  " userid int, status varchar(20))");
    site_exec(db, "INSERT INTO aicandidateBatchStatus VALUES ('b', 1, 'x')");
    ok(!db_init(db, &init, &report, &err) && err.kind == ERROR_SETUP &&
           strcmp(err.code, "other_shape") == 0 &&
           strstr(err.message, "database.prefix"),
       "it is refused: %s", err.message);
    is_str(count_of(db, "aicandidateBatchStatus"), "1", "and stays");
    is_str(count_of(db, "aicandidate"), "failed", "nothing else is made");
    db_close(db);
    if (engine == DB_SQLITE)
        return;
    site_settings(engine, &settings);
    settings.prefix = (char *)"vitae";
    ok(db_open(&db, &settings, &clock_system, NULL, &err) &&
           db_init(db, &init, &report, &err),
       "with a prefix of our own it works beside");
    is_str(count_of(db, "vitaeBatchStatus"), "0", "under that name");
    is_str(count_of(db, "vitae_vitae_cost"), "0", "so do the views");
    db_close(db);
}

static void a_newer_version_is_left_alone(void)
{
    struct db *db = fresh(DB_SQLITE);

    ok(db_init(db, &wanted, &report, &err) &&
           site_exec(db, "INSERT INTO aicandidateBatchSchema VALUES"
                         " (99, 'later')"),
       "a later vitae was here");
    ok(!db_init(db, &wanted, &report, &err) && strstr(err.message, "newer"),
       "init refuses: %s", err.message);
    ok(!db_check_schema(db, &err) && strstr(err.message, "99"),
       "so does every command: %s", err.message);
    site_exec(db, "DELETE FROM aicandidateBatchSchema WHERE version > 1");
    ok(!db_check_schema(db, &err) && strstr(err.message, "older"),
       "an older one: %s", err.message);
    db_close(db);
}

static void an_older_version_is_upgraded(void)
{
    struct db *db = fresh(DB_SQLITE);

    ok(db_init(db, &wanted, &report, &err), "made");
    site_exec(db, "DROP VIEW vitae_progress");
    site_exec(db, "DROP VIEW vitae_failures");
    site_exec(db, "DROP VIEW vitae_cost");
    site_exec(db, "DROP VIEW vitae_backlog");
    site_exec(db, "DROP VIEW vitae_workers");
    site_exec(db, "ALTER TABLE aicandidateBatchStatus DROP COLUMN"
                  " standard_cost");
    site_exec(db, "ALTER TABLE aicandidateBatchStatus DROP COLUMN"
                  " request_tokens");
    site_exec(db, "ALTER TABLE aicandidateBatchStatus DROP COLUMN"
                  " token_limit");
    site_exec(db, "ALTER TABLE aicandidateBatchStatus DROP COLUMN forward_to");
    site_exec(db, "DELETE FROM aicandidateBatchSchema WHERE version > 1");
    ok(db_init(db, &wanted, &report, &err) && report.version_before == 1 &&
           report.version == 5,
       "from 1 to 5");
    views_work(db);
    db_close(db);
}

static void half_an_upgrade_is_none(void)
{
    struct db *db = fresh(DB_SQLITE);

    /* In the way of the last view. */
    site_exec(db, "CREATE TABLE vitae_workers (a int)");
    ok(!db_init(db, &wanted, &report, &err), "it fails: %s", err.message);
    is_str(count_of(db, "aicandidateBatchStatus"), "failed",
           "and leaves nothing behind");
    is_str(count_of(db, "aicandidate"), "failed", "nothing at all");
    db_close(db);
}

static const struct {
    const char *type;  /* of the user's key */
    const char *cast;  /* as we name it */
    const char *first; /* two keys */
    const char *second;
} keys[] = {
    { "int", "integer", "1", "2" },
    { "bigint", "bigint", "1", "9007199254740993" },
    { "varchar(20)", "character varying(20)", "'a'", "'B'" },
    { "varchar(20) COLLATE \"C\"", "character varying(20)", "'a'", "'B'" },
    { "uuid", "uuid", "'018f0000-0000-7000-8000-000000000001'",
      "'018f0000-0000-7000-8000-000000000002'" },
    { "numeric(12,2)", "numeric(12,2)", "1.50", "2" },
    { "character varying", "character varying", "'a'", "'b'" },
};

static bool ignore(void *context, const struct db_rows *row,
                   struct error *error)
{
    (void)context;
    (void)row;
    (void)error;
    return true;
}

static bool reports_work(struct db *db)
{
    const struct db_value values[] = { db_integer("count", 1),
                                       db_text("key", "k") };

    return db_each(db, "report_failures", values, 2, ignore, NULL, NULL,
                   &err) &&
           db_each(db, "report_reasons", values, 2, ignore, NULL, NULL, &err);
}

static void our_key_is_of_the_user_s_type(void)
{
    struct db_catalogue_column *c;
    size_t i, n;

    for (i = 0; i < ARRAY_LEN(keys); i++) {
        struct db *db = fresh(DB_POSTGRESQL);
        char sql[300];

        snprintf(sql, sizeof(sql),
                 "CREATE TABLE aicandidate (userid %s PRIMARY KEY,"
                 " markdownResume text, LastProcessed timestamp)",
                 keys[i].type);
        site_exec(db, sql);
        ok(db_init(db, &wanted, &report, &err), "%s: %s", keys[i].type,
           err.kind ? err.message : "");
        snprintf(sql, sizeof(sql),
                 "INSERT INTO aicandidate (userid) VALUES (%s), (%s)",
                 keys[i].first, keys[i].second);
        site_exec(db, sql);
        ok(site_exec(db, "INSERT INTO aicandidateBatchClaim SELECT userid, 'b',"
                         " now() FROM aicandidate"),
           "%s: keys fit", keys[i].type);
        /* Of the same type and collation: no conversion, no error. */
        is_str(site_get(db, "SELECT COUNT(*) FROM aicandidate c JOIN"
                            " aicandidateBatchClaim k ON k.userid = c.userid"),
               "2", "%s: and join", keys[i].type);
        ok(reports_work(db), "%s: reports work: %s", keys[i].type, err.message);
        if (ok(db_catalogue(db, "aicandidate", &c, &n, &err) && n,
               "%s: is in the catalogue", keys[i].type))
            is_str(c[0].cast, keys[i].cast, "%s: its cast", keys[i].type);
        free(c);
        db_close(db);
    }
}

static void a_table_may_lie_anywhere(void)
{
    struct db *db = fresh(DB_POSTGRESQL);
    struct db_settings settings;
    struct db_init init = wanted;

    site_exec(db, "CREATE SCHEMA hr");
    site_exec(db, "CREATE TABLE hr.\"Bewerber\" (\"userid\" int PRIMARY KEY,"
                  " markdownresume text, lastprocessed timestamp,"
                  " \"Full Name\" text,"
                  " half int GENERATED ALWAYS AS (\"userid\" / 2) STORED)");
    db_close(db);
    site_settings(DB_POSTGRESQL, &settings);
    settings.schema = (char *)"hr";
    init.table = "HR.bewerber";
    ok(db_open(&db, &settings, &clock_system, NULL, &err) &&
           db_init(db, &init, &report, &err),
       "in another case, in a schema: %s", err.kind ? err.message : "");
    is_str(count_of(db, "hr.aicandidateBatchItem"), "0",
           "ours lie in the schema that is set");
    ok(db_set_name(db, "source", "HR.bewerber", &err) &&
           db_run_script(db, "grants", &err) == false,
       "names are found as the catalogue has them");
    db_close(db);
}

static void the_catalogue_tells(enum db_engine engine)
{
    struct db *db = fresh(engine);
    struct db_catalogue_column *c = NULL;
    size_t n = 0;

    site_exec(db, "CREATE TABLE things (id int NOT NULL, name varchar(30),"
                  " note text, born date, seen timestamp, price numeric(8,2),"
                  " twice int GENERATED ALWAYS AS (id * 2) STORED,"
                  " ready boolean, proof json)");
    ok(db_catalogue(db, "Things", &c, &n, &err) && n == 9,
       "a table of nine columns");
    if (n == 9) {
        ok(c[7].is_boolean == (engine == DB_POSTGRESQL), "a boolean");
        ok(c[8].is_text == (engine == DB_SQLITE) && !c[8].is_boolean,
           "and one that takes no plain text");
        ok(c[0].is_number && !c[0].is_nullable && !c[0].is_text, "a number");
        ok(c[1].is_text && c[1].width == 30 && !c[1].byte_width &&
               !c[1].utf16_width,
           "a text of 30 characters");
        ok(c[2].is_text && c[2].width == 0 && c[2].is_nullable, "a long one");
        ok(c[3].is_date && !c[3].is_text, "a date");
        ok(c[4].is_date, "a time");
        ok(c[5].is_number && c[5].width == 0, "a price");
        ok(c[6].is_computed && !c[0].is_computed, "a computed column");
    }
    free(c);
    ok(!db_catalogue(db, "nothing_here", &c, &n, &err) && !c && n == 0 &&
           strcmp(err.code, "no_table") == 0,
       "no such table: %s", err.message);
    db_close(db);
}

static void the_ddl_can_be_read_first(enum db_engine engine)
{
    struct db *db = fresh(engine);
    struct db_init init = wanted;
    struct strbuf text;

    strbuf_init(&text, MIB);
    init.make_source = true;
    init.print = &text;
    ok(db_init(db, &init, &report, &err), "printed");
    ok(strstr(text.data, "CREATE TABLE") &&
           strstr(text.data, "-- vitae's own") &&
           !strstr(text.data, "{item}") && !strstr(text.data, "\nGO\n"),
       "with names, types and comments");
    is_str(count_of(db, "aicandidateBatchStatus"), "failed", "nothing is made");
    /* What is printed does the work. */
    ok(site_script(db, text.data), "and can be run");
    is_str(count_of(db, "vitae_backlog"), "1", "by hand");
    ok(db_init(db, &wanted, &report, &err) && report.version_before == 5,
       "which init knows afterwards %s", err.kind ? err.message : "");
    strbuf_release(&text);
    db_close(db);
}

static void the_least_rights_are_enough_to_print(void)
{
    struct db *db = fresh(DB_POSTGRESQL);
    struct db_init init = wanted;
    struct strbuf text;

    strbuf_init(&text, MIB);
    init.make_source = true;
    ok(db_init(db, &init, &report, &err), "made");
    site_exec(db, "DROP ROLE IF EXISTS \"a user\"");
    site_exec(db, "CREATE ROLE \"a user\"");
    ok(db_grants(db, "aicandidate", "a user", &text, &err) &&
           strstr(text.data, "TO \"a user\";"),
       "printed");
    ok(site_script(db, text.data), "and can be run");
    strbuf_release(&text);
    db_close(db);
}

static size_t times(const char *text, const char *word)
{
    size_t n = 0;

    for (; (text = strstr(text, word)); text += strlen(word))
        n++;
    return n;
}

/* May a new login look into it?  Only with the right on the schema. */
static void the_rights_reach_into_schemas(void)
{
    struct db *db = fresh(DB_POSTGRESQL);
    struct db_settings settings;
    struct db_init init = wanted;
    struct strbuf text;

    if (!db)
        return;
    site_exec(db, "CREATE SCHEMA hr");
    site_exec(db, "DROP SCHEMA IF EXISTS \"The People\" CASCADE");
    site_exec(db, "CREATE SCHEMA \"The People\"");
    site_exec(db, "CREATE TABLE \"The People\".t (userid int PRIMARY KEY,"
                  " markdownresume text, lastprocessed timestamp)");
    site_exec(db, "DROP ROLE IF EXISTS \"a user\"");
    site_exec(db, "CREATE ROLE \"a user\"");
    db_close(db);
    site_settings(DB_POSTGRESQL, &settings);
    settings.schema = (char *)"hr";
    init.table = "\"The People\".t";
    strbuf_init(&text, MIB);
    ok(db_open(&db, &settings, &clock_system, NULL, &err) &&
           db_init(db, &init, &report, &err) &&
           db_grants(db, init.table, "a user", &text, &err) &&
           site_script(db, text.data),
       "granted in two schemas: %s", err.kind ? err.message : "");
    site_exec(db, "SET ROLE \"a user\"");
    is_str(count_of(db, "hr.aicandidateBatchItem"), "0", "ours are seen");
    is_str(count_of(db, "\"The People\".t"), "0", "and the user's own");
    site_exec(db, "RESET ROLE");
    site_exec(db, "CREATE TABLE hr.t (userid int PRIMARY KEY)");
    strbuf_clear(&text);
    ok(db_grants(db, "hr.t", "a user", &text, &err) &&
           times(text.data, "ON SCHEMA \"hr\" TO \"a user\"") == 1 &&
           times(text.data, "ON SCHEMA") == 1,
       "one schema, one right");
    strbuf_release(&text);
    site_exec(db, "DROP SCHEMA \"The People\" CASCADE");
    site_exec(db, "DROP OWNED BY \"a user\"");
    site_exec(db, "DROP ROLE \"a user\"");
    db_close(db);
}

static struct strbuf notes;

static void take_note(void *context, bool spoils, const char *text)
{
    (void)context;
    strbuf_addf(&notes, "%s: %s\n", spoils ? "spoils" : "effect", text);
}

static bool noted(struct db *db, const char *key, const char *what)
{
    strbuf_clear(&notes);
    if (!db_set_name(db, "source", "aicandidate", &err) ||
        !db_set_name(db, "key", key, &err) ||
        !db_notes(db, "aicandidate", key, take_note, NULL, &err)) {
        tap_note("%s", err.message);
        return false;
    }
    if (what[0] ? strstr(notes.data, what) != NULL : notes.len == 0)
        return true;
    tap_note("%s", notes.data);
    return false;
}

static void what_a_write_sets_off(enum db_engine engine)
{
    struct db *db = fresh(engine);

    strbuf_init(&notes, MIB);
    site_exec(db, "CREATE TABLE aicandidate (userid int PRIMARY KEY, other int,"
                  " n int)");
    ok(noted(db, "userid", ""), "nothing");
    ok(noted(db, "other", "spoils: nothing says that other is unique"),
       "a key without an index");
    site_exec(db, "CREATE UNIQUE INDEX two ON aicandidate (other, n)");
    ok(noted(db, "other", "spoils: nothing says that other is unique"),
       "one of two columns doesn't do");
    site_exec(db, "CREATE UNIQUE INDEX one ON aicandidate (other)");
    ok(noted(db, "other", ""), "one alone does");
    site_exec(db, "INSERT INTO aicandidate (userid) VALUES (1)");
    ok(noted(db, "other", "spoils: records"), "keys that are NULL");
    if (engine == DB_SQLITE)
        site_exec(db, "CREATE TRIGGER audit AFTER UPDATE ON aicandidate"
                      " BEGIN SELECT 1; END");
    else
        site_exec(db, "CREATE TRIGGER audit BEFORE UPDATE ON aicandidate FOR"
                      " EACH ROW EXECUTE FUNCTION"
                      " suppress_redundant_updates_trigger()");
    ok(noted(db, "userid", "effect: the trigger audit fires"), "a trigger");
    if (engine == DB_POSTGRESQL) {
        site_exec(db, "CREATE PUBLICATION news FOR TABLE aicandidate");
        ok(noted(db, "userid", "effect: the publication news replicates it"),
           "a publication");
        site_exec(db, "DROP PUBLICATION news");
    }
    strbuf_release(&notes);
    db_close(db);
}

static void on_each(enum db_engine engine)
{
    made_and_made_again(engine);
    columns_are_added_only_on_request(engine);
    a_table_of_another_shape_is_left_alone(engine);
    the_catalogue_tells(engine);
    the_ddl_can_be_read_first(engine);
    what_a_write_sets_off(engine);
}

int main(int argc, char **argv)
{
    struct db *db;

    (void)argc;
    site_with_postgres(argv, true);
    folder_enter();
    on_each(DB_SQLITE);
    a_newer_version_is_left_alone();
    an_older_version_is_upgraded();
    half_an_upgrade_is_none();
    db = site_open(DB_POSTGRESQL);
    if (!db) {
        site_missing(DB_POSTGRESQL);
        return tap_done();
    }
    db_close(db);
    on_each(DB_POSTGRESQL);
    a_missing_table_is_made_only_on_request();
    our_key_is_of_the_user_s_type();
    a_table_may_lie_anywhere();
    the_least_rights_are_enough_to_print();
    the_rights_reach_into_schemas();
    return tap_done();
}

#include "db/init.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/odbc.h"
#include "db/statement.h"

/* The upgrades, in order; a database notes those it has. */
static const struct {
    int version;
    const char *script;
} upgrades[] = {
    { 1, "001_tables" }, { 2, "002_views" },   { 3, "003_saving" },
    { 4, "004_waves" },  { 5, "005_backlog" },
};

#define VERSION_NEWEST (upgrades[ARRAY_LEN(upgrades) - 1].version)

struct made;

struct init {
    struct db *db;
    const struct db_init *wanted;
    struct db_init_report *report;
    struct db_catalogue_column *columns; /* owned: of the user's table */
    size_t count;
    bool make_source;
    bool make_schema;          /* the table of upgrades is absent */
    struct db_column *missing; /* owned: of the user's table */
    size_t missing_count;
    struct made *made; /* owned: what missing points into */
};

/* A column to be made. */
struct made {
    char name[600];
    char type[32];
};

static const struct db_catalogue_column *find(
    const struct db_catalogue_column *columns, size_t count, const char *name)
{
    size_t i;

    for (i = 0; name && i < count; i++)
        if (ascii_equal_nocase(columns[i].name, name))
            return &columns[i];
    return NULL;
}

/* Columns of a table that may be absent: then *columns = NULL. */
static bool look_at(struct db *db, const char *table,
                    struct db_catalogue_column **columns, size_t *count,
                    struct error *err)
{
    if (db_catalogue(db, table, columns, count, err))
        return true;
    if (strcmp(err->code, "no_table") != 0)
        return false;
    error_clear(err);
    return true;
}

/* Of one of our own tables, by its brace. */
static bool look_at_own(struct db *db, const char *brace,
                        struct db_catalogue_column **columns, size_t *count,
                        struct error *err)
{
    const struct name *name = names_find(&db->names, brace, strlen(brace));
    char *table = strdup(name->text);
    bool ok;

    ok = table ? look_at(db, table, columns, count, err) : error_memory(err);
    free(table);
    return ok;
}

static const char *text_type(const struct db *db, int64_t width, char *out,
                             size_t size)
{
    bool wide = db->engine == DB_MSSQL;

    if (width > 0)
        snprintf(out, size, "%svarchar(%lld)", wide ? "n" : "",
                 (long long)width);
    else
        snprintf(out, size, "%s", wide ? "nvarchar(max)" : "text");
    return out;
}

/* The name that something new gets: on PostgreSQL one that needs no quotes
 * for its letters' sake. */
static const char *new_name(const struct db *db, const char *name, char *out,
                            size_t size)
{
    if (dialect_of(db->engine)->folds)
        ascii_lower(name, out, size);
    else
        snprintf(out, size, "%s", name);
    return out;
}

/* The mapped columns that the user's table lacks: all, when it is absent. */
static bool list_missing(struct init *in, struct error *err)
{
    const struct db_init *w = in->wanted;
    size_t i;

    in->missing = calloc(w->column_count + 1, sizeof(*in->missing));
    in->made = calloc(w->column_count + 1, sizeof(*in->made));
    if (!in->missing || !in->made)
        return error_memory(err);
    for (i = 0; i < w->column_count; i++) {
        struct db_column *c = &in->missing[in->missing_count];
        struct made *made = &in->made[in->missing_count];

        if (find(in->columns, in->count, w->columns[i].name))
            continue;
        c->name = new_name(in->db, w->columns[i].name, made->name,
                           sizeof(made->name));
        c->path = "x";
        c->type = text_type(in->db, w->columns[i].width, made->type,
                            sizeof(made->type));
        in->missing_count++;
    }
    return db_set_columns(in->db, "source_columns", in->missing,
                          in->missing_count, err);
}

/* Our columns that hold the user's key or time have its very type, and its
 * collation: a join must not convert. */
static bool set_type(struct db *db, const char *brace,
                     const struct db_catalogue_column *c, const char *initial,
                     struct error *err)
{
    char type[300];

    if (!c)
        return db_set_fragment(db, brace, initial, err);
    if (!c->collation[0] || db->engine == DB_SQLITE)
        return db_set_fragment(db, brace, c->cast, err);
    if (db->engine == DB_MSSQL)
        snprintf(type, sizeof(type), "%s COLLATE %s", c->cast, c->collation);
    else
        snprintf(type, sizeof(type), "%s COLLATE \"%s\"", c->cast,
                 c->collation);
    return db_set_fragment(db, brace, type, err);
}

/* As the catalogue spells it, or as it will. */
static bool set_column(const struct init *in, const char *brace,
                       const char *name, struct error *err)
{
    const struct db_catalogue_column *c = find(in->columns, in->count, name);
    char made[600];

    return db_set_column(
        in->db, brace, c ? c->name : new_name(in->db, name, made, sizeof(made)),
        err);
}

static bool set_source(const struct init *in, struct error *err)
{
    char name[600];

    return db_set_name(in->db, "source",
                       in->make_source ? new_name(in->db, in->wanted->table,
                                                  name, sizeof(name))
                                       : in->wanted->table,
                       err);
}

static bool set_names(struct init *in, struct error *err)
{
    static const char *const datetime[] = { "datetime", "timestamp(3)",
                                            "datetime" };
    const struct db_init *w = in->wanted;
    const char *changed =
        w->changed && w->changed[0] ? w->changed : "datelastmodified";
    struct db *db = in->db;

    return db_set_fragment(db, "datetime", datetime[db->engine], err) &&
           set_source(in, err) && set_column(in, "key", w->key, err) &&
           set_column(in, "text", w->text, err) &&
           set_column(in, "processed", w->processed, err) &&
           set_column(in, "changed", changed, err) &&
           set_type(db, "key_column", find(in->columns, in->count, w->key),
                    db->engine == DB_SQLITE ? "integer" : "int", err) &&
           set_type(db, "changed_column",
                    find(in->columns, in->count, w->changed),
                    datetime[db->engine], err);
}

static bool refuse_source(const struct init *in, struct error *err)
{
    error_exit(err, ERROR_SETUP, EXIT_DATABASE,
               "there is no table %s that this login may see; name the right "
               "one with source.table=, or let vitae init --make-table make "
               "it",
               in->wanted->table);
    error_code(err, "no_table");
    return false;
}

static bool has_column(const struct init *in, const char *setting,
                       const char *name, struct error *err)
{
    if (find(in->columns, in->count, name))
        return true;
    error_exit(err, ERROR_SETUP, EXIT_DATABASE,
               "the table %s has no column %s; name the right one with "
               "source.%s=",
               in->wanted->table, name, setting);
    error_code(err, "no_column");
    return false;
}

static bool check_columns(const struct init *in, struct error *err)
{
    const struct db_init *w = in->wanted;

    return has_column(in, "id_column", w->key, err) &&
           has_column(in, "text_column", w->text, err) &&
           has_column(in, "processed_column", w->processed, err);
}

static bool check_source(struct init *in, struct error *err)
{
    const struct db_init *w = in->wanted;

    if (!look_at(in->db, w->table, &in->columns, &in->count, err))
        return false;
    if (in->columns && !check_columns(in, err))
        return false;
    in->make_source = !in->columns;
    if (in->make_source && in->db->engine != DB_SQLITE && !w->make_source)
        return refuse_source(in, err);
    return list_missing(in, err) && set_names(in, err);
}

static bool read_version(void *context, const struct db_rows *row,
                         struct error *err)
{
    (void)err;
    *(int *)context = (int)db_rows_integer(row, 0);
    return true;
}

static bool other_shape(const struct db *db, struct error *err)
{
    error_exit(err, ERROR_SETUP, EXIT_DATABASE,
               "there is a table %s of another shape (older deployments keep "
               "one row per batch and candidate there): it is left alone; set "
               "database.prefix=vitae, so that ours get names of their own",
               names_find(&db->names, "status", 6)->text);
    error_code(err, "other_shape");
    return false;
}

/* *version: 0 = our tables are not there; *has_schema: the table of upgrades
 * is. */
static bool find_version(struct db *db, int *version, bool *has_schema,
                         struct error *err)
{
    struct db_catalogue_column *status = NULL, *schema = NULL;
    size_t status_count = 0, schema_count = 0;
    bool ok;

    *version = 0;
    ok = look_at_own(db, "status", &status, &status_count, err) &&
         look_at_own(db, "schema", &schema, &schema_count, err);
    *has_schema = schema != NULL;
    if (ok && status &&
        (!find(status, status_count, "batch_key") ||
         !find(status, status_count, "fence")))
        ok = other_shape(db, err);
    else if (ok && schema)
        ok = db_each(db, "schema_version", NULL, 0, read_version, version, NULL,
                     err);
    free(status);
    free(schema);
    return ok;
}

static bool is_newer(int version, struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                      "vitae's tables are of version %d, made by a newer "
                      "vitae than this one (%d); use that",
                      version, VERSION_NEWEST);
}

/* The same statement with its number in it: whoever runs what is printed has
 * noted the upgrade as well. */
static bool print_version(struct db *db, int version, struct strbuf *out,
                          struct error *err)
{
    static const char parameter[] = ":version";
    struct strbuf text;
    char *at = NULL;
    bool ok;

    strbuf_init(&text, STATEMENT_CEILING);
    ok = db_script_text(db, "schema_add", &text, err);
    if (ok)
        at = strstr(text.data, parameter);
    if (at) {
        strbuf_add(out, text.data, (size_t)(at - text.data));
        strbuf_addf(out, "%d%s", version, at + strlen(parameter));
        if (out->len && out->data[out->len - 1] == '\n')
            strbuf_cut(out, out->len - 1);
        strbuf_adds(out, db->engine == DB_MSSQL ? ";\nGO\n" : ";\n");
    }
    strbuf_release(&text);
    return ok;
}

static bool note_version(const struct init *in, int version, struct error *err)
{
    const struct db_value values[] = { db_integer("version", version) };

    if (in->wanted->print)
        return print_version(in->db, version, in->wanted->print, err);
    return db_run(in->db, "schema_add", values, ARRAY_LEN(values), NULL, err);
}

/* Runs or prints one script. */
static bool do_script(struct init *in, const char *script, struct error *err)
{
    if (in->wanted->print)
        return db_script_text(in->db, script, in->wanted->print, err);
    return db_run_script(in->db, script, err);
}

static bool do_source(struct init *in, struct error *err)
{
    if (in->make_source)
        return do_script(in, "source_make", err);
    if (in->wanted->add_columns && in->missing_count)
        return do_script(in, "source_add", err);
    return true;
}

static bool do_upgrades(struct init *in, struct error *err)
{
    size_t i;

    if (in->make_schema && !do_script(in, "schema_make", err))
        return false;
    for (i = 0; i < ARRAY_LEN(upgrades); i++) {
        if (upgrades[i].version <= in->report->version_before)
            continue;
        if (!do_script(in, upgrades[i].script, err) ||
            !note_version(in, upgrades[i].version, err))
            return false;
    }
    return true;
}

static void release(struct init *in)
{
    free(in->columns);
    free(in->missing);
    free(in->made);
    in->columns = NULL;
    in->missing = NULL;
    in->made = NULL;
    in->count = in->missing_count = 0;
}

/* Looks and makes in one transaction, so that of two who begin at the same
 * time the second finds all done. */
static bool body(struct db *db, void *context, struct error *err)
{
    struct init *in = context;
    struct db_init_report *r = in->report;
    bool has_schema = false, ok;

    memset(r, 0, sizeof(*r));
    ok = check_source(in, err) &&
         find_version(db, &r->version_before, &has_schema, err) &&
         (r->version_before <= VERSION_NEWEST ||
          is_newer(r->version_before, err));
    in->make_schema = !has_schema;
    ok = ok && do_source(in, err) && do_upgrades(in, err);
    r->made_source = in->make_source;
    r->added_columns =
        in->wanted->add_columns && !in->make_source ? in->missing_count : 0;
    r->version = VERSION_NEWEST;
    release(in);
    return ok;
}

bool db_init(struct db *db, const struct db_init *wanted,
             struct db_init_report *report, struct error *err)
{
    struct init in = { .db = db, .wanted = wanted, .report = report };

    return wanted->print ? body(db, &in, err)
                         : db_transaction(db, "init", body, &in, NULL, err);
}

bool db_check_schema(struct db *db, struct error *err)
{
    bool has_schema = false;
    int version;

    if (!find_version(db, &version, &has_schema, err))
        return false;
    if (version > VERSION_NEWEST)
        return is_newer(version, err);
    if (version == VERSION_NEWEST)
        return true;
    return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                      version
                          ? "vitae's tables are of an older version; run "
                            "vitae init to upgrade them"
                          : "vitae's tables are not there, or this login may "
                            "not see them; run vitae init, or have a DBA "
                            "run what vitae init --grants USER prints");
}

/* *schema: in out, "" = the name has none. */
static bool schema_of(const struct db *db, const char *brace,
                      struct strbuf *out, const char **schema,
                      struct error *err)
{
    const char *name = names_find(&db->names, brace, strlen(brace))->text;
    size_t parts[4], count = 0;

    if (!dialect_split(name, out, parts, &count, err))
        return false;
    *schema = count > 1 ? out->data + parts[count - 2] : "";
    return true;
}

static bool grant_schema(struct db *db, const char *schema, struct strbuf *out,
                         struct error *err)
{
    return !schema[0] || (db_set_column(db, "granted_schema", schema, err) &&
                          db_script_text(db, "grants_schema", out, err));
}

/* PostgreSQL alone asks for a right on the schemas, the user's and ours. */
static bool grant_schemas(struct db *db, struct strbuf *out, struct error *err)
{
    const char *theirs = "", *ours = "";
    struct strbuf source, own;
    bool ok;

    strbuf_init(&source, 8 * KIB);
    strbuf_init(&own, 8 * KIB);
    ok = schema_of(db, "source", &source, &theirs, err) &&
         schema_of(db, "status", &own, &ours, err) &&
         grant_schema(db, theirs, out, err) &&
         (strcmp(theirs, ours) == 0 || grant_schema(db, ours, out, err));
    strbuf_release(&source);
    strbuf_release(&own);
    return ok;
}

bool db_grants(struct db *db, const char *table, const char *user,
               struct strbuf *out, struct error *err)
{
    struct db_catalogue_column *columns = NULL;
    size_t count = 0;
    bool ok = db_catalogue(db, table, &columns, &count, err);

    free(columns);
    return ok && db_set_name(db, "source", table, err) &&
           db_set_name(db, "user", user, err) &&
           (db->engine != DB_POSTGRESQL || grant_schemas(db, out, err)) &&
           db_script_text(db, "grants", out, err);
}

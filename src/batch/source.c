#include "batch/source.h"

#include "base/log.h"
#include "base/text.h"

static const struct db_catalogue_column *find(
    const struct db_catalogue_column *columns, size_t count, const char *name)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (ascii_equal_nocase(columns[i].name, name))
            return &columns[i];
    return NULL;
}

static bool missing(const struct source_settings *s, const char *setting,
                    const char *column, struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_DATABASE,
                      "the table %s has no column %s; name the right one "
                      "with source.%s=, or run vitae init --add-columns",
                      s->table, column, setting);
}

/* The key's type as a CAST wants it: its word, with its width. */
static bool set_key_type(struct db *db, const struct db_catalogue_column *key,
                         struct error *err)
{
    if (!key)
        return error_set(err, ERROR_SETUP, "the table has no key");
    return db_set_fragment(db, "key_type", key->cast, err);
}

/* What wakes a dead or skipped record: its row changed since. */
static bool set_changed(struct db *db,
                        const struct db_catalogue_column *changed,
                        struct error *err)
{
    if (!changed)
        return db_set_fragment(db, "changed_guard", "", err) &&
               db_set_fragment(db, "changed_value", "NULL", err);
    if (!db_set_column(db, "changed", changed->name, err))
        return false;
    return db_set_fragment(db, "changed_guard",
                           "AND (c.{changed} IS NULL"
                           " OR i.source_changed = c.{changed})",
                           err) &&
           db_set_fragment(db, "changed_value", "c.{changed}", err);
}

static bool set_order(struct db *db, const struct source_settings *s,
                      bool changed, struct error *err)
{
    const char *order = s->order_by && s->order_by[0] ? s->order_by
                        : changed                     ? "c.{changed} DESC"
                                                      : "c.{key}";
    struct strbuf where;
    bool ok;

    strbuf_init(&where, 64 * KIB);
    if (s->where && s->where[0])
        strbuf_addf(&where, "AND (%s)", s->where);
    ok = strbuf_ok(&where) ? db_set_fragment(db, "order", order, err) &&
                                 db_set_fragment(db, "where", where.data, err)
                           : error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                                        "source.where is too long");
    strbuf_release(&where);
    return ok;
}

static bool set_names(struct db *db, const struct source_settings *s,
                      const struct db_catalogue_column *columns, size_t count,
                      struct error *err)
{
    const struct {
        const char *setting, *brace, *column;
    } needed[] = {
        { "id_column", "key", s->id_column },
        { "text_column", "text", s->text_column },
        { "processed_column", "processed", s->processed_column },
    };
    const struct db_catalogue_column *changed = NULL;
    size_t i;

    if (!db_set_name(db, "source", s->table, err))
        return false;
    for (i = 0; i < ARRAY_LEN(needed); i++) {
        const struct db_catalogue_column *c =
            find(columns, count, needed[i].column);

        if (!c)
            return missing(s, needed[i].setting, needed[i].column, err);
        if (!db_set_column(db, needed[i].brace, c->name, err))
            return false;
    }
    if (s->custom_column && !db_set_column(db, "custom", s->custom_column, err))
        return false;
    if (!db_set_fragment(db, "custom_value",
                         s->custom_column ? "c.{custom}" : "NULL", err))
        return false;
    if (s->changed_column && s->changed_column[0])
        changed = find(columns, count, s->changed_column);
    return set_key_type(db, find(columns, count, s->id_column), err) &&
           set_changed(db, changed, err) &&
           set_order(db, s, changed != NULL, err);
}

bool source_names(struct db *db, const struct source_settings *source,
                  struct error *err)
{
    struct db_catalogue_column *columns = NULL;
    size_t count = 0;
    bool ok;

    if (!db_catalogue(db, source->table, &columns, &count, err))
        return false;
    ok = set_names(db, source, columns, count, err);
    free(columns);
    return ok;
}

static void set_target(struct value_target *t,
                       const struct db_catalogue_column *c)
{
    t->present = true;
    t->is_date = c->is_date;
    t->is_number = c->is_number;
    t->is_whole = c->is_number && strstr(c->type, "int");
    t->width = c->is_text ? c->width : 0;
    t->unit = c->byte_width    ? TEXT_BYTES
              : c->utf16_width ? TEXT_UTF16
                               : TEXT_CHARACTERS;
}

/* A column that refuses the values would cost every record that has one. */
static bool takes(const struct db_catalogue_column *c, enum column_type type)
{
    static const struct {
        bool date, number, boolean;
    } fits[] = {
        [COLUMN_TEXT] = { false, true, false },
        [COLUMN_LIST] = { false, true, false },
        [COLUMN_MONTH] = { true, false, false },
        [COLUMN_NUMBER] = { false, true, false },
        [COLUMN_BOOLEAN] = { false, true, true },
    };

    return c->is_text || (c->is_date && fits[type].date) ||
           (c->is_number && fits[type].number) ||
           (c->is_boolean && fits[type].boolean);
}

static bool wanted(const struct column *column)
{
    return column->enabled && column->rule != COLUMN_NEVER;
}

/* Maps the profile's columns; what is left out is said once, together. */
static bool map_columns(struct worker *w,
                        const struct db_catalogue_column *columns, size_t count,
                        struct error *err)
{
    size_t n = w->profile->column_count, used = 0, i;
    struct db_column *list = calloc(n ? n : 1, sizeof(*list));
    struct strbuf absent, misfit;
    bool ok;

    if (!list)
        return error_memory(err);
    strbuf_init(&absent, 600);
    strbuf_init(&misfit, 600);
    for (i = 0; i < n; i++) {
        const struct column *column = &w->profile->columns[i];
        const struct db_catalogue_column *c =
            find(columns, count, column->name);

        if (!wanted(column))
            continue;
        if (!c || c->is_computed) {
            strbuf_addf(&absent, " %s", column->name);
            continue;
        }
        if (!takes(c, column->type)) {
            strbuf_addf(&misfit, " %s(%s)", column->name, c->type);
            w->targets[i].misfit = true;
            continue;
        }
        set_target(&w->targets[i], c);
        list[used].name = c->name;
        list[used].path = column->key;
        list[used].type = c->cast;
        list[used].rule = column->rule == COLUMN_FILL;
        used++;
    }
    if (absent.len)
        log_warn("columns_left_out", "table=%s columns=%s",
                 w->settings.source->table, absent.data + 1);
    if (misfit.len)
        log_warn("columns_of_another_type", "table=%s columns=%s",
                 w->settings.source->table, misfit.data + 1);
    ok = db_set_columns(w->db, "values", list, used, err);
    strbuf_release(&absent);
    strbuf_release(&misfit);
    free(list);
    return ok;
}

bool source_map(struct worker *w, struct error *err)
{
    const struct source_settings *s = w->settings.source;
    struct db_catalogue_column *columns = NULL;
    size_t count = 0;
    bool ok;

    if (!db_catalogue(w->db, s->table, &columns, &count, err))
        return false;
    w->targets = calloc(w->profile->column_count + 1, sizeof(*w->targets));
    ok = w->targets ? set_names(w->db, s, columns, count, err) &&
                          map_columns(w, columns, count, err)
                    : error_memory(err);
    free(columns);
    return ok;
}

static void assume(struct db_catalogue_column *c, const struct db *db,
                   const char *name, const char *type)
{
    /* Unquoted names are lower case there. */
    if (db_engine(db) == DB_POSTGRESQL)
        ascii_lower(name, c->name, sizeof(c->name));
    else
        snprintf(c->name, sizeof(c->name), "%s", name);
    snprintf(c->type, sizeof(c->type), "%s", type);
    snprintf(c->cast, sizeof(c->cast), "%s", type);
    c->is_text = true;
}

bool source_assume(struct worker *w, struct error *err)
{
    const struct source_settings *s = w->settings.source;
    const char *text = db_engine(w->db) == DB_MSSQL ? "nvarchar(max)" : "text";
    const char *names[] = { s->id_column, s->text_column, s->processed_column,
                            s->changed_column };
    struct db_catalogue_column *columns;
    struct db_catalogue_column table = { .name = "" };
    struct source_settings assumed = *s;
    size_t count = 0, i;
    bool ok;

    columns =
        calloc(w->profile->column_count + ARRAY_LEN(names), sizeof(*columns));
    w->targets = calloc(w->profile->column_count + 1, sizeof(*w->targets));
    for (i = 0; columns && i < ARRAY_LEN(names); i++)
        if (names[i] && names[i][0])
            assume(&columns[count++], w->db, names[i], i ? text : "int");
    for (i = 0; columns && i < w->profile->column_count; i++)
        assume(&columns[count++], w->db, w->profile->columns[i].name, text);
    assume(&table, w->db, s->table, text);
    assumed.table = table.name;
    ok = columns && w->targets
             ? set_names(w->db, &assumed, columns, count, err) &&
                   map_columns(w, columns, count, err)
             : error_memory(err);
    free(columns);
    return ok;
}

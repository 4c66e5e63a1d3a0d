#include "db/rights.h"

#include <string.h>

#include "base/jsonw.h"
#include "db/odbc.h"

/* Of our own tables; sql/schema/grants.sql gives these and what a purge
 * needs. */
static const struct {
    const char *brace;
    const char *rights[4];
} own[] = {
    { "status", { "SELECT", "INSERT", "UPDATE" } },
    { "item", { "SELECT", "INSERT", "UPDATE" } },
    { "claim", { "SELECT", "INSERT", "UPDATE", "DELETE" } },
    { "before", { "SELECT", "INSERT" } },
    { "event", { "INSERT" } },
};

/* Columns of the user's table beside those that the profile maps. */
static const struct {
    const char *brace;
    bool is_written;
} columns[] = {
    { "processed", true },
    { "key", false },
    { "text", false },
};

static const char *name_of(const struct db *db, const char *brace)
{
    return names_find(&db->names, brace, strlen(brace))->text;
}

static void add_need(struct jsonw *json, const char *right, const char *table,
                     const char *column)
{
    jsonw_object(json, NULL);
    jsonw_text(json, "r", right);
    jsonw_text(json, "t", table);
    jsonw_text(json, "c", column);
    jsonw_end_object(json);
}

/* Column by column: rights may be given so. */
static bool add_source(struct db *db, struct jsonw *json, const char *right,
                       struct error *err)
{
    const struct name_list *values = names_find_list(&db->names, "values", 6);
    bool writes = strcmp(right, "UPDATE") == 0;
    const char *table = name_of(db, "source");
    struct strbuf split;
    size_t parts[4], count, i;
    bool ok = true;

    strbuf_init(&split, 8 * KIB);
    for (i = 0; ok && i < ARRAY_LEN(columns); i++) {
        if (writes && !columns[i].is_written)
            continue;
        ok = dialect_split(name_of(db, columns[i].brace), &split, parts, &count,
                           err);
        if (ok)
            add_need(json, right, table, split.data + parts[count - 1]);
        strbuf_clear(&split);
    }
    for (i = 0; ok && values && i < values->count; i++)
        add_need(json, right, table, values->columns[i].name);
    strbuf_release(&split);
    return ok;
}

static bool add_needs(struct db *db, struct strbuf *out, struct error *err)
{
    struct jsonw json;
    size_t i, j;

    jsonw_init(&json, out);
    jsonw_array(&json, NULL);
    if (!add_source(db, &json, "SELECT", err) ||
        !add_source(db, &json, "UPDATE", err))
        return false;
    for (i = 0; i < ARRAY_LEN(own); i++)
        for (j = 0; j < ARRAY_LEN(own[i].rights) && own[i].rights[j]; j++)
            add_need(&json, own[i].rights[j], name_of(db, own[i].brace), NULL);
    jsonw_end_array(&json);
    return strbuf_ok(out) || error_memory(err);
}

#define SHOWN_BYTES 240 /* of the sentence: the cure needs room as well */

/* What is missing, as a sentence's middle: columns of one right together. */
struct missing {
    struct strbuf text;
    char user[132];
    char last[700]; /* right and table shown last */
    size_t columns; /* of it */
    size_t hidden;  /* rights or columns that found no room */
};

static void show(struct missing *m, const char *what, const char *column)
{
    if (strcmp(what, m->last) != 0) {
        if (m->columns)
            strbuf_addc(&m->text, ')');
        strbuf_addf(&m->text, "%s%s", m->text.len ? ", " : "", what);
        snprintf(m->last, sizeof(m->last), "%s", what);
        m->columns = 0;
    }
    if (column)
        strbuf_addf(&m->text, "%s%s", m->columns++ ? ", " : " (", column);
}

static bool take_missing(void *context, const struct db_rows *row,
                         struct error *err)
{
    struct missing *m = context;
    const char *right = db_rows_text(row, 0, NULL);
    const char *table = db_rows_text(row, 1, NULL);
    const char *user = db_rows_text(row, 3, NULL);
    char what[sizeof(m->last)];

    (void)err;
    snprintf(m->user, sizeof(m->user), "%s", user ? user : "USER");
    snprintf(what, sizeof(what), "%s on %s", right ? right : "a right",
             table ? table : "a table");
    if (m->text.len > SHOWN_BYTES)
        m->hidden++;
    else
        show(m, what, db_rows_text(row, 2, NULL));
    return true;
}

static bool tell(struct missing *m, struct error *err)
{
    if (m->columns)
        strbuf_addc(&m->text, ')');
    if (m->hidden)
        strbuf_addf(&m->text, " and %zu more", m->hidden);
    error_exit(err, ERROR_SETUP, EXIT_DATABASE,
               "the user %.100s lacks %.300s; a DBA gives it with what vitae "
               "init --grants %.60s prints",
               m->user, m->text.data, m->user);
    error_code(err, "rights");
    return false;
}

bool db_check_rights(struct db *db, struct error *err)
{
    struct missing m = { .columns = 0 };
    struct strbuf needs;
    int64_t rows = 0;
    bool ok;

    if (db->engine == DB_SQLITE)
        return true;
    strbuf_init(&needs, 1 * MIB);
    strbuf_init(&m.text, 4 * KIB);
    ok = add_needs(db, &needs, err);
    if (ok) {
        const struct db_value values[] = {
            db_text_len("needs", needs.data, needs.len),
        };

        ok = db_each(db, "rights", values, ARRAY_LEN(values), take_missing, &m,
                     &rows, err);
    }
    if (ok && rows)
        ok = tell(&m, err);
    strbuf_release(&needs);
    strbuf_release(&m.text);
    return ok;
}

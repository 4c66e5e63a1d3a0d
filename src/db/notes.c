#include "db/notes.h"

#include <string.h>

#include "db/odbc.h"
#include "db/statements.h"

struct notes {
    db_note *note;
    void *context;
};

static bool pass_on(void *context, const struct db_rows *row, struct error *err)
{
    struct notes *n = context;
    const char *severity = db_rows_text(row, 0, NULL);
    const char *text = db_rows_text(row, 1, NULL);

    (void)err;
    if (severity && text)
        n->note(n->context, strcmp(severity, "spoils") == 0, text);
    return true;
}

/* The catalogue's name of the table, as SQL writes it. */
static bool real_name(struct db *db, struct strbuf *out, struct error *err)
{
    const struct name *source = names_find(&db->names, "source", 6);

    if (!source)
        return error_set(err, ERROR_SETUP, "the table is not set");
    strbuf_adds(out, source->text);
    return strbuf_ok(out) || error_memory(err);
}

/* Also the last part of the name alone, which SQLite asks by. */
static bool look(struct db *db, const char *table, const char *key,
                 struct strbuf *real, struct strbuf *split, struct notes *n,
                 struct error *err)
{
    static const char *const statements[] = {
        "notes_table",
        "notes_replication",
        "notes_security",
        "notes_database",
    };
    size_t parts[4], count, i;

    if (!real_name(db, real, err) ||
        !dialect_split(table, split, parts, &count, err))
        return false;
    for (i = 0; i < ARRAY_LEN(statements); i++) {
        const struct db_value values[] = {
            db_text("real", real->data),
            db_text("table", split->data + parts[count - 1]),
            db_text("key", key),
        };

        if (!statement_text(statements[i], db->engine) ||
            db_each(db, statements[i], values, ARRAY_LEN(values), pass_on, n,
                    NULL, err))
            continue;
        if (err->kind != ERROR_SETUP || !db->is_connected)
            return false;
    }
    return true;
}

bool db_notes(struct db *db, const char *table, const char *key, db_note *note,
              void *context, struct error *err)
{
    struct notes n = { note, context };
    struct strbuf real, split;
    bool ok;

    strbuf_init(&real, 8 * KIB);
    strbuf_init(&split, 8 * KIB);
    ok = look(db, table, key, &real, &split, &n, err);
    strbuf_release(&real);
    strbuf_release(&split);
    return ok;
}

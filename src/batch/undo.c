#include "batch/undo.h"

#include "base/json.h"

#define CHUNK 100

struct record {
    char *userid; /* owned, all three */
    char *old_values;
    char *new_values;
};

struct undo {
    struct worker *w;
    const struct batch *b;
    struct record *list; /* owned */
    size_t count, size;
    size_t first; /* of the chunk in hand */
};

static char *copy(const struct db_rows *row, size_t column)
{
    const char *s = db_rows_text(row, column, NULL);

    return strdup(s ? s : "{}");
}

static bool add_record(void *context, const struct db_rows *row,
                       struct error *err)
{
    struct undo *u = context;
    struct record *r;

    if (u->count == u->size) {
        size_t size = u->size ? u->size * 2 : CHUNK;
        void *list = realloc(u->list, size * sizeof(*u->list));

        if (!list)
            return error_memory(err);
        u->list = list;
        u->size = size;
    }
    r = &u->list[u->count++];
    r->userid = copy(row, 0);
    r->old_values = copy(row, 1);
    r->new_values = copy(row, 2);
    return r->userid && r->old_values && r->new_values ? true
                                                       : error_memory(err);
}

/* Of strings and numbers alike; NULL for null. */
static const char *value_text(struct json_object *values, const char *key)
{
    struct json_object *o = json_get(values, key);

    return o ? json_object_get_string(o) : NULL;
}

/* "old_KEY" and "new_KEY" of every column; a column without both is given
 * what makes the statement leave it alone. */
static size_t pair(const struct column *c, struct json_object *old_values,
                   struct json_object *new_values, char (*names)[2][128],
                   struct db_value *values, size_t n)
{
    snprintf((*names)[0], sizeof((*names)[0]), "old_%.120s", c->key);
    snprintf((*names)[1], sizeof((*names)[1]), "new_%.120s", c->key);
    values[n] = db_text((*names)[0], value_text(old_values, c->key));
    values[n + 1] = db_text((*names)[1], value_text(new_values, c->key));
    return n + 2;
}

static bool undo_values(struct undo *u, struct db *db, const struct record *r,
                        struct json_object *old_values,
                        struct json_object *new_values, struct error *err)
{
    size_t columns = u->w->profile->column_count, n = 0, i;
    char(*names)[2][128] = calloc(columns + 1, sizeof(*names));
    struct db_value *values = calloc(2 * columns + 2, sizeof(*values));
    bool ok = false;

    if (names && values) {
        values[n++] = db_text("userid", r->userid);
        values[n++] = db_text("batch", u->b->key);
        for (i = 0; i < columns; i++)
            n = pair(&u->w->profile->columns[i], old_values, new_values,
                     &names[i], values, n);
        ok = db_run(db, "undo_row", values, n, NULL, err) &&
             db_run(db, "undo_item", values, 2, NULL, err) &&
             db_run(db, "undo_forget", values, 2, NULL, err);
    } else {
        error_memory(err);
    }
    free(names);
    free(values);
    return ok;
}

static bool undo_record(struct undo *u, struct db *db, const struct record *r,
                        struct error *err)
{
    struct json_object *old_values =
        json_parse(r->old_values, strlen(r->old_values), err);
    struct json_object *new_values =
        old_values ? json_parse(r->new_values, strlen(r->new_values), err)
                   : NULL;
    bool ok = new_values && undo_values(u, db, r, old_values, new_values, err);

    json_free(old_values);
    json_free(new_values);
    return ok;
}

static bool undo_body(struct db *db, void *context, struct error *err)
{
    struct undo *u = context;
    size_t i;

    for (i = u->first; i < u->count && i < u->first + CHUNK; i++)
        if (!undo_record(u, db, &u->list[i], err))
            return false;
    return true;
}

static void undo_release(struct undo *u)
{
    while (u->count) {
        struct record *r = &u->list[--u->count];

        free(r->userid);
        free(r->old_values);
        free(r->new_values);
    }
    free(u->list);
}

bool undo_batch(struct worker *w, const struct batch *b, int64_t *records,
                struct error *err)
{
    const struct db_value values[] = { db_text("batch", b->key) };
    struct undo u = { .w = w, .b = b };
    bool ok;

    if (b->status != BATCH_CLOSED)
        return error_exit(err, ERROR_REJECT, EXIT_USAGE,
                          "batch %s is %s: only a closed batch can be undone",
                          b->key, batch_status_name(b->status));
    ok = db_each(w->db, "undo_list", values, ARRAY_LEN(values), add_record, &u,
                 NULL, err);
    *records = (int64_t)u.count;
    for (; ok && u.first < u.count; u.first += CHUNK)
        ok = db_transaction(w->db, "undo", undo_body, &u, NULL, err);
    undo_release(&u);
    return ok ? ok : error_context(err, "undoing batch %s", b->key);
}

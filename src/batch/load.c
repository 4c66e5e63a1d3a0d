#include "batch/load.h"

struct load {
    const struct load_item *items;
    size_t count;
    int64_t added;
};

static bool read_id(void *context, const struct db_rows *row, struct error *err)
{
    (void)err;
    snprintf(context, 32, "%lld", (long long)db_rows_integer(row, 0));
    return true;
}

static bool insert_one(struct db *db, const struct load_item *item,
                       int64_t *added, struct error *err)
{
    char next[32] = "1";
    struct db_value values[2];

    if (!item->id &&
        !db_each(db, "load_next", NULL, 0, read_id, next, NULL, err))
        return false;
    values[0] = db_text("id", item->id ? item->id : next);
    values[1] = db_text_len("text", item->text, item->len);
    return db_run(db, "load_insert", values, ARRAY_LEN(values), added, err);
}

static bool load_body(struct db *db, void *context, struct error *err)
{
    struct load *load = context;
    size_t i;

    load->added = 0;
    for (i = 0; i < load->count; i++) {
        int64_t changed = 0;

        if (!insert_one(db, &load->items[i], &changed, err))
            return false;
        load->added += changed > 0;
    }
    return true;
}

bool load_texts(struct db *db, const struct load_item *items, size_t count,
                int64_t *added, struct error *err)
{
    struct load load = { items, count, 0 };

    if (db_engine(db) != DB_SQLITE)
        return error_exit(err, ERROR_SETUP, EXIT_USAGE,
                          "vitae load fills the embedded SQLite database "
                          "only; a server's table belongs to its own "
                          "applications");
    if (!db_transaction(db, "load", load_body, &load, NULL, err))
        return error_context(err, "loading");
    *added += load.added;
    return true;
}

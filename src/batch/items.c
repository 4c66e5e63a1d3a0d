#include "batch/items.h"

#define BLOCK (64 * KIB)

struct arena_block {
    struct arena_block *next; /* owned */
    size_t used, size;
    char data[];
};

const char *items_copy(struct items *items, const char *s)
{
    size_t len = strlen(s) + 1;
    struct arena_block *b = items->arena;
    char *copy;

    if (!b || b->size - b->used < len) {
        size_t size = len > BLOCK ? len : BLOCK;

        b = malloc(sizeof(*b) + size);
        if (!b)
            return NULL;
        b->next = items->arena;
        b->used = 0;
        b->size = size;
        items->arena = b;
    }
    copy = b->data + b->used;
    memcpy(copy, s, len);
    b->used += len;
    return copy;
}

/* FNV-1a: the keys are ours or the database's, and bounded in number. */
static uint64_t hash(const char *s)
{
    uint64_t h = 14695981039346656037u;

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211u;
    return h ^ h >> 32;
}

static struct item *look_up(const struct items *items, const uint32_t *table,
                            size_t offset, const char *s)
{
    size_t i;

    if (!items->slots)
        return NULL;
    for (i = hash(s) & (items->slots - 1); table[i];
         i = (i + 1) & (items->slots - 1)) {
        struct item *item = &items->list[table[i] - 1];
        const char *const *name =
            (const char *const *)(const void *)((const char *)item + offset);

        if (strcmp(*name, s) == 0)
            return item;
    }
    return NULL;
}

struct item *items_by_id(const struct items *items, const char *custom_id)
{
    return look_up(items, items->by_id, offsetof(struct item, custom_id),
                   custom_id);
}

struct item *items_by_key(const struct items *items, const char *userid)
{
    return look_up(items, items->by_key, offsetof(struct item, userid), userid);
}

static void enter(const struct items *items, uint32_t *table, const char *s,
                  size_t index)
{
    size_t i = hash(s) & (items->slots - 1);

    while (table[i])
        i = (i + 1) & (items->slots - 1);
    table[i] = (uint32_t)index + 1;
}

static bool make_tables(struct items *items, struct error *err)
{
    size_t i;

    items->slots = 64;
    while (items->slots < items->count * 2)
        items->slots *= 2;
    items->by_id = calloc(items->slots, sizeof(*items->by_id));
    items->by_key = calloc(items->slots, sizeof(*items->by_key));
    if (!items->by_id || !items->by_key)
        return error_memory(err);
    for (i = 0; i < items->count; i++) {
        enter(items, items->by_id, items->list[i].custom_id, i);
        enter(items, items->by_key, items->list[i].userid, i);
    }
    return true;
}

static const char *text_of(const struct db_rows *row, size_t column)
{
    const char *s = db_rows_text(row, column, NULL);

    return s ? s : "";
}

static bool grow(struct items *items, struct item **item, struct error *err)
{
    if (items->count == items->size) {
        size_t size = items->size ? items->size * 2 : 256;
        void *list = realloc(items->list, size * sizeof(*items->list));

        if (!list)
            return error_memory(err);
        items->list = list;
        items->size = size;
    }
    *item = &items->list[items->count];
    memset(*item, 0, sizeof(**item));
    return true;
}

static bool add_item(void *context, const struct db_rows *row,
                     struct error *err)
{
    struct items *items = context;
    struct item *item;

    if (!grow(items, &item, err))
        return false;
    item->userid = items_copy(items, text_of(row, 0));
    item->custom_id = items_copy(items, text_of(row, 1));
    item->open = strcmp(text_of(row, 2), "submitted") == 0;
    item->attempt = db_rows_integer(row, 3);
    snprintf(item->hash, sizeof(item->hash), "%s", text_of(row, 4));
    item->flags = items_copy(items, text_of(row, 5));
    item->input_tokens = item->cached_tokens = item->output_tokens = -1;
    if (!item->userid || !item->custom_id || !item->flags)
        return error_memory(err);
    items->count++;
    return true;
}

bool items_load(struct items *items, struct db *db, const char *key,
                struct error *err)
{
    const struct db_value values[] = { db_text("batch", key) };

    memset(items, 0, sizeof(*items));
    return db_each(db, "item_list", values, ARRAY_LEN(values), add_item, items,
                   NULL, err) &&
           make_tables(items, err);
}

static bool add_answered(void *context, const struct db_rows *row,
                         struct error *err)
{
    struct items *items = context;
    struct item *item;

    if (!grow(items, &item, err))
        return false;
    item->userid = items_copy(items, text_of(row, 0));
    item->custom_id = item->userid;
    snprintf(item->hash, sizeof(item->hash), "%s", text_of(row, 1));
    if (!item->userid)
        return error_memory(err);
    items->count++;
    return true;
}

bool items_load_answered(struct items *items, struct db *db,
                         const struct batch *b, struct error *err)
{
    const struct db_value values[] = {
        db_text("batch", b->key),
        db_text("profile_hash", b->profile_hash),
        db_text("model", b->model),
    };

    memset(items, 0, sizeof(*items));
    return db_each(db, "build_answered", values, ARRAY_LEN(values),
                   add_answered, items, NULL, err) &&
           make_tables(items, err);
}

void items_release(struct items *items)
{
    while (items->arena) {
        struct arena_block *next = items->arena->next;

        free(items->arena);
        items->arena = next;
    }
    free(items->list);
    free(items->by_id);
    free(items->by_key);
    memset(items, 0, sizeof(*items));
}

#include "extract/bounded.h"

/* Where a column says nothing: characters, and items of a list. */
#define TEXT_LENGTH 500
#define ITEM_LENGTH 60
#define MONTH_LENGTH 20
#define LIST_ITEMS 20
#define PLACES 2048

struct bound {
    const struct json_node *at; /* the schema object to put it into */
    bool items;                 /* maxItems, else maxLength */
    int64_t most;
};

struct bounds {
    const struct json_node *root;
    struct bound rows[PLACES];
    size_t count;
};

/* Keeps the largest. */
static void add_bound(struct bounds *b, const struct json_node *at, bool items,
                      int64_t most)
{
    size_t i;

    for (i = 0; i < b->count; i++)
        if (b->rows[i].at == at) {
            if (b->rows[i].most < most)
                b->rows[i].most = most;
            return;
        }
    if (at && b->count < PLACES)
        b->rows[b->count++] =
            (struct bound){ .at = at, .items = items, .most = most };
}

static int64_t text_length(const struct column *c)
{
    if (c->type == COLUMN_MONTH)
        return MONTH_LENGTH;
    if (c->limit)
        return c->limit;
    return c->width ? c->width : TEXT_LENGTH;
}

/* One step of a pointer, from schema to schema; NULL where the schema takes
 * a way that isn't followed here ($ref, anyOf). */
static const struct json_node *descend(struct bounds *b,
                                       const struct json_node *at,
                                       const char *step, size_t len)
{
    const struct json_node *items = json_member(at, "items");
    char name[256];

    if (items) {
        add_bound(b, at, true, (int64_t)strtol(step, NULL, 10) + 1);
        return items;
    }
    if (len >= sizeof(name))
        return NULL;
    memcpy(name, step, len);
    name[len] = '\0';
    return json_member(json_member(at, "properties"), name);
}

static void add_column(struct bounds *b, const struct column *c)
{
    const struct json_node *at = b->root;
    const char *pointer = c->pointer;

    while (at && *pointer == '/') {
        size_t len = strcspn(++pointer, "/");

        at = descend(b, at, pointer, len);
        pointer += len;
    }
    if (c->type == COLUMN_LIST) {
        add_bound(b, at, true, c->limit ? c->limit : LIST_ITEMS);
        add_bound(b, json_member(at, "items"), false, ITEM_LENGTH);
    } else if ((c->type == COLUMN_TEXT || c->type == COLUMN_MONTH) &&
               !json_member(at, "enum")) {
        add_bound(b, at, false, text_length(c));
    }
}

/* The minimal text is walked beside the tree: objects come in its order. */
static void write_bounds(const struct bounds *b, const char *at,
                         const char *end, struct strbuf *out)
{
    size_t i;

    while (at < end) {
        size_t n = *at == '"' ? json_extent(at, (size_t)(end - at)) : 1;

        if (!strchr(" \t\r\n", *at))
            strbuf_add(out, at, n);
        for (i = 0; *at == '{' && i < b->count; i++)
            if (b->rows[i].at->text == at)
                strbuf_addf(out, "\"%s\":%lld,",
                            b->rows[i].items ? "maxItems" : "maxLength",
                            (long long)b->rows[i].most);
        at += n;
    }
}

bool bounded_schema(struct profile *p, const struct source *schema,
                    struct error *err)
{
    struct bounds *b = calloc(1, sizeof(*b));
    struct strbuf out;
    size_t i;

    if (!b)
        return error_memory(err);
    b->root = schema->root;
    for (i = 0; i < p->column_count; i++)
        add_column(b, &p->columns[i]);
    strbuf_init(&out, 4 * schema->text.len + PLACES);
    write_bounds(b, schema->text.data, schema->text.data + schema->text.len,
                 &out);
    p->schema_bounded = strbuf_take(&out);
    strbuf_release(&out);
    free(b);
    return p->schema_bounded || error_memory(err);
}

#include "extract/bounded.h"

#include <math.h>

/* Where a column says nothing: characters, and items of a list. */
#define TEXT_LENGTH 500
#define ITEM_LENGTH 60
#define MONTH_LENGTH 20
#define LIST_ITEMS 20
#define PLACES 2048
#define WHOLE_ENOUGH 5 /* width of a range that whole numbers will do for */

enum bound_kind { BOUND_ITEMS, BOUND_LENGTH, BOUND_RANGE };

struct bound {
    const struct json_node *at; /* the schema object to put it into */
    enum bound_kind kind;
    int64_t least, most;
};

struct bounds {
    const struct json_node *root;
    struct bound rows[PLACES];
    size_t count;
};

/* Keeps the largest. */
static void add_bound(struct bounds *b, const struct json_node *at,
                      enum bound_kind kind, int64_t most)
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
            (struct bound){ .at = at, .kind = kind, .most = most };
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
        add_bound(b, at, BOUND_ITEMS, (int64_t)strtol(step, NULL, 10) + 1);
        return items;
    }
    if (len >= sizeof(name))
        return NULL;
    memcpy(name, step, len);
    name[len] = '\0';
    return json_member(json_member(at, "properties"), name);
}

/* A grammar knows bounds of whole numbers only, and a number without bounds
 * runs away; a range as wide as years may do without fractions. */
static void add_range(struct bounds *b, const struct json_node *at,
                      const struct column *c)
{
    if (!c->bounded || !isfinite(c->min) || !isfinite(c->max) ||
        c->max - c->min < WHOLE_ENOUGH || b->count == PLACES)
        return;
    b->rows[b->count++] = (struct bound){ .at = at,
                                          .kind = BOUND_RANGE,
                                          .least = (int64_t)ceil(c->min),
                                          .most = (int64_t)floor(c->max) };
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
        add_bound(b, at, BOUND_ITEMS, c->limit ? c->limit : LIST_ITEMS);
        add_bound(b, json_member(at, "items"), BOUND_LENGTH, ITEM_LENGTH);
    } else if ((c->type == COLUMN_TEXT || c->type == COLUMN_MONTH) &&
               !json_member(at, "enum")) {
        add_bound(b, at, BOUND_LENGTH, text_length(c));
    } else if (c->type == COLUMN_NUMBER && at) {
        add_range(b, at, c);
    }
}

/* The member that goes into the object at `at`, if one does. */
static void write_bound(const struct bounds *b, const char *at,
                        struct strbuf *out)
{
    static const char *const names[] = { "maxItems", "maxLength", "maximum" };
    size_t i;

    for (i = 0; i < b->count; i++) {
        const struct bound *row = &b->rows[i];

        if (row->at->text != at)
            continue;
        if (row->kind == BOUND_RANGE)
            strbuf_addf(out, "\"minimum\":%lld,", (long long)row->least);
        strbuf_addf(out, "\"%s\":%lld,", names[row->kind],
                    (long long)row->most);
    }
}

/* The string at `at` is the "number" of a range's type. */
static bool is_ranged_number(const struct bounds *b, const char *at)
{
    size_t i;

    for (i = 0; i < b->count; i++) {
        const struct json_node *type = json_member(b->rows[i].at, "type");
        const struct json_node *one =
            json_is(type, JSON_ARRAY) ? json_first(type) : type;

        for (; b->rows[i].kind == BOUND_RANGE && one; one = json_next(one)) {
            if (one->text == at + 1 && json_equals(one, "number"))
                return true;
            if (one == type)
                break; /* it has sisters, but they are other members */
        }
    }
    return false;
}

/* The minimal text is walked beside the tree. */
static void write_bounds(const struct bounds *b, const char *at,
                         const char *end, struct strbuf *out)
{
    while (at < end) {
        size_t n = *at == '"' ? json_extent(at, (size_t)(end - at)) : 1;

        if (*at == '"' && is_ranged_number(b, at))
            strbuf_adds(out, "\"integer\"");
        else if (!strchr(" \t\r\n", *at))
            strbuf_add(out, at, n);
        if (*at == '{')
            write_bound(b, at, out);
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

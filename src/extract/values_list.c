#include "extract/values_plan.h"

#include "base/text.h"
#include "extract/rules.h"

/* Whether the item says the same as an earlier one, but for case and
 * accents.  v->folded keeps the folded text of all. */
static bool is_repeat(struct values *v, const struct list *list,
                      struct item *item)
{
    size_t i;

    item->fold_at = v->folded.len;
    text_fold(v->text.data + item->text.at, item->text.len, &v->folded);
    item->fold_len = v->folded.len - item->fold_at;
    for (i = 0; i < list->count; i++) {
        const struct item *other = &list->items[i];

        if (other->fold_len == item->fold_len &&
            !memcmp(v->folded.data + other->fold_at,
                    v->folded.data + item->fold_at, item->fold_len))
            return true;
    }
    return false;
}

static void gather_plain(struct values *v, struct list *list,
                         const struct json_node *array)
{
    const struct json_node *node;

    strbuf_clear(&v->folded);
    for (node = json_first(array); node; node = json_next(node)) {
        struct item *item = &list->items[list->count];
        bool refused;

        if (list->count == VALUES_ITEMS) {
            list->more++;
            continue;
        }
        memset(item, 0, sizeof(*item));
        item->node = node;
        if (node->kind != JSON_STRING)
            list->count += node->kind != JSON_NULL;
        else if (values_clean(v, node, list->rules, &item->text, &refused) &&
                 !is_repeat(v, list, item))
            list->count++;
    }
}

/* Nothing but nulls and null words. */
static bool is_hollow(const struct json_node *object)
{
    const struct json_node *member;

    if (!json_is(object, JSON_OBJECT))
        return false;
    for (member = json_first(object); member; member = json_next(member)) {
        const char *s = member->text;
        size_t len = member->len;

        if (json_is(member, JSON_STRING)) {
            rule_trim(&s, &len);
            if (rule_is_null_word(s, len))
                continue;
        }
        if (!json_is(member, JSON_NULL))
            return false;
    }
    return true;
}

/* What a position's pointer says about months. */
static struct months read_side(struct values *v, const struct json_node *object,
                               const char *pointer)
{
    const struct json_node *node =
        pointer ? json_pointer(object, pointer) : NULL;
    struct months none = { .range = false };
    const char *s;
    size_t len;

    strbuf_clear(&v->scratch);
    if (!node || !json_string(node, &v->scratch))
        return none;
    s = v->scratch.data;
    len = v->scratch.len;
    rule_trim(&s, &len);
    return rule_is_null_word(s, len) ? none : values_months(v, s, len);
}

/* "2014 - 2018" may stand in the start alone, or in both. */
static void read_dates(struct values *v, const struct list *list,
                       struct item *item)
{
    struct months start = read_side(v, item->node, list->start);
    struct months end = read_side(v, item->node, list->end);

    item->start = start.start;
    item->end = end.end;
    if (start.range && !end.end.year && !end.end.present)
        item->end = start.end;
    if (end.range && !start.start.year)
        item->start = end.start;
}

/* Larger is later; unknown months are taken for the year's middle. */
static long month_rank(const struct month *m)
{
    if (m->present)
        return 1000000;
    return m->year * 12L + (m->month ? m->month : 6);
}

/* Positions come the most recent first.  Negative: a before b; 0 where
 * dates don't tell. */
static int compare_positions(const struct item *a, const struct item *b)
{
    long x = month_rank(&a->end), y = month_rank(&b->end);

    if (x == y) {
        x = month_rank(&a->start);
        y = month_rank(&b->start);
    }
    return x > y ? -1 : x < y;
}

/* Stable.  An order is only changed when every position has its dates:
 * else the model's order says more than half of them. */
static void sort_positions(struct list *list)
{
    size_t i, j;

    for (i = 0; i < list->count; i++)
        if (!list->items[i].start.year ||
            !(list->items[i].end.year || list->items[i].end.present))
            return;
    for (i = 1; i < list->count; i++)
        for (j = i;
             j && compare_positions(&list->items[j], &list->items[j - 1]) < 0;
             j--) {
            struct item swap = list->items[j];

            list->items[j] = list->items[j - 1];
            list->items[j - 1] = swap;
            list->sorted = true;
        }
}

static void gather_objects(struct values *v, struct list *list,
                           const struct json_node *array)
{
    const struct json_node *node;

    for (node = json_first(array); node; node = json_next(node)) {
        struct item *item = &list->items[list->count];

        if (is_hollow(node))
            continue;
        if (list->count == VALUES_ITEMS) {
            list->more++;
            continue;
        }
        memset(item, 0, sizeof(*item));
        item->node = node;
        read_dates(v, list, item);
        list->count++;
    }
    if (list->start && list->end)
        sort_positions(list);
}

void values_gather(struct values *v, const struct json_node *root)
{
    size_t i;

    for (i = 0; i < v->list_count; i++) {
        struct list *list = &v->lists[i];
        const struct json_node *array;

        list->count = list->more = 0;
        list->sorted = false;
        if (!list->used)
            continue;
        array = json_pointer(root, list->pointer);
        if (list->plain)
            gather_plain(v, list, array);
        else
            gather_objects(v, list, array);
        if (list->columns && list->count > list->columns)
            list->more += list->count - list->columns;
    }
}

#include "extract/columns.h"

#include <math.h>

#include "base/text.h"
#include "extract/rules.h"
#include "extract/schema.h"

#define COLUMNS_MOST 1000 /* of one profile; SQL Server allows 1,024 */
#define RANGE_MOST 200
#define NAME_MOST 128 /* sysname */

#define BIT(kind) (1u << (kind))

/* Reading columns.json. */
struct reader {
    struct profile *p;
    const struct source *source;
    const struct json_node *lists;
    struct error *err;
};

/* What one row's column name counts over. */
struct range {
    const struct json_node *words; /* a list of names, or NULL */
    int64_t first, count;          /* 0 = no range */
    size_t before, after;          /* of the braces in the name */
};

static bool fault(const struct reader *r, const struct json_node *at,
                  const char *what)
{
    return source_fault(r->source, at, r->err, "%s", what);
}

/* The string, the caller's to free(); NULL with err. */
static char *take_string(const struct reader *r, const struct json_node *node,
                         const char *what)
{
    struct strbuf b;
    char *s = NULL;

    strbuf_init(&b, 4096);
    if (!json_string(node, &b) || strlen(b.data) != b.len)
        fault(r, node, what);
    else if (!(s = strbuf_take(&b)))
        error_memory(r->err);
    strbuf_release(&b);
    return s;
}

/* One of the words, by its index. */
static bool read_word(const struct reader *r, const struct json_node *value,
                      const char *const *words, size_t count, unsigned *index)
{
    struct strbuf all;
    unsigned i;

    for (i = 0; i < count; i++)
        if (json_equals(value, words[i])) {
            *index = i;
            return true;
        }
    strbuf_init(&all, 200);
    for (i = 0; i < count; i++)
        strbuf_addf(&all, "%s%s", i ? ", " : "", words[i]);
    source_fault(r->source, value, r->err, "must be one of %s", all.data);
    strbuf_release(&all);
    return false;
}

static bool read_type(const struct reader *r, struct column *c,
                      const struct json_node *value)
{
    static const char *const words[] = { "text", "list", "month", "number",
                                         "boolean" };
    unsigned i = 0;

    if (!read_word(r, value, words, ARRAY_LEN(words), &i))
        return false;
    c->type = (enum column_type)i;
    return true;
}

static bool read_write(const struct reader *r, struct column *c,
                       const struct json_node *value)
{
    static const char *const words[] = { "overwrite", "fill", "never" };
    unsigned i = 0;

    if (!read_word(r, value, words, ARRAY_LEN(words), &i))
        return false;
    c->rule = (enum column_rule)i;
    return true;
}

static bool read_outside(const struct reader *r, struct column *c,
                         const struct json_node *value)
{
    static const char *const words[] = { "null", "clamp", "reject" };
    unsigned i = 0;

    if (!read_word(r, value, words, ARRAY_LEN(words), &i))
        return false;
    c->outside = (enum column_outside)i;
    return true;
}

static bool read_count(const struct reader *r, int64_t *to,
                       const struct json_node *value)
{
    return (json_integer(value, to) && *to > 0 && *to <= 1000000) ||
           fault(r, value, "must be a whole number from 1 to 1000000");
}

static bool read_width(const struct reader *r, struct column *c,
                       const struct json_node *value)
{
    return read_count(r, &c->width, value);
}

static bool read_limit(const struct reader *r, struct column *c,
                       const struct json_node *value)
{
    return read_count(r, &c->limit, value);
}

static bool read_min(const struct reader *r, struct column *c,
                     const struct json_node *value)
{
    c->bounded = true;
    return json_real(value, &c->min) || fault(r, value, "must be a number");
}

static bool read_max(const struct reader *r, struct column *c,
                     const struct json_node *value)
{
    c->bounded = true;
    return json_real(value, &c->max) || fault(r, value, "must be a number");
}

static bool read_enabled(const struct reader *r, struct column *c,
                         const struct json_node *value)
{
    c->enabled = json_is(value, JSON_TRUE);
    return c->enabled || json_is(value, JSON_FALSE) ||
           fault(r, value, "must be true or false");
}

static bool read_rules(const struct reader *r, struct column *c,
                       const struct json_node *value)
{
    const struct json_node *one;
    size_t n = 0;

    if (!json_is(value, JSON_ARRAY) || value->count > COLUMN_RULES)
        return source_fault(r->source, value, r->err,
                            "rules must be a list of at most %d names",
                            COLUMN_RULES);
    for (one = json_first(value); one; one = json_next(one)) {
        char *name = take_string(r, one, "must be a rule's name");
        const struct rule *rule = name ? rule_find(name) : NULL;

        if (name && !rule)
            source_fault(r->source, one, r->err, "no rule named \"%s\"", name);
        free(name);
        if (!rule)
            return false;
        c->rules[n++] = rule;
    }
    return true;
}

/* read_row() itself reads these two. */
static bool read_later(const struct reader *r, struct column *c,
                       const struct json_node *value)
{
    (void)r;
    (void)c;
    (void)value;
    return true;
}

static const struct {
    const char *name;
    bool (*read)(const struct reader *r, struct column *c,
                 const struct json_node *value);
} members[] = {
    { "column", read_later },    { "from", read_later },
    { "type", read_type },       { "write", read_write },
    { "width", read_width },     { "limit", read_limit },
    { "rules", read_rules },     { "min", read_min },
    { "max", read_max },         { "outside", read_outside },
    { "enabled", read_enabled },
};

static bool read_member(const struct reader *r, struct column *c,
                        const struct json_node *value)
{
    const struct json_node *name = json_name(value);
    size_t i;

    for (i = 0; i < ARRAY_LEN(members); i++)
        if (json_equals(name, members[i].name))
            return members[i].read(r, c, value);
    return source_fault(r->source, value, r->err,
                        "columns have no member \"%.*s\"",
                        (int)(name->len < 40 ? name->len : 40), name->text);
}

/* "Skill{1..10}": from 1, 10 of them.  "{job}Company": the words of job. */
static bool read_range(const struct reader *r, const struct json_node *at,
                       const char *name, struct range *range)
{
    const char *open = strchr(name, '{');
    const char *close = open ? strchr(open, '}') : NULL;
    char word[NAME_MOST];
    int first, last, used = 0;
    size_t len;

    memset(range, 0, sizeof(*range));
    if (!open)
        return true;
    len = close ? (size_t)(close - open) - 1 : 0;
    if (!len || len >= sizeof(word) || strchr(close, '{'))
        return fault(r, at, "the column's name has a wrong {range}");
    range->before = (size_t)(open - name);
    range->after = (size_t)(close - name) + 1;
    memcpy(word, open + 1, len);
    word[len] = '\0';
    if (sscanf(word, "%3d..%3d%n", &first, &last, &used) == 2 &&
        (size_t)used == len) {
        range->first = first;
        range->count = last - first + 1;
        return (first >= 0 && range->count > 0 && range->count <= RANGE_MOST) ||
               fault(r, at, "the column's range is empty or too long");
    }
    range->words = json_member(r->lists, word);
    if (!json_is(range->words, JSON_ARRAY) || !range->words->count ||
        range->words->count > RANGE_MOST)
        return source_fault(r->source, at, r->err, "no list named \"%s\"",
                            word);
    range->count = range->words->count;
    return true;
}

/* The name of the i-th column of a row. */
static char *range_name(const struct reader *r, const struct range *range,
                        const char *name, int64_t i)
{
    struct strbuf b;
    char *s;

    strbuf_init(&b, NAME_MOST);
    strbuf_add(&b, name, range->count ? range->before : strlen(name));
    if (range->words) {
        if (!json_string(json_element(range->words, (size_t)i), &b))
            b.failed = true;
    } else if (range->count) {
        strbuf_addf(&b, "%lld", (long long)(range->first + i));
    }
    if (range->count)
        strbuf_adds(&b, name + range->after);
    s = strbuf_take(&b);
    strbuf_release(&b);
    if (!s)
        error_set(r->err, ERROR_SETUP, "a column's name is too long");
    return s;
}

/* The pointer with i in place of {i}. */
static char *range_pointer(const char *pattern, int64_t i)
{
    const char *at = strstr(pattern, "{i}");
    struct strbuf b;
    char *s;

    strbuf_init(&b, 8192);
    if (at) {
        strbuf_add(&b, pattern, (size_t)(at - pattern));
        strbuf_addf(&b, "%lld%s", (long long)i, at + 3);
    } else {
        strbuf_adds(&b, pattern);
    }
    s = strbuf_take(&b);
    strbuf_release(&b);
    return s;
}

/* The column's member in the JSON of write-back: its name where that is a
 * plain word, else its number. */
static char *make_key(const char *name, size_t number)
{
    size_t len = strlen(name);
    char key[32];

    if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789_") == len)
        return strdup(name);
    snprintf(key, sizeof(key), "column_%zu", number);
    return strdup(key);
}

static const struct {
    unsigned needs; /* one of these kinds */
    const char *what;
} type_needs[] = {
    [COLUMN_TEXT] = { BIT(JSON_STRING), "no string" },
    [COLUMN_LIST] = { BIT(JSON_ARRAY), "no list" },
    [COLUMN_MONTH] = { BIT(JSON_STRING), "no string" },
    [COLUMN_NUMBER] = { BIT(JSON_NUMBER), "no number" },
    [COLUMN_BOOLEAN] = { BIT(JSON_TRUE), "no boolean" },
};

/* The pointer leads to something of the column's type. */
static bool check_pointer(const struct reader *r, const struct json_node *at,
                          const struct column *c)
{
    unsigned kinds;
    struct strbuf item;

    if (r->p->plain)
        return c->type == COLUMN_TEXT ||
               fault(r, at, "columns of a plain profile are text");
    kinds = schema_kinds(r->p->schema, c->pointer);
    if (!kinds)
        return source_fault(r->source, at, r->err,
                            "the schema has nothing at \"%s\"", c->pointer);
    if (c->type == COLUMN_LIST && kinds & BIT(JSON_ARRAY)) {
        strbuf_init(&item, 8192);
        strbuf_addf(&item, "%s/0", c->pointer);
        kinds = schema_kinds(r->p->schema, item.data) & BIT(JSON_STRING)
                    ? BIT(JSON_ARRAY)
                    : 0;
        strbuf_release(&item);
    }
    if (kinds & type_needs[c->type].needs)
        return true;
    return source_fault(r->source, at, r->err, "in the schema \"%s\" is %s",
                        c->pointer, type_needs[c->type].what);
}

static bool check_name(const struct reader *r, const struct json_node *at,
                       const struct column *c)
{
    size_t i;

    for (i = 0; i < r->p->column_count; i++)
        if (ascii_equal_nocase(r->p->columns[i].name, c->name))
            return source_fault(r->source, at, r->err,
                                "column \"%s\" comes twice", c->name);
    return true;
}

static bool add_column(const struct reader *r, const struct json_node *row,
                       const struct column *model, char *name, char *pointer)
{
    struct profile *p = r->p;
    struct column *c = &p->columns[p->column_count];

    *c = *model;
    c->name = name;
    c->pointer = pointer;
    c->key = name ? make_key(name, p->column_count + 1) : NULL;
    if (name && pointer && c->key && check_name(r, row, c) &&
        check_pointer(r, json_member(row, "from"), c)) {
        p->column_count++;
        return true;
    }
    if (!c->key && name)
        error_memory(r->err);
    free(c->key);
    free(name);
    free(pointer);
    return false;
}

static bool add_range(const struct reader *r, const struct json_node *row,
                      struct column *model, const char *name,
                      const char *pointer)
{
    bool counted = strstr(pointer, "{i}") != NULL;
    struct range range;
    int64_t i;

    if (r->p->plain && pointer[0])
        return fault(r, json_member(row, "from"),
                     "a plain answer has no members: \"from\" is \"\"");
    if (!r->p->plain && pointer[0] != '/')
        return fault(r, json_member(row, "from"),
                     "a pointer begins with a slash");
    if (!read_range(r, json_member(row, "column"), name, &range))
        return false;
    if (counted != (range.count > 0))
        return fault(r, row, "{i} in from goes with a range in column");
    for (i = 0; i < (range.count ? range.count : 1); i++) {
        if (r->p->column_count == COLUMNS_MOST)
            return fault(r, row, "too many columns");
        model->position = range.count ? (int)i + 1 : 0;
        if (!add_column(r, row, model, range_name(r, &range, name, i),
                        range_pointer(pointer, i)))
            return false;
    }
    return true;
}

static bool check_bounds(const struct reader *r, const struct json_node *row,
                         const struct column *c)
{
    if (c->bounded && c->type != COLUMN_NUMBER)
        return fault(r, row, "min and max are for numbers");
    if (c->bounded && !(c->min < c->max))
        return fault(r, row, "min must be less than max");
    if (c->rules[0] && c->type != COLUMN_TEXT && c->type != COLUMN_LIST)
        return fault(r, row, "rules are for text and lists");
    return true;
}

static bool read_row(const struct reader *r, const struct json_node *row)
{
    struct column c = { .enabled = true };
    const struct json_node *value;
    char *name = NULL, *pointer = NULL;
    bool good = false;

    if (!json_is(row, JSON_OBJECT))
        return fault(r, row, "a column must be an object");
    if (!json_member(row, "column") || !json_member(row, "from"))
        return fault(r, row, "a column needs \"column\" and \"from\"");
    c.min = -INFINITY;
    c.max = INFINITY;
    c.line = source_line(r->source, row->text);
    for (value = json_first(row); value; value = json_next(value))
        if (!read_member(r, &c, value))
            return false;
    name = take_string(r, json_member(row, "column"), "must be a name");
    if (name && !name[0])
        fault(r, json_member(row, "column"), "must be a name");
    else if (name)
        pointer = take_string(r, json_member(row, "from"), "must be a pointer");
    if (pointer)
        good = check_bounds(r, row, &c) && add_range(r, row, &c, name, pointer);
    free(name);
    free(pointer);
    return good;
}

bool columns_read(struct profile *p, const struct source *source,
                  struct error *err)
{
    struct reader r = { .p = p, .source = source, .err = err };
    const struct json_node *rows = json_member(source->root, "columns");
    const struct json_node *row;

    r.lists = json_member(source->root, "lists");
    if (!json_is(rows, JSON_ARRAY) || !rows->count)
        return source_fault(source, source->root, err,
                            "\"columns\" must be a list of columns");
    p->columns = calloc(COLUMNS_MOST, sizeof(*p->columns));
    if (!p->columns)
        return error_memory(err);
    for (row = json_first(rows); row; row = json_next(row))
        if (!read_row(&r, row))
            return false;
    return true;
}

void columns_release(struct profile *p)
{
    size_t i;

    for (i = 0; i < p->column_count; i++) {
        free(p->columns[i].name);
        free(p->columns[i].pointer);
        free(p->columns[i].key);
    }
    free(p->columns);
    p->columns = NULL;
    p->column_count = 0;
}

bool pointer_fits(const char *pointer, const char *pattern)
{
    while (*pattern) {
        if (!strncmp(pattern, "{i}", 3)) {
            size_t digits = strspn(pointer, "0123456789");

            if (!digits)
                return false;
            pointer += digits;
            pattern += 3;
        } else if (*pointer++ != *pattern++) {
            return false;
        }
    }
    return !*pointer;
}

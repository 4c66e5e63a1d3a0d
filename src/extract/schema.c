#include "extract/schema_node.h"

#include <stdarg.h>

#define SCHEMA_NODES 20000 /* 5000 properties is the largest subset's limit */
#define REFS 64            /* a chain of references */

/* Compiling: which JSON node became which of ours. */
struct compiler {
    struct schema *s;
    const struct json_node *root;
    const struct json_node **origin; /* owned: of each node */
    uint32_t origin_size;
    struct schema_fault *fault;
};

static bool refuse(struct compiler *c, const struct json_node *at,
                   const char *format, ...) PRINTF_LIKE(3, 4);
static bool refuse(struct compiler *c, const struct json_node *at,
                   const char *format, ...)
{
    va_list args;

    c->fault->at = at;
    va_start(args, format);
    vsnprintf(c->fault->what, sizeof(c->fault->what), format, args);
    va_end(args);
    utf8_trim_cut(c->fault->what);
    return false;
}

/* Room for one more row in *rows. */
static bool grow(void *rows, uint32_t count, uint32_t *size, size_t row)
{
    uint32_t larger = *size ? *size * 2 : 32;
    void *old, *grown;

    if (count < *size)
        return true;
    memcpy(&old, rows, sizeof(old));
    grown = realloc(old, larger * row);
    if (!grown)
        return false;
    memcpy(rows, &grown, sizeof(grown));
    *size = larger;
    return true;
}

static char *copy_string(const struct json_node *node, size_t *len)
{
    struct strbuf b;
    char *copy = NULL;

    strbuf_init(&b, node->len + 1);
    if (json_string(node, &b) || !node->len) {
        *len = b.len;
        copy = strbuf_take(&b);
    }
    strbuf_release(&b);
    return copy;
}

/* The node for the schema written at `at`: an old one (of a $ref met
 * before) or a new one, compiled when its turn comes. */
static bool node_for(struct compiler *c, const struct json_node *at,
                     uint32_t *index)
{
    struct schema *s = c->s;
    uint32_t i;

    for (i = s->node_count; i--;)
        if (c->origin[i] == at) {
            *index = i;
            return true;
        }
    if (s->node_count == SCHEMA_NODES)
        return refuse(c, at, "too large a schema");
    if (!grow(&s->nodes, s->node_count, &s->node_size, sizeof(*s->nodes)) ||
        !grow(&c->origin, s->node_count, &c->origin_size, sizeof(*c->origin)))
        return refuse(c, at, "out of memory");
    c->origin[s->node_count] = at;
    s->nodes[s->node_count] = (struct schema_node){ .kinds = ANY_KIND,
                                                    .items = SCHEMA_NONE,
                                                    .ref = SCHEMA_NONE };
    *index = s->node_count++;
    return true;
}

static const struct {
    const char *name;
    unsigned kinds;
} types[] = {
    { "string", KIND_BIT(JSON_STRING) }, { "number", KIND_BIT(JSON_NUMBER) },
    { "integer", INTEGER_BIT },          { "boolean", KIND_BIT(JSON_TRUE) },
    { "object", KIND_BIT(JSON_OBJECT) }, { "array", KIND_BIT(JSON_ARRAY) },
    { "null", KIND_BIT(JSON_NULL) },
};

static bool add_type(struct compiler *c, uint32_t index,
                     const struct json_node *value)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(types); i++)
        if (json_equals(value, types[i].name)) {
            c->s->nodes[index].kinds |= types[i].kinds;
            if (types[i].kinds == KIND_BIT(JSON_TRUE))
                c->s->nodes[index].kinds |= KIND_BIT(JSON_FALSE);
            return true;
        }
    return refuse(c, value, "no such type");
}

static bool read_type(struct compiler *c, uint32_t index,
                      const struct json_node *value)
{
    const struct json_node *one;

    c->s->nodes[index].kinds = 0;
    if (!json_is(value, JSON_ARRAY))
        return add_type(c, index, value);
    if (!value->count)
        return refuse(c, value, "an empty list of types");
    for (one = json_first(value); one; one = json_next(one))
        if (!add_type(c, index, one))
            return false;
    return true;
}

static bool add_choice(struct compiler *c, uint32_t index,
                       const struct json_node *value)
{
    struct schema *s = c->s;
    struct choice choice = { .kind = (enum json_kind)value->kind };
    size_t len = 0;

    if (value->kind == JSON_ARRAY || value->kind == JSON_OBJECT)
        return refuse(c, value, "enum and const hold plain values only");
    if (value->kind == JSON_STRING)
        choice.text = copy_string(value, &len);
    else if (value->kind == JSON_NUMBER)
        choice.text = strndup(value->text, value->len);
    else
        choice.text = strdup("");
    if (!choice.text || !grow(&s->choices, s->choice_count, &s->choice_size,
                              sizeof(*s->choices))) {
        free(choice.text);
        return refuse(c, value, "out of memory");
    }
    if (!s->nodes[index].choice_count++)
        s->nodes[index].first_choice = s->choice_count;
    s->choices[s->choice_count++] = choice;
    return true;
}

static bool read_enum(struct compiler *c, uint32_t index,
                      const struct json_node *value)
{
    const struct json_node *one;

    if (!json_is(value, JSON_ARRAY) || !value->count)
        return refuse(c, value, "enum must be a list with something in it");
    for (one = json_first(value); one; one = json_next(one))
        if (!add_choice(c, index, one))
            return false;
    return true;
}

static bool read_const(struct compiler *c, uint32_t index,
                       const struct json_node *value)
{
    return add_choice(c, index, value);
}

static bool read_items(struct compiler *c, uint32_t index,
                       const struct json_node *value)
{
    uint32_t items;

    if (!node_for(c, value, &items))
        return false;
    c->s->nodes[index].items = items;
    return true;
}

static bool read_any(struct compiler *c, uint32_t index,
                     const struct json_node *value)
{
    struct schema *s = c->s;
    const struct json_node *one;
    uint32_t node;

    if (!json_is(value, JSON_ARRAY) || !value->count)
        return refuse(c, value, "anyOf must be a list with something in it");
    if (index == 0)
        return refuse(c, value, "the root may not be anyOf");
    s->nodes[index].first_any = s->any_count;
    s->nodes[index].any_count = value->count;
    for (one = json_first(value); one; one = json_next(one)) {
        if (!node_for(c, one, &node))
            return false;
        if (!grow(&s->any, s->any_count, &s->any_size, sizeof(*s->any)))
            return refuse(c, one, "out of memory");
        s->any[s->any_count++] = node;
    }
    return true;
}

static bool read_properties(struct compiler *c, uint32_t index,
                            const struct json_node *value)
{
    struct schema *s = c->s;
    const struct json_node *one;
    struct property p;

    if (!json_is(value, JSON_OBJECT))
        return refuse(c, value, "properties must be an object");
    s->nodes[index].first_property = s->property_count;
    s->nodes[index].property_count = value->count;
    for (one = json_first(value); one; one = json_next(one)) {
        if (!node_for(c, one, &p.node))
            return false;
        if (!grow(&s->properties, s->property_count, &s->property_size,
                  sizeof(*s->properties)))
            return refuse(c, one, "out of memory");
        p.name = copy_string(json_name(one), &p.len);
        if (!p.name)
            return refuse(c, one, "out of memory");
        s->properties[s->property_count++] = p;
    }
    return true;
}

static bool read_ref(struct compiler *c, uint32_t index,
                     const struct json_node *value)
{
    const struct json_node *target = NULL;
    struct strbuf b;
    uint32_t ref;

    strbuf_init(&b, 300);
    if (json_string(value, &b) && b.data[0] == '#')
        target = json_pointer(c->root, b.data + 1);
    strbuf_release(&b);
    if (!target)
        return refuse(c, value, "$ref leads nowhere in this file");
    if (!node_for(c, target, &ref))
        return false;
    c->s->nodes[index].ref = ref;
    return true;
}

static bool read_nothing(struct compiler *c, uint32_t index,
                         const struct json_node *value)
{
    (void)c;
    (void)index;
    (void)value;
    return true;
}

static bool read_additional(struct compiler *c, uint32_t index,
                            const struct json_node *value)
{
    (void)index;
    return json_is(value, JSON_FALSE) ||
           refuse(c, value, "additionalProperties must be false");
}

static const struct {
    const char *name;
    bool (*read)(struct compiler *c, uint32_t index,
                 const struct json_node *value);
} keywords[] = {
    { "type", read_type },
    { "enum", read_enum },
    { "const", read_const },
    { "items", read_items },
    { "anyOf", read_any },
    { "properties", read_properties },
    { "additionalProperties", read_additional },
    { "$ref", read_ref },
    { "required", read_nothing }, /* check_object() */
    { "$defs", read_nothing },    /* compiled when referred to */
    { "title", read_nothing },
    { "description", read_nothing },
};

static bool read_keyword(struct compiler *c, uint32_t index,
                         const struct json_node *value)
{
    const struct json_node *name = json_name(value);
    size_t i;

    for (i = 0; i < ARRAY_LEN(keywords); i++)
        if (json_equals(name, keywords[i].name))
            return keywords[i].read(c, index, value);
    return refuse(c, value, "\"%.*s\" is not in the strict subset",
                  (int)(name->len < 40 ? name->len : 40), name->text);
}

/* Strict mode: all properties required, no others allowed. */
static bool check_object(struct compiler *c, const struct json_node *at)
{
    const struct json_node *properties = json_member(at, "properties");
    const struct json_node *required = json_member(at, "required");
    const struct json_node *one;

    if (!properties)
        return refuse(c, at, "an object without properties");
    if (!json_member(at, "additionalProperties"))
        return refuse(c, at, "additionalProperties: false is missing");
    if (!json_is(required, JSON_ARRAY) || required->count != properties->count)
        return refuse(c, required ? required : at,
                      "required must list all properties");
    for (one = json_first(required); one; one = json_next(one)) {
        char name[200];
        struct strbuf b;
        bool known;

        strbuf_init(&b, sizeof(name));
        known = json_string(one, &b) && json_member(properties, b.data);
        strbuf_release(&b);
        if (!known)
            return refuse(c, one, "required names no property");
    }
    return true;
}

/* Says what it is by other means than a type. */
static bool has_other_kind(const struct json_node *at)
{
    static const char *const names[] = { "$ref", "anyOf", "enum", "const" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(names); i++)
        if (json_member(at, names[i]))
            return true;
    return false;
}

static bool compile_node(struct compiler *c, uint32_t index)
{
    const struct json_node *at = c->origin[index];
    const struct json_node *value;

    if (!json_is(at, JSON_OBJECT))
        return refuse(c, at, "a schema must be an object");
    for (value = json_first(at); value; value = json_next(value))
        if (!read_keyword(c, index, value))
            return false;
    if (c->s->nodes[index].kinds == ANY_KIND) /* none was told */
        return has_other_kind(at) || refuse(c, at, "its type is missing");
    if (c->s->nodes[index].kinds & KIND_BIT(JSON_OBJECT))
        return check_object(c, at);
    return true;
}

/* References that lead to each other in a circle. */
static bool check_refs(struct compiler *c)
{
    const struct schema *s = c->s;
    uint32_t i;

    for (i = 0; i < s->node_count; i++) {
        uint32_t at = i;
        int steps = 0;

        while (s->nodes[at].ref != SCHEMA_NONE && steps < REFS) {
            at = s->nodes[at].ref;
            steps++;
        }
        if (steps == REFS)
            return refuse(c, c->origin[i], "$ref leads in a circle");
    }
    return true;
}

static bool compile(struct compiler *c)
{
    uint32_t index;

    if (!node_for(c, c->root, &index))
        return false;
    for (index = 0; index < c->s->node_count; index++)
        if (!compile_node(c, index))
            return false;
    if (c->s->nodes[0].kinds != KIND_BIT(JSON_OBJECT))
        return refuse(c, c->root, "the root's type must be \"object\"");
    return check_refs(c);
}

bool schema_new(struct schema **s, const struct json_node *root,
                struct schema_fault *fault)
{
    struct compiler c = { .root = root, .fault = fault };

    *s = NULL;
    c.s = calloc(1, sizeof(*c.s));
    if (!c.s)
        return refuse(&c, root, "out of memory");
    if (compile(&c))
        *s = c.s;
    else
        schema_free(c.s);
    free(c.origin);
    return *s != NULL;
}

void schema_free(struct schema *s)
{
    uint32_t i;

    if (!s)
        return;
    for (i = 0; i < s->property_count; i++)
        free(s->properties[i].name);
    for (i = 0; i < s->choice_count; i++)
        free(s->choices[i].text);
    free(s->nodes);
    free(s->properties);
    free(s->choices);
    free(s->any);
    free(s);
}

#include "extract/schema.h"

#include <math.h>
#include <stdarg.h>

#define SCHEMA_NONE UINT32_MAX
#define SCHEMA_NODES 20000 /* 5000 properties is the largest subset's limit */
#define FRAMES 512         /* nesting of documents and anyOf together */
#define REFS 64            /* a chain of references */
#define ABSURD_LENGTH 40
#define ABSURD_SIZE 1e15

#define BIT(kind) (1u << (kind))
#define INTEGER_BIT (1u << 16) /* a number, but whole */
#define ANY_KIND                                                               \
    (BIT(JSON_NULL) | BIT(JSON_FALSE) | BIT(JSON_TRUE) | BIT(JSON_NUMBER) |    \
     BIT(JSON_STRING) | BIT(JSON_ARRAY) | BIT(JSON_OBJECT))

struct choice {
    char *text; /* owned: a string's value, a number's text */
    enum json_kind kind;
};

struct property {
    char *name; /* owned */
    size_t len;
    uint32_t node;
};

struct schema_node {
    unsigned kinds; /* bits of enum json_kind, and INTEGER_BIT */
    uint32_t items; /* SCHEMA_NONE: anything */
    uint32_t ref;   /* look there instead */
    uint32_t first_property, property_count;
    uint32_t first_choice, choice_count; /* enum and const */
    uint32_t first_any, any_count;       /* anyOf: rows of any */
};

struct schema {
    struct schema_node *nodes; /* owned, all of them; nodes[0] is the root */
    uint32_t node_count, node_size;
    struct property *properties;
    uint32_t property_count, property_size;
    struct choice *choices;
    uint32_t choice_count, choice_size;
    uint32_t *any;
    uint32_t any_count, any_size;
};

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
    { "string", BIT(JSON_STRING) }, { "number", BIT(JSON_NUMBER) },
    { "integer", INTEGER_BIT },     { "boolean", BIT(JSON_TRUE) },
    { "object", BIT(JSON_OBJECT) }, { "array", BIT(JSON_ARRAY) },
    { "null", BIT(JSON_NULL) },
};

static bool add_type(struct compiler *c, uint32_t index,
                     const struct json_node *value)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(types); i++)
        if (json_equals(value, types[i].name)) {
            c->s->nodes[index].kinds |= types[i].kinds;
            if (types[i].kinds == BIT(JSON_TRUE))
                c->s->nodes[index].kinds |= BIT(JSON_FALSE);
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
    if (c->s->nodes[index].kinds & BIT(JSON_OBJECT))
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
    if (c->s->nodes[0].kinds != BIT(JSON_OBJECT))
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

/*
 * Checking.  A frame is a container whose children are being checked, or a
 * choice of anyOf: when control comes back to the choice, its alternative
 * fitted; when something fails, the innermost choice tries its next one.
 */

struct frame {
    const struct json_node *node;  /* the container, or the value of a choice */
    const struct json_node *child; /* next to check */
    uint32_t schema;
    uint32_t next;    /* property expected next, or alternative */
    uint32_t matched; /* properties found */
    bool choice;
};

struct check {
    const struct schema *s;
    struct schema_report *report;
    struct frame frames[FRAMES];
    uint32_t depth;
    uint32_t steps;
    enum schema_result failure;
};

#define STEPS 20000000 /* anyOf inside anyOf could take for ever */

/* The place: names that the schema knows, and indexes. */
static void describe(struct check *k, const char *what)
{
    struct strbuf b;
    uint32_t i;

    if (k->report->detail[0])
        return;
    strbuf_init(&b, sizeof(k->report->detail) - 1);
    for (i = 0; i < k->depth; i++) {
        const struct frame *f = &k->frames[i];
        const struct schema_node *n = &k->s->nodes[f->schema];

        if (f->choice || !f->matched)
            continue;
        if (json_is(f->node, JSON_ARRAY))
            strbuf_addf(&b, "/%u", f->matched - 1);
        else
            strbuf_addf(&b, "/%s",
                        k->s->properties[n->first_property + f->next - 1].name);
    }
    strbuf_addf(&b, "%s: %s", b.len ? "" : "/", what);
    snprintf(k->report->detail, sizeof(k->report->detail), "%s", b.data);
    utf8_trim_cut(k->report->detail);
    strbuf_release(&b);
}

static bool fail(struct check *k, enum schema_result result, const char *what)
{
    describe(k, what);
    k->failure = result;
    return false;
}

static bool push(struct check *k, struct frame frame)
{
    if (k->depth == FRAMES)
        return fail(k, SCHEMA_DIFFERS, "too deep");
    k->frames[k->depth++] = frame;
    return true;
}

static bool number_fits(struct check *k, const struct schema_node *n,
                        const struct json_node *value)
{
    double number;

    if (!(n->kinds & (BIT(JSON_NUMBER) | INTEGER_BIT)))
        return fail(k, SCHEMA_DIFFERS, "a number is not allowed here");
    if (value->len > ABSURD_LENGTH || !json_real(value, &number) ||
        fabs(number) > ABSURD_SIZE)
        return fail(k, SCHEMA_ABSURD, "a number out of all reason");
    if (!(n->kinds & BIT(JSON_NUMBER)) && number != floor(number))
        return fail(k, SCHEMA_DIFFERS, "not a whole number");
    return true;
}

static bool choice_fits(const struct choice *choice,
                        const struct json_node *value)
{
    double a, b;

    if (value->kind != choice->kind)
        return false;
    if (value->kind == JSON_STRING)
        return json_equals(value, choice->text);
    if (value->kind != JSON_NUMBER)
        return true;
    b = strtod(choice->text, NULL);
    return json_real(value, &a) && !(a < b) && !(a > b);
}

static bool choices_fit(struct check *k, const struct schema_node *n,
                        const struct json_node *value)
{
    uint32_t i;

    if (!n->choice_count)
        return true;
    for (i = 0; i < n->choice_count; i++)
        if (choice_fits(&k->s->choices[n->first_choice + i], value))
            return true;
    return fail(k, SCHEMA_DIFFERS, "not one of the allowed values");
}

static const char *const kind_words[] = {
    [JSON_NULL] = "null is not allowed here",
    [JSON_FALSE] = "a boolean is not allowed here",
    [JSON_TRUE] = "a boolean is not allowed here",
    [JSON_NUMBER] = "a number is not allowed here",
    [JSON_STRING] = "a string is not allowed here",
    [JSON_ARRAY] = "a list is not allowed here",
    [JSON_OBJECT] = "an object is not allowed here",
};

static uint32_t follow(const struct schema *s, uint32_t schema)
{
    while (s->nodes[schema].ref != SCHEMA_NONE)
        schema = s->nodes[schema].ref;
    return schema;
}

/* Checks the value itself; containers and choices become frames. */
static bool visit(struct check *k, uint32_t schema,
                  const struct json_node *value)
{
    const struct schema_node *n;

    if (++k->steps > STEPS)
        return fail(k, SCHEMA_DIFFERS, "too many alternatives");
    schema = follow(k->s, schema);
    n = &k->s->nodes[schema];
    if (value->kind == JSON_NUMBER) {
        if (!number_fits(k, n, value))
            return false;
    } else if (!(n->kinds & BIT(value->kind))) {
        return fail(k, SCHEMA_DIFFERS, kind_words[value->kind]);
    }
    if (!choices_fit(k, n, value))
        return false;
    if (n->any_count &&
        !push(k, (struct frame){
                     .node = value, .schema = schema, .choice = true }))
        return false;
    if (n->any_count)
        return true;
    if (value->kind < JSON_ARRAY)
        return true;
    return push(k, (struct frame){ .node = value,
                                   .child = json_first(value),
                                   .schema = schema });
}

/* The property of that name, beginning with the one after the last. */
static const struct property *find_property(const struct schema *s,
                                            struct frame *f,
                                            const struct json_node *name)
{
    const struct schema_node *n = &s->nodes[f->schema];
    const struct property *rows = s->properties + n->first_property;
    uint32_t i;

    for (i = 0; i < n->property_count; i++) {
        uint32_t at = (f->next + i) % n->property_count;

        if (name->escaped ? json_equals(name, rows[at].name)
                          : name->len == rows[at].len &&
                                !memcmp(name->text, rows[at].name, name->len)) {
            f->next = at + 1;
            return &rows[at];
        }
    }
    return NULL;
}

static const char missing[] = "members are missing";

/* The next child of the container on top. */
static bool step(struct check *k)
{
    struct frame *f = &k->frames[k->depth - 1];
    const struct schema_node *n = &k->s->nodes[f->schema];
    const struct json_node *child = f->child;
    const struct property *p;

    if (!child) {
        bool whole =
            !json_is(f->node, JSON_OBJECT) || f->matched == n->property_count;

        k->depth--;
        return whole || fail(k, SCHEMA_DIFFERS, missing);
    }
    f->child = json_next(child);
    if (json_is(f->node, JSON_ARRAY)) {
        f->matched++;
        return n->items == SCHEMA_NONE || visit(k, n->items, child);
    }
    p = find_property(k->s, f, json_name(child));
    if (!p) {
        k->report->extra++;
        return true;
    }
    f->matched++;
    return visit(k, p->node, child);
}

/* The choice on top: done when an alternative has been checked. */
static bool choose(struct check *k)
{
    struct frame *f = &k->frames[k->depth - 1];
    const struct schema_node *n = &k->s->nodes[f->schema];

    if (f->matched) {
        k->depth--;
        return true;
    }
    f->matched = 1;
    return visit(k, k->s->any[n->first_any + f->next], f->node);
}

/* After a failure: back to the innermost choice with another alternative.
 * False: there is none. */
static bool back_up(struct check *k)
{
    if (k->failure == SCHEMA_ABSURD || k->steps > STEPS)
        return false;
    while (k->depth) {
        struct frame *f = &k->frames[k->depth - 1];

        if (f->choice && f->next + 1 < k->s->nodes[f->schema].any_count) {
            f->next++;
            f->matched = 0;
            k->report->detail[0] = '\0';
            return true;
        }
        k->depth--;
    }
    return false;
}

enum schema_result schema_check(const struct schema *s,
                                const struct json_node *document,
                                struct schema_report *report)
{
    struct check k; /* its frames need no clearing */
    bool fits;

    report->extra = 0;
    report->detail[0] = '\0';
    k.s = s;
    k.report = report;
    k.depth = 0;
    k.steps = 0;
    k.failure = SCHEMA_FITS;
    fits = visit(&k, 0, document);
    while (fits || back_up(&k)) {
        if (!k.depth)
            return SCHEMA_FITS;
        fits = k.frames[k.depth - 1].choice ? choose(&k) : step(&k);
    }
    return k.failure;
}

/*
 * What a pointer leads to: the set of nodes that may stand there.
 */

#define PLACES 64

struct places {
    uint32_t nodes[PLACES];
    uint32_t count;
};

static void add_place(const struct schema *s, struct places *p, uint32_t node)
{
    uint32_t i;

    node = follow(s, node);
    for (i = 0; i < p->count; i++)
        if (p->nodes[i] == node)
            return;
    if (p->count < PLACES)
        p->nodes[p->count++] = node;
}

/* Adds the alternatives of those that are anyOf (the list grows while it is
 * walked, so that anyOf inside anyOf is found too). */
static void widen(const struct schema *s, struct places *p)
{
    uint32_t i, j;

    for (i = 0; i < p->count; i++) {
        const struct schema_node *n = &s->nodes[p->nodes[i]];

        for (j = 0; j < n->any_count; j++)
            add_place(s, p, s->any[n->first_any + j]);
    }
}

static void enter(const struct schema *s, struct places *to, uint32_t from,
                  const char *name, size_t len)
{
    const struct schema_node *n = &s->nodes[from];
    uint32_t i;

    if (n->items != SCHEMA_NONE && len && strspn(name, "0123456789") >= len)
        add_place(s, to, n->items);
    for (i = 0; i < n->property_count; i++) {
        const struct property *p = &s->properties[n->first_property + i];

        if (p->len == len && !memcmp(p->name, name, len))
            add_place(s, to, p->node);
    }
}

unsigned schema_kinds(const struct schema *s, const char *pointer)
{
    struct places now = { .nodes = { 0 }, .count = 1 };
    unsigned kinds = 0;
    uint32_t i;

    while (*pointer == '/') {
        struct places next = { .count = 0 };
        size_t len = strcspn(++pointer, "/");

        widen(s, &now);
        for (i = 0; i < now.count; i++)
            enter(s, &next, now.nodes[i], pointer, len);
        now = next;
        pointer += len;
    }
    widen(s, &now);
    for (i = 0; i < now.count; i++) {
        const struct schema_node *n = &s->nodes[now.nodes[i]];

        if (n->any_count)
            continue;
        kinds |= n->kinds & ANY_KIND;
        if (n->kinds & INTEGER_BIT)
            kinds |= BIT(JSON_NUMBER);
    }
    return kinds;
}

#include "extract/schema_node.h"

#include <math.h>

#define FRAMES 512 /* nesting of documents and anyOf together */
#define ABSURD_LENGTH 40
#define ABSURD_SIZE 1e15

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

    if (!(n->kinds & (KIND_BIT(JSON_NUMBER) | INTEGER_BIT)))
        return fail(k, SCHEMA_DIFFERS, "a number is not allowed here");
    if (value->len > ABSURD_LENGTH || !json_real(value, &number) ||
        fabs(number) > ABSURD_SIZE)
        return fail(k, SCHEMA_ABSURD, "a number out of all reason");
    if (!(n->kinds & KIND_BIT(JSON_NUMBER)) && number != floor(number))
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
    } else if (!(n->kinds & KIND_BIT(value->kind))) {
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
            kinds |= KIND_BIT(JSON_NUMBER);
    }
    return kinds;
}

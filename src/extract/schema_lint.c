#include "extract/schema.h"

/*
 * What each provider takes (their guides to structured outputs and client
 * libraries, August 2026).  A row of keywords, a row of limits.
 */

enum {
    OPENAI = 1,
    AZURE = 2,
    GEMINI = 4,
    ANTHROPIC = 8,
    LOCAL = 16, /* llama.cpp, vLLM, Ollama: grammars made from a schema */
    ALL = 31,
};

static const struct {
    const char *name;
    unsigned takers;
} keywords[] = {
    { "type", ALL },
    { "properties", ALL },
    { "required", ALL },
    { "additionalProperties", ALL },
    { "items", ALL },
    { "enum", ALL },
    { "anyOf", ALL },
    { "description", ALL },
    { "title", ALL },
    { "$ref", ALL },
    { "$defs", ALL },
    { "const", OPENAI | AZURE | ANTHROPIC | LOCAL },
    { "pattern", OPENAI | LOCAL },
    { "format", OPENAI | GEMINI | ANTHROPIC | LOCAL },
    { "minimum", OPENAI | GEMINI | LOCAL },
    { "maximum", OPENAI | GEMINI | LOCAL },
    { "exclusiveMinimum", OPENAI | LOCAL },
    { "exclusiveMaximum", OPENAI | LOCAL },
    { "multipleOf", OPENAI },
    { "minItems", OPENAI | GEMINI | LOCAL },
    { "maxItems", OPENAI | GEMINI | LOCAL },
    { "minLength", LOCAL },
    { "maxLength", LOCAL },
    { "oneOf", GEMINI | LOCAL },
    { "prefixItems", GEMINI | LOCAL },
    { "propertyOrdering", GEMINI },
};

static const struct subset {
    const char *name;
    unsigned taker;
    bool strict;           /* all properties required */
    bool closed;           /* no others allowed */
    unsigned properties;   /* in all */
    unsigned depth;        /* objects and lists in each other */
    unsigned choices;      /* enum values in all */
    unsigned long letters; /* of names and enum values in all */
} subsets[] = {
    { "openai", OPENAI, true, true, 5000, 10, 1000, 120000 },
    { "azure", AZURE, true, true, 100, 5, 500, 15000 },
    { "gemini", GEMINI, false, false, 5000, 20, 1000, 120000 },
    { "anthropic", ANTHROPIC, false, true, 5000, 20, 1000, 120000 },
    { "local", LOCAL, false, false, 5000, 20, 5000, 1000000 },
};

#define SCHEMAS_MOST 20000

/* A schema still to look at. */
struct task {
    const struct json_node *at;
    unsigned depth;
};

struct linter {
    const struct subset *subset;
    struct schema_lint *lint;
    struct task *tasks; /* owned */
    size_t count;
    unsigned properties, choices;
    unsigned long letters;
};

static void report(struct linter *l, const char *what,
                   const struct json_node *name)
{
    if (l->lint->faults++)
        return;
    if (name)
        snprintf(l->lint->first, sizeof(l->lint->first), "%s: %s \"%.*s\"",
                 l->subset->name, what, (int)(name->len < 60 ? name->len : 60),
                 name->text);
    else
        snprintf(l->lint->first, sizeof(l->lint->first), "%s: %s",
                 l->subset->name, what);
    utf8_trim_cut(l->lint->first);
}

static void add_task(struct linter *l, const struct json_node *at,
                     unsigned depth)
{
    if (!at)
        return;
    if (l->count == SCHEMAS_MOST)
        report(l, "too large a schema", NULL);
    else
        l->tasks[l->count++] = (struct task){ at, depth };
}

/* All values of a list or object are schemas. */
static void add_tasks(struct linter *l, const struct json_node *parent,
                      unsigned depth)
{
    const struct json_node *child;

    for (child = json_first(parent); child; child = json_next(child))
        add_task(l, child, depth);
}

static void check_keywords(struct linter *l, const struct json_node *schema)
{
    const struct json_node *value;
    size_t i;

    for (value = json_first(schema); value; value = json_next(value)) {
        const struct json_node *name = json_name(value);

        for (i = 0; i < ARRAY_LEN(keywords); i++)
            if (json_equals(name, keywords[i].name))
                break;
        if (i == ARRAY_LEN(keywords) ||
            !(keywords[i].takers & l->subset->taker))
            report(l, "doesn't take", name);
    }
}

static void check_object(struct linter *l, const struct json_node *schema,
                         const struct json_node *properties)
{
    const struct json_node *required = json_member(schema, "required");
    const struct json_node *value;

    l->properties += properties->count;
    for (value = json_first(properties); value; value = json_next(value))
        l->letters += json_name(value)->len;
    if (l->subset->strict &&
        (!required || required->count != properties->count))
        report(l, "wants all properties required", NULL);
    if (l->subset->closed &&
        !json_is(json_member(schema, "additionalProperties"), JSON_FALSE))
        report(l, "wants additionalProperties: false", NULL);
}

static void check_choices(struct linter *l, const struct json_node *choices)
{
    const struct json_node *value;
    unsigned long letters = 0;

    if (!choices)
        return;
    for (value = json_first(choices); value; value = json_next(value))
        letters += value->len;
    l->choices += choices->count;
    l->letters += letters;
    if (choices->count > 250 && letters > 15000 &&
        l->subset->taker & (OPENAI | AZURE))
        report(l, "takes no enum of over 15000 letters", NULL);
}

static void check_schema(struct linter *l, const struct task *task)
{
    const struct json_node *schema = task->at;
    const struct json_node *properties = json_member(schema, "properties");
    const struct json_node *items = json_member(schema, "items");
    unsigned below = task->depth + (properties || items ? 1 : 0);

    if (!json_is(schema, JSON_OBJECT)) {
        report(l, "wants objects as schemas", NULL);
        return;
    }
    check_keywords(l, schema);
    if (properties)
        check_object(l, schema, properties);
    check_choices(l, json_member(schema, "enum"));
    if (below > l->subset->depth) {
        report(l, "takes no schema of this depth", NULL);
        return;
    }
    add_task(l, items, below);
    add_tasks(l, properties, below);
    add_tasks(l, json_member(schema, "anyOf"), task->depth);
    add_tasks(l, json_member(schema, "oneOf"), task->depth);
    add_tasks(l, json_member(schema, "$defs"), task->depth);
}

static const struct subset *find_subset(const char *provider)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(subsets); i++)
        if (!strcmp(subsets[i].name, provider))
            return &subsets[i];
    return &subsets[1]; /* azure: the smallest */
}

bool schema_lint(const struct json_node *schema, const char *provider,
                 struct schema_lint *lint)
{
    struct linter l = { .subset = find_subset(provider), .lint = lint };
    size_t i;

    memset(lint, 0, sizeof(*lint));
    l.tasks = calloc(SCHEMAS_MOST, sizeof(*l.tasks));
    if (!l.tasks) {
        report(&l, "out of memory", NULL);
        return false;
    }
    if (!json_equals(json_member(schema, "type"), "object"))
        report(&l, "wants an object at the root", NULL);
    add_task(&l, schema, 0);
    for (i = 0; i < l.count; i++)
        check_schema(&l, &l.tasks[i]);
    if (l.properties > l.subset->properties)
        report(&l, "takes fewer properties", NULL);
    if (l.choices > l.subset->choices)
        report(&l, "takes fewer enum values", NULL);
    if (l.letters > l.subset->letters)
        report(&l, "takes fewer letters in names and enums", NULL);
    free(l.tasks);
    return !lint->faults;
}

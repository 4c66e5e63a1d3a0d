/*
 * schema_node.h -- the compiled form of a schema, between schema.c, which
 * makes it, and schema_check.c, which reads it.
 */
#ifndef EXTRACT_SCHEMA_NODE_H
#define EXTRACT_SCHEMA_NODE_H

#include "extract/schema.h"

#define SCHEMA_NONE UINT32_MAX

#define KIND_BIT(kind) (1u << (kind))
#define INTEGER_BIT (1u << 16) /* a number, but whole */
#define ANY_KIND                                                               \
    (KIND_BIT(JSON_NULL) | KIND_BIT(JSON_FALSE) | KIND_BIT(JSON_TRUE) |        \
     KIND_BIT(JSON_NUMBER) | KIND_BIT(JSON_STRING) | KIND_BIT(JSON_ARRAY) |    \
     KIND_BIT(JSON_OBJECT))

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

#endif

/*
 * schema.h -- the strict subset of JSON Schema, compiled once.
 *
 * The subset is what OpenAI's strict mode takes without pattern, format and
 * bounds (its guide to structured outputs; Azure has none of these): the
 * root is an object; every object lists all its properties as required and
 * allows no others; type (also a list with "null"), enum, const, items,
 * anyOf, $defs and $ref ("#", "#/$defs/NAME").  Anything else is a fault.
 *
 * Checking is iterative and bounded: an answer may be as hostile as it
 * likes.  Members that the schema doesn't know are counted, not refused:
 * they are dropped.  Numbers out of all reason (over 10^15, or 40 digits)
 * are an outcome of their own.
 */
#ifndef EXTRACT_SCHEMA_H
#define EXTRACT_SCHEMA_H

#include "base/jsonr.h"

struct schema;

/* Where and why a schema is refused. */
struct schema_fault {
    const struct json_node *at;
    char what[200];
};

/* root's text need not outlive this. */
MUST_CHECK bool schema_new(struct schema **s, const struct json_node *root,
                           struct schema_fault *fault);
void schema_free(struct schema *s);

enum schema_result {
    SCHEMA_FITS,
    SCHEMA_DIFFERS,
    SCHEMA_ABSURD, /* a number out of all reason */
};

struct schema_report {
    unsigned extra;   /* unknown members */
    char detail[160]; /* "/positions/3/start: not a string or null" */
};

/* Writes nothing into s: threads may share it. */
enum schema_result schema_check(const struct schema *s,
                                const struct json_node *document,
                                struct schema_report *report);

/* What may stand at a pointer of the document ("/positions/3/start"): bits
 * 1 << enum json_kind; 0 = the schema has no such place. */
unsigned schema_kinds(const struct schema *s, const char *pointer);

/* How a provider's own subset is told. */
struct schema_lint {
    unsigned faults;
    char first[200]; /* the first fault, with its place */
};
/* provider: "openai", "azure", "gemini", "anthropic", "local"; an unknown
 * name is held to the smallest subset.  True: it will be accepted. */
MUST_CHECK bool schema_lint(const struct json_node *schema,
                            const char *provider, struct schema_lint *lint);

#endif

/*
 * jsonr.h -- the strict JSON reader for bulk lines (requests, answers).
 *
 * RFC 8259 and nothing else: no NaN, comments, single quotes, trailing
 * commas, lone surrogates, invalid UTF-8, raw control characters, trailing
 * bytes.  json-c accepts many of these even in strict mode
 * (measured on 0.16); it serves settings and API envelopes only (json.h).
 *
 * A document is a flat array of nodes, reused from line to line, so that
 * reading allocates nothing after warm-up and never recurses.  Nodes point
 * into the caller's text, which must outlive them.  Depth, nodes and bytes
 * have ceilings; duplicate member names (compared unescaped) are an error.
 * Every refusal is ERROR_REJECT, code "json", and names the byte offset (also
 * native = offset + 1, so that a line can be told),
 * never the text.
 */
#ifndef BASE_JSONR_H
#define BASE_JSONR_H

#include "base/error.h"
#include "base/strbuf.h"

enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_limits {
    size_t bytes; /* at most 4 GiB - 1 */
    size_t nodes; /* values and member names */
    unsigned depth;
};

/* 64 MiB, 1,000,000 nodes, 64 levels. */
extern const struct json_limits json_limits_default;

struct json_node {
    const char *text; /* borrowed: string inside the quotes, number's text;
                         containers: from the opening bracket */
    uint32_t len;     /* of text; containers: through the closing bracket */
    uint32_t next;    /* the next sibling is this many nodes on, 0 = last */
    uint32_t count;   /* members or elements */
    uint8_t kind;     /* enum json_kind */
    bool escaped;     /* the string holds backslashes */
    bool named;       /* a member's value: its name is the node before */
};

struct json_doc; /* opaque; one per thread */

struct json_doc *json_doc_new(void); /* NULL: out of memory */
void json_doc_free(struct json_doc *doc);

/* Reads one value that fills text (white space around it is fine).  The
 * root node, valid until the next read; NULL with err. */
MUST_CHECK const struct json_node *json_read(struct json_doc *doc,
                                             const char *text, size_t len,
                                             const struct json_limits *limits,
                                             struct error *err);

/* What was read last; NULL after a refusal or when nothing was. */
const struct json_node *json_root(const struct json_doc *doc);

/* Finds where the JSON value that begins at text[0] ends (strings and
 * nesting respected, not validated): bytes, or 0 when it doesn't end. */
size_t json_extent(const char *text, size_t len);

/* Walking.  Object members: first/next give the *value* nodes;
 * json_name() gives the member's name node.  NULL = none.  All accept a
 * NULL node, so that paths can be chained without checks. */
const struct json_node *json_first(const struct json_node *parent);
const struct json_node *json_next(const struct json_node *node);
const struct json_node *json_name(const struct json_node *value);

/* The member of that name, of len bytes; NULL when absent or not an
 * object. */
const struct json_node *json_member_of(const struct json_node *object,
                                       const char *name, size_t len);

static inline const struct json_node *json_member(
    const struct json_node *object, const char *name)
{
    return json_member_of(object, name, strlen(name));
}

const struct json_node *json_element(const struct json_node *array,
                                     size_t index);
/* RFC 6901, e.g. "/response/body/choices/0/message/content". */
const struct json_node *json_pointer(const struct json_node *root,
                                     const char *pointer);

bool json_is(const struct json_node *node, enum json_kind kind);
/* How many members or elements; 0 for anything else. */
size_t json_count(const struct json_node *node);

/* Appends the string's value, unescaped.  False when not a string or when
 * out has failed.  The value may hold NULs. */
MUST_CHECK bool json_string(const struct json_node *node, struct strbuf *out);
/* The string equals s (unescaped). */
bool json_equals(const struct json_node *node, const char *s);
/* Whole numbers within int64, 5.0 and 5e2 too (up to 2^53); false
 * otherwise. */
MUST_CHECK bool json_integer(const struct json_node *node, int64_t *value);
/* Finite numbers; false for anything else, 1e400 and numbers written with
 * more than 500 bytes included. */
MUST_CHECK bool json_real(const struct json_node *node, double *value);
/* Convenience: an integer member, or fallback. */
int64_t json_member_integer(const struct json_node *object, const char *name,
                            int64_t fallback);

#endif

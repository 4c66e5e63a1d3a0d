/*
 * values_plan.h -- what values.c and values_list.c share.
 *
 * A column is a pointer; what it leads to is either a plain place or an
 * element of a list.  Lists are gathered first, once an answer: cleaned,
 * without repeats and empty elements, positions sorted, so that the third
 * column of a range gets the third element that counts.
 */
#ifndef EXTRACT_VALUES_PLAN_H
#define EXTRACT_VALUES_PLAN_H

#include "base/jsonr.h"
#include "extract/answer.h"
#include "extract/dates.h"
#include "extract/ground.h"
#include "extract/profile.h"
#include "extract/redact.h"
#include "extract/schema.h"
#include "extract/values.h"

#define VALUES_LISTS 64
#define VALUES_ITEMS 64        /* of one list; more are dropped */
#define VALUES_BYTES (8 * MIB) /* of one answer, and of its values */

/* Text in the values' buffer, which may still move. */
struct piece {
    size_t at, len;
    size_t raw_at, raw_len; /* before the rules: as the model wrote it */
    bool changed;           /* by trimming or a rule */
    const char *rule;       /* static: the last one that changed it */
};

/* One side of a position. */
struct month {
    int year, month; /* month 0 = only the year is known; year 0 = nothing */
    bool present;
    bool bad; /* something was there, but no month */
    enum date_note note;
    const char *rule; /* static: what was done to it, or NULL */
};

struct item {
    const struct json_node *node;
    struct piece text; /* plain lists */
    size_t fold_at, fold_len;
    struct month start, end;
};

struct list {
    char *pointer;                   /* owned: to the array */
    const char *start, *end;         /* borrowed: of a position, or NULL */
    const struct rule *const *rules; /* borrowed: of its first column */
    bool plain;                      /* of strings */
    bool used;                       /* by a column that is there */
    size_t columns;                  /* its largest index + 1 */
    /* of the answer being read */
    struct item items[VALUES_ITEMS];
    size_t count;
    size_t more; /* elements beyond items and columns */
    bool sorted; /* they came in another order */
};

/* How to reach a column's value. */
struct place {
    struct list *list; /* borrowed, NULL = from the root */
    size_t index;
    const char *rest; /* borrowed: the pointer from there on */
};

struct values {
    const struct profile *profile; /* borrowed */
    struct value_target *targets;  /* owned, all of them */
    struct place *places;
    struct value *values;
    struct piece *pieces; /* of the values that are text */
    struct list *lists;
    size_t list_count;
    struct json_doc *doc;
    struct dates *dates;
    struct strbuf mended, scratch, text, folded, restored;
    enum grounding_policy grounding;
    struct ground *ground;       /* NULL until it is needed */
    bool grounded;               /* some column is */
    bool looking;                /* ground holds this answer's resume */
    struct redaction *redaction; /* NULL = nothing was hidden */
    struct strbuf resume;        /* clean, while its redaction is known */
    bool restorable;             /* redaction is of this answer's resume */
    unsigned repairs, extra;
};

/* Makes the text of a string ready: one line, trimmed, rules applied.
 * False: nothing left (null word, or a rule refused it: *refused). */
bool values_clean(struct values *v, const struct json_node *node,
                  const struct rule *const *rules, struct piece *piece,
                  bool *refused);

/* The piece, cut to the column's widths, becomes its value. */
void values_set_text(struct values *v, size_t column,
                     const struct piece *piece);

/* Makes the resume ready to be looked through, where that is wanted. */
MUST_CHECK bool values_look(struct values *v, const char *resume, size_t len,
                            struct error *err);
/* Looks for a piece; the value keeps where it is, or the flag.  False: it is
 * not there and not wanted then. */
bool values_ground(struct values *v, struct value *value,
                   const struct piece *piece);

/* Years of experience and average tenure out of the positions' dates, where
 * the model's own numbers are missing or contradict them. */
void values_measure(struct values *v, double today);

/* A number as the column's value, with its text. */
void values_set_number(struct values *v, size_t column, double number);

/* The column is enabled and the database has it. */
bool values_wanted(const struct values *v, size_t column);

/* Reads all lists of the answer. */
void values_gather(struct values *v, const struct json_node *root);

/* What s says about months: a start, an end (which may be told by a start
 * alone), or a range. */
struct months {
    struct month start, end;
    bool range; /* both were told */
};
struct months values_months(struct values *v, const char *s, size_t len);

#endif

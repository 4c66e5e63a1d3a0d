/*
 * values.h -- a model's answer becomes values for columns.
 *
 * values_read(): the content's text -> a JSON object (fences, prose, certain
 * repairs: answer.h) -> checked against the profile's schema -> one value a
 * column: normalised by named rules (rules.h), dates by dates.h, widths cut
 * in the column's own units, tenure recomputed, grounded in the resume's
 * text where that is given.  Pure: bytes in, values out; the same answer
 * always gives the same values.  Memory is reused from answer to answer.
 */
#ifndef EXTRACT_VALUES_H
#define EXTRACT_VALUES_H

#include "base/error.h"
#include "base/strbuf.h"
#include "extract/profile.h"

enum value_state {
    VALUE_NULL, /* nothing known: SQL NULL */
    VALUE_TEXT,
    VALUE_NUMBER,
};

enum value_flag {
    VALUE_CLIPPED = 1,    /* cut at the column's width */
    VALUE_UNGROUNDED = 2, /* not found in the resume */
    VALUE_CURRENT = 4,    /* Present, in a date column: NULL is stored */
    VALUE_CHANGED = 8,    /* a rule touched it */
    VALUE_DROPPED = 16,   /* out of range, not a date ...: NULL is stored */
    VALUE_REBUILT = 32,   /* computed from the dates, against the model */
};

struct value {
    enum value_state state;
    unsigned flags;
    const char *text; /* borrowed from the values' buffer; also of numbers */
    size_t len;
    double number;
    const char *rule; /* static: the last rule that touched it, or NULL */
    int64_t found_at; /* byte offset in the resume, -1 = not looked / not */
    int64_t found_len;
};

enum values_outcome {
    VALUES_OK,
    VALUES_REPAIRED, /* usable after a certain repair */
    VALUES_NOT_JSON,
    VALUES_CUT,    /* the JSON ends too early */
    VALUES_SCHEMA, /* JSON, but not of the schema */
    VALUES_ABSURD, /* a number out of all reason */
    VALUES_EMPTY,  /* nothing in it, or nothing but nulls */
};
extern const char *const values_outcome_names[];

/* How the database wants a column (from the catalogue). */
struct value_target {
    bool present;   /* false: left out: no such column, or */
    bool misfit;    /* its type takes no value of ours */
    bool is_date;   /* months become the first of the month */
    bool is_number; /* a text that is none is dropped */
    bool is_whole;  /* an integer: numbers are rounded when written */
    int64_t width;  /* 0 = none */
    int unit;       /* enum text_unit */
};

/* What to do with a grounded value that the resume doesn't hold. */
enum grounding_policy { GROUNDING_FLAG, GROUNDING_NULL, GROUNDING_OFF };

struct values; /* reusable */

/* targets has profile->column_count entries (NULL: all present, text). */
MUST_CHECK bool values_new(struct values **v, const struct profile *profile,
                           const struct value_target *targets,
                           struct error *err);
void values_free(struct values *v);
/* GROUNDING_FLAG when never called. */
void values_set_grounding(struct values *v, enum grounding_policy policy);
/* The prompts were built with redact: placeholders are put back out of the
 * resume.  profile->redact sets it too. */
MUST_CHECK bool values_set_redact(struct values *v, bool redact,
                                  struct error *err);

/* resume may be NULL (no grounding).  today is Unix seconds.  detail (256
 * bytes) tells which member is wrong and how, without quoting values. */
MUST_CHECK bool values_read(struct values *v, const char *content, size_t len,
                            const char *resume, size_t resume_len, double today,
                            enum values_outcome *outcome, char *detail,
                            struct error *err);
/* One per column of the profile, in its order. */
const struct value *values_at(const struct values *v, size_t column);
/* Appends the flags of the item, e.g. "fenced clipped:City ungrounded:City
 * current:1"; nothing when there are none.
 *   fenced prose commas controls closed  what was mended (answer.h)
 *   extra:3            members that the schema doesn't know, dropped
 *   more:positions:2   elements of a list beyond its columns, dropped
 *   sorted:positions   positions were not the most recent first
 *   current:1          position 1 is still held; its date column is NULL
 *   clipped: dropped: ungrounded: rebuilt:COLUMN (enum value_flag) */
void values_flags(const struct values *v, struct strbuf *out);

#endif

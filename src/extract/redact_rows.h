/*
 * redact_rows.h -- what redact.c looks for: patterns, and the words without
 * which a pattern finds nothing.
 *
 * Most lines hold no contact data.  One pass over a line (marks.h) tells
 * which patterns are worth a try; the others would find nothing in it.
 */
#ifndef EXTRACT_REDACT_ROWS_H
#define EXTRACT_REDACT_ROWS_H

#include "base/error.h"

enum redact_kind {
    REDACT_EMAIL,
    REDACT_PHONE,
    REDACT_ADDRESS,
    REDACT_URL,
    REDACT_KINDS
};

/* What a match takes in before it.  A pattern that began with "some letters"
 * would be tried at every letter; one that begins with what is rare is
 * quick, and grows to the left in redact.c. */
enum grow { GROW_NOT, GROW_WORD, GROW_MAIL };

/* Where a row is looked for. */
enum within {
    IN_LINES,
    IN_CONTACT_LINES, /* that hold other contact data */
    OVER_LINES,       /* a line and the next: what was wrapped */
};

struct redact_row {
    enum redact_kind kind;
    enum grow grow;
    enum within within;
    unsigned digits;   /* so many hold all that the pattern matches */
    const char *words; /* and one of these (marks.h); NULL = none is needed */
    const char *pattern;
};
extern const struct redact_row redact_rows[];
extern const size_t redact_row_count; /* at most 64 */

/* Compiles the patterns and words: once, for all threads. */
MUST_CHECK bool redact_rows_ready(struct error *err);
const struct pattern *redact_pattern(size_t row);

/* A bit for each row whose pattern may match within the line. */
uint64_t redact_rows_worth(const char *line, size_t len);

#endif

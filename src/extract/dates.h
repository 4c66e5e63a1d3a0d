/*
 * dates.h -- what a date in a resume says: a string in, start and end out.
 *
 * The contract is tests/extract/dates/rules.md, its examples lie beside it.
 * 27 languages; no locale, no clock, no allocation after dates_new().
 * Every byte is hostile: only the first DATES_INPUT_MOST bytes are looked
 * at, the work for them is bounded, and any bytes give a result.
 *
 * How: the bytes are folded (dates_fold.c), cut into tokens of one class
 * byte each (dates_scan.c, with the words of dates_words*.c), phrases are
 * reduced and dates are found by PCRE2 patterns over the class bytes
 * (dates_reduce.c, dates_match.c), and at most two dates become a range
 * (dates_join.c).
 */
#ifndef EXTRACT_DATES_H
#define EXTRACT_DATES_H

#include "base/error.h"

#define DATES_INPUT_MOST ((size_t)512)

enum date_note {
    DATE_FINE,
    DATE_NONE,      /* nothing usable on either side */
    DATE_INVALID,   /* a side looks like a date and can't be one: left empty */
    DATE_AMBIGUOUS, /* day or month first? both were possible */
    DATE_REVERSED,  /* the end lies before the start */
};
extern const char *const date_note_names[]; /* "", "none", "invalid" ... */

/* "YYYY-MM", "YYYY", "Present" or "". */
struct date_range {
    char start[8];
    char end[8];
    enum date_note note;
};

struct dates; /* compiled patterns and room to work: one per thread */

MUST_CHECK struct dates *dates_new(struct error *err);
void dates_free(struct dates *d);

void dates_read(struct dates *d, const char *s, size_t len,
                struct date_range *range);

/* Year and month of a side; false for "" and Present.  month 0: a year
 * alone. */
bool date_parts(const char *side, int *year, int *month);

#endif

/*
 * marks.h -- which short words a text holds, all looked for in one pass.
 *
 * An automaton (Aho and Corasick, 1975) with a row of 256 steps a state:
 * one look-up a byte, whatever the words; they may be one byte long and lie
 * within each other.  needles.h is quicker where all are long, and tells
 * where they stand.  ASCII letters match in either case, all other bytes as
 * they are.
 */
#ifndef EXTRACT_MARKS_H
#define EXTRACT_MARKS_H

#include "base/error.h"

#define MARKS_STATES 1024 /* about as many bytes may all words have */

struct mark {
    const char *words; /* "road|st\\.": in small letters, a backslash says
                          that the byte after it stands for itself */
    uint64_t bits;     /* what each of them sets */
};

struct marks;

MUST_CHECK bool marks_new(struct marks **marks, const struct mark *list,
                          size_t count, struct error *err);
void marks_free(struct marks *m);

/* The bits of all words that occur. */
uint64_t marks_seen(const struct marks *m, const char *text, size_t len);

#endif

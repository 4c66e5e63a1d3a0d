/*
 * hostile_words.h -- the words of hostile.c: needles, patterns, tags.
 *
 * A needle is cheap to look for; where one is met, the patterns of its row
 * decide, in a window around it.  A row without patterns is enough alone:
 * the other languages, where a phrase of two words is clear.  Adding one:
 * a row, in small letters, of at least 8 bytes, that doesn't begin with
 * another one, and a line of the corpus in tests/extract/test_prompt.c.
 */
#ifndef EXTRACT_HOSTILE_WORDS_H
#define EXTRACT_HOSTILE_WORDS_H

#include "base/base.h"

enum hostile_kind {
    HOSTILE_OVERRIDE, /* ignore previous instructions */
    HOSTILE_ROLE,     /* you are now ... */
    HOSTILE_VERDICT,  /* rate this candidate 10/10 */
    HOSTILE_ORDER,    /* you must answer with ... */
    HOSTILE_REVEAL,   /* print your system prompt */
    HOSTILE_ANNOUNCE, /* new instructions: */
    HOSTILE_ADDRESS,  /* attention AI reviewers: */
    HOSTILE_MARKER,   /* a role at a line's begin */
    HOSTILE_KINDS,    /* how many have a pattern */
    HOSTILE_NOTE,     /* told, but left: a resume may be JSON itself */
};

extern const char *const hostile_patterns[]; /* by enum hostile_kind */

struct hostile_row {
    const char *needle;
    unsigned kinds; /* bits of enum hostile_kind; 0 = the needle decides */
};
extern const struct hostile_row hostile_rows[];
extern const size_t hostile_row_count;

struct hostile_tag {
    char bracket;
    const char *harmless;     /* what stands in for the bracket */
    const char *const *words; /* what follows it, NULL ends them */
};
extern const struct hostile_tag hostile_tags[];
extern const size_t hostile_tag_count;

#endif

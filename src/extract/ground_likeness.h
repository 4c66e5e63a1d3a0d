/*
 * ground_likeness.h -- is this word that one, mistyped?  Private to ground.
 *
 * Latin letters only: one difference from 6 letters on, two from 12 on; a
 * difference is a letter more, less or changed, or two exchanged.  What
 * scanners confuse (rn and m, vv and w, cl and d) counts as nothing.
 */
#ifndef EXTRACT_GROUND_LIKENESS_H
#define EXTRACT_GROUND_LIKENESS_H

#include "extract/ground_index.h"

struct shape {
    const uint32_t *chars; /* borrowed */
    size_t len;
    uint32_t letters; /* as in struct word */
    unsigned allowed; /* differences; 0 = nothing is alike */
};

struct shape shape_of(const uint32_t *chars, size_t len, bool latin);
/* The quick look, by the length and the set of letters of a word of the
 * text; then the close one, which takes some hundred steps. */
bool may_be_alike(const struct shape *value, size_t len, uint32_t letters);
bool words_alike(const struct shape *value, const uint32_t *chars, size_t len);

#endif

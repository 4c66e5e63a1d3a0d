/*
 * nearest.h -- "did you mean": the known word nearest to a mistyped one.
 *
 * Edit distance with swapped neighbours, without case, "-" like "_".  Words
 * longer than 63 bytes are compared by their first 63.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/base.h"

struct nearest {
    const char *word;  /* borrowed: what was typed */
    const char *best;  /* borrowed: the nearest offered, or NULL */
    unsigned distance; /* of best */
};

struct nearest nearest_to(const char *word);
void nearest_offer(struct nearest *n, const char *candidate);

/* The nearest one when it is near enough to be meant, else NULL. */
const char *nearest_found(const struct nearest *n);

#endif

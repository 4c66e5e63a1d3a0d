/*
 * unique.h -- which names occur twice among many millions, in bounded
 * memory.
 *
 * A name is kept as 8 bytes of a keyed hash (nobody can choose names that
 * collide; among 20 million names two different ones are taken for the same
 * with a chance of 1 in 100,000), beside where it stood.  Sorted runs go to
 * a file without a name in the given folder once there are more than
 * 131,072; the answer comes at the end.  At most 4 billion
 * names.  A disk that is full is ERROR_SETUP, code "disk".
 */
#ifndef IO_UNIQUE_H
#define IO_UNIQUE_H

#include "base/error.h"

struct unique;

/* folder is borrowed; it is written to only when there are many names. */
MUST_CHECK bool unique_open(struct unique **u, const char *folder,
                            struct error *err);
/* at and row are the caller's: below 2^32. */
MUST_CHECK bool unique_add(struct unique *u, const char *name, size_t len,
                           uint64_t at, uint64_t row, struct error *err);

struct unique_twin {
    uint32_t at, row; /* of the later one */
    uint32_t first;   /* row of the first one */
};

/* How many later ones there are; the first of them, by at, in *twins (owned
 * by u), *kept of them: all up to 262,144. */
MUST_CHECK bool unique_finish(struct unique *u,
                              const struct unique_twin **twins, size_t *kept,
                              uint64_t *count, struct error *err);
void unique_close(struct unique *u);

#endif

/*
 * usage.h -- the tokens that answers cost, counted as their file grows.
 *
 * As the upstream tells them in each answer; one that tells none costs 0.
 * Starts from { 0 }.
 */
#ifndef SERVER_USAGE_H
#define SERVER_USAGE_H

#include "base/error.h"

struct usage {
    uint64_t offset; /* of the first line not counted */
    int64_t input, cached, output;
};

/* Counts at most `most` further bytes of whole lines (a little more for the
 * last).  A missing file holds nothing; lines that can't be read count as
 * nothing. */
MUST_CHECK bool usage_count(struct usage *u, const char *path, uint64_t most,
                            struct error *err);

#endif

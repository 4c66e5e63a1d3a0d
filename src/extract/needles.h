/*
 * needles.h -- many fixed strings looked for in one pass.
 *
 * Wu and Manber's way: the shortest needle is at least 8 bytes, so most
 * steps go 6 bytes ahead; a resume without a needle costs about a sixth of
 * its bytes in table look-ups.  ASCII letters match in either case, all
 * other bytes as they are.  Never quadratic: a candidate is compared with
 * the few needles that share its hash, each of bounded length.
 */
#ifndef EXTRACT_NEEDLES_H
#define EXTRACT_NEEDLES_H

#include "base/error.h"

#define NEEDLE_SHORTEST 8
#define NEEDLE_LONGEST 120

struct needles;

/* words are borrowed: they must outlive the result.  In small letters. */
MUST_CHECK bool needles_new(struct needles **n, const char *const *words,
                            size_t count, struct error *err);
void needles_free(struct needles *n);

/* The first needle that begins at *at or later: *at is its place, *which its
 * row.  False: none. */
bool needles_find(const struct needles *n, const char *text, size_t len,
                  size_t *at, size_t *which);

#endif

/*
 * pattern.h -- PCRE2, compiled once with JIT, UTF and UCP on.
 *
 * Patterns are the program's or the settings' own, subjects are hostile:
 * match and depth limits are set, so that a match ends in bounded time
 * (then it counts as no match).  One struct pattern may be shared by threads
 * when each brings its own struct pattern_match.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include "base/error.h"

struct pattern;
struct pattern_match; /* where groups lie; one per thread */

MUST_CHECK struct pattern *pattern_new(const char *source, struct error *err);
void pattern_free(struct pattern *p);
struct pattern_match *pattern_match_new(void); /* up to 32 groups */
void pattern_match_free(struct pattern_match *m);

/* Searches from start on; subject must be valid UTF-8 (it is not checked
 * again) and start a character's begin. */
bool pattern_find(const struct pattern *p, const char *subject, size_t len,
                  size_t start, struct pattern_match *m);
/* Group 0 is the whole match; false when it took no part. */
bool pattern_group(const struct pattern_match *m, unsigned group, size_t *start,
                   size_t *end);
/* The name of the (*MARK:name) on the way to the match: which branch it
 * was.  NULL without one; valid as long as the pattern. */
const char *pattern_mark(const struct pattern_match *m);

#endif

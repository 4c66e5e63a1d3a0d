/*
 * scan.h -- the loops over many bytes, by vector where the processor has
 * them.  Private to base.
 *
 * SSE2 is part of x86-64, AVX2 is asked for at run time, everything else
 * goes byte by byte.  All forms give the same results.
 */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include "base/base.h"

/* How many bytes come before the first that JSON escapes: quote,
 * backslash, control. */
size_t scan_plain(const char *s, size_t len);

#define SCAN_SLACK 32

/* The same, copied to to, where up to SCAN_SLACK bytes beyond them may be
 * overwritten. */
size_t scan_copy_plain(const char *s, size_t len, char *to);

/* What a letter after a backslash stands for, 0 = no such escape ("u" is
 * not among them). */
extern const char scan_escape[256];

/* From inside a JSON string to its closing quote, or to what needs a closer
 * look: the end, a control, a backslash before u or before no known escape.
 * Sets *escaped when it came past a backslash. */
const char *scan_string(const char *at, const char *end, bool *escaped);

/* Copies the inside of a JSON string, turning the known escapes into what
 * they stand for, up to the end or the first other backslash.  Returns how
 * many bytes were read, *used is how many were written; to has room for
 * len + SCAN_SLACK. */
size_t scan_unescape(const char *s, size_t len, char *to, size_t *used);

/* A quick look at UTF-8: the first so many bytes are valid and end on a
 * whole character; what follows has to be looked at closely. */
size_t scan_utf8(const char *s, size_t len);

#endif

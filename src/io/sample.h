/*
 * sample.h -- a CSV file of candidates that don't exist, to try things on.
 *
 * The columns are candidate_id, name, experience, skills, education and
 * summary; the same seed gives the same bytes.  Names, places and firms are
 * made up.
 */
#ifndef IO_SAMPLE_H
#define IO_SAMPLE_H

#include "base/error.h"

/* Whole or absent; it may exist when replace is true.  *stop ends it with
 * ERROR_RETRY "stopped". */
MUST_CHECK bool sample_write(const char *path, int64_t count, uint64_t seed,
                             bool replace, const volatile bool *stop,
                             struct error *err);

#endif

/*
 * output.h -- names of what comes out, from the name of what went in.
 *
 *   candidates.csv -> candidates_batch.jsonl, candidates_results.jsonl,
 *   candidates_scores.csv; a name that ends in _batch or _results already
 *   loses that first.
 */
#ifndef IO_OUTPUT_H
#define IO_OUTPUT_H

#include "base/error.h"

#define OUTPUT_NAME 4096

/* suffix: "_scores.csv".  folder NULL = beside the input.  out holds
 * OUTPUT_NAME bytes. */
MUST_CHECK bool output_name(const char *in, const char *folder,
                            const char *suffix, char *out, struct error *err);
/* Refuses a file that is there, EXIT_USAGE. */
MUST_CHECK bool output_is_free(const char *path, bool replace,
                               struct error *err);

#endif

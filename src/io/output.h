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
/* Refuses path when it is the file in (by whatever name or link): what would
 * be written would replace what is read.  EXIT_USAGE. */
MUST_CHECK bool output_is_other(const char *path, const char *in,
                                struct error *err);
/* Refuses a file that is there, unless it may be replaced, and what is no
 * file anyway: /dev/stdout would become one.  EXIT_USAGE. */
MUST_CHECK bool output_is_free(const char *path, bool replace,
                               struct error *err);

#endif

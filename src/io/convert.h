/*
 * convert.h -- a file of records becomes a file of requests.
 *
 * The output is whole or absent (base/file.h); it may not exist before.
 * Each record (record.h) becomes one line in the provider's dialect, in the
 * order of the input: the profile's system message and schema, the text
 * between delimiters or, with a plain profile, alone (extract/prompt.h).  Lines
 * that are requests already are checked, not changed: one in another
 * dialect is refused.  Addresses are fetched (provider/fetch.h) and become
 * the text of their pages; one that can't be had is left out and told.
 *
 * A record that is refused -- also one whose id came before, or whose
 * request is larger than the provider takes -- ends the work with
 * ERROR_REJECT, that names its row, unless skip_bad: then it is told to
 * bad() and left out.  Memory is bounded, whatever the input.  As many threads
 * as there are processors make the lines; callbacks are on the caller's.
 */
#ifndef IO_CONVERT_H
#define IO_CONVERT_H

#include "extract/prompt.h"
#include "io/record.h"
#include "provider/provider.h"

struct profile;
struct vocab;
struct fetcher;

struct convert {
    /* what to do; all borrowed */
    const char *in, *out;
    struct record_settings records;
    const struct provider *provider;
    const struct profile *profile; /* NULL: for requests only */
    const char *model;
    struct prompt_limits limits; /* without counter and redaction */
    struct vocab *vocab;         /* to count tokens; NULL = estimated */
    struct fetcher *fetcher;     /* for addresses; NULL = refused */
    bool skip_bad;
    bool replace; /* the output may exist */
    /* who is told: every so many records; why one was left out */
    int64_t every;
    void (*progress)(void *context, int64_t records);
    void (*bad)(void *context, const char *why);
    void *context;
    const volatile bool *stop; /* ERROR_RETRY "stopped" soon after */

    /* what came of it */
    enum record_format format;
    int64_t requests, refused;
    uint64_t bytes;
    /* Tokens of the texts (convert_sample.h), and of what every request begins
     * with. */
    int64_t text_tokens, shared_tokens;
};

MUST_CHECK bool convert_file(struct convert *c, struct error *err);

/* Prompt tokens when every request is read in full; when what they share is
 * read once and kept (prefix cache). */
int64_t convert_baseline(const struct convert *c);
int64_t convert_optimised(const struct convert *c);

#endif

/*
 * build.h -- the texts of a claimed batch become its request file.
 *
 * Streaming: a chunk of rows at a time, in key order; nothing is left open
 * in the database while the disk is awaited.  The file is whole and synced
 * before the batch is `built`.  Where a limit of the provider (requests,
 * bytes) is reached, the rest of the rows becomes a batch of its own.
 * Building again makes the same bytes.
 */
#ifndef BATCH_BUILD_H
#define BATCH_BUILD_H

#include "batch/worker.h"

/* claimed -> built, or -> closed when no record had a usable text. */
MUST_CHECK bool build_step(struct worker *w, struct batch *b,
                           struct error *err);

/* The user message for one record's text, as it leaves: for build and for
 * `vitae show --request`. */
struct prompt_result {
    bool usable;
    unsigned flags;
    char hash[33]; /* of the record's text, 32 hex digits */
};
MUST_CHECK bool build_prompt(struct worker *w, const char *text, size_t len,
                             struct strbuf *out, struct prompt_result *result,
                             struct error *err);

/* The form that all requests of a model share at a provider. */
MUST_CHECK bool build_template(struct worker *w, struct provider *p,
                               const char *model, struct request_template *t,
                               struct error *err);

/* "repaired invisible suspicious cut" for the item's flags. */
void build_flag_words(unsigned flags, struct strbuf *out);

#endif

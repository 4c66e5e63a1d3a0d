/*
 * record_prompt.h -- what a model is asked about one record.
 *
 * The same for a batch that is built, for `vitae try`, `plan`, `show
 * --request` and a batch that is adopted: what leaves must not depend on the
 * command that looks.  A text without anything to ask about is no error but
 * `usable` = false; ERROR_REJECT where it can't be made into a prompt.
 */
#ifndef BATCH_RECORD_PROMPT_H
#define BATCH_RECORD_PROMPT_H

#include "batch/worker.h"

struct record_prompt_result {
    bool usable;
    unsigned flags; /* 1u << those of extract/prompt.h */
    char hash[33];  /* of the record's text, 32 hex digits */
};

/* Appends the user message for one record's text, as it leaves. */
MUST_CHECK bool record_prompt(struct worker *w, const char *text, size_t len,
                              struct strbuf *out,
                              struct record_prompt_result *result,
                              struct error *err);

/* The form that all requests of a model share at a provider. */
MUST_CHECK bool record_template(struct worker *w, struct provider *p,
                                const char *model, struct request_template *t,
                                struct error *err);

/* "repaired invisible suspicious cut" for the item's flags. */
void record_flag_words(unsigned flags, struct strbuf *out);

#endif

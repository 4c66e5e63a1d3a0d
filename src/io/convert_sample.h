/*
 * convert_sample.h -- some texts, evenly taken, whose tokens are counted in
 * the end: all of them up to 1 MiB, then every second, every fourth ...
 *
 * In the end, because a vocabulary and a counter take as much memory as all
 * the rest of a conversion.
 */
#ifndef IO_CONVERT_SAMPLE_H
#define IO_CONVERT_SAMPLE_H

#include "base/error.h"
#include "base/strbuf.h"

#define SAMPLE_TEXTS 4096

struct vocab;

struct text_sample {
    struct strbuf text; /* of the kept ones, in a row */
    size_t lens[SAMPLE_TEXTS];
    size_t count;
    uint64_t step;  /* one of so many is kept */
    uint64_t bytes; /* of all texts, kept or not */
};

void text_sample_init(struct text_sample *s);
void text_sample_release(struct text_sample *s);
/* The text of that number (0, 1, ...) is to be kept. */
bool text_sample_wants(const struct text_sample *s, uint64_t number);
/* Long ones are cut for it. */
void text_sample_keep(struct text_sample *s, uint64_t number, const char *text,
                      size_t len);
/* Tokens of all texts, by those of the kept ones; vocab NULL = estimated. */
MUST_CHECK bool text_sample_tokens(const struct text_sample *s,
                                   const struct vocab *vocab, int64_t *tokens,
                                   struct error *err);

#endif

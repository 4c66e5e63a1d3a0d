/*
 * tokens_text.h -- mixed text in many scripts, the same for the same seed.
 *
 * Words and running text, code, numbers, white space, contractions, mixed
 * case, marks, emoji with joiners, and soups of all of them.  Valid UTF-8.
 */
#ifndef TESTS_EXTRACT_TOKENS_TEXT_H
#define TESTS_EXTRACT_TOKENS_TEXT_H

#include "base/strbuf.h"

/* Appends about size bytes. */
void tokens_text(struct strbuf *out, uint32_t seed, size_t size);

#endif

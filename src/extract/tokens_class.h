/*
 * tokens_class.h -- the classes by which tokenizers split text.
 *
 * Those of Unicode 16, on which the reference runs; written by
 * contrib/tables/token_class.py.  Used when the vocabularies are compiled
 * (tokens_compile.c), which keep them as flat tables, and by tests.
 */
#ifndef EXTRACT_TOKENS_CLASS_H
#define EXTRACT_TOKENS_CLASS_H

#include "base/base.h"

enum token_class {
    CLASS_UPPER = 1,    /* Lu Lt Lm Lo M: may begin a word's capitals */
    CLASS_LOWER = 2,    /* Ll Lm Lo M: may be a word's small letters */
    CLASS_LETTER = 4,   /* L */
    CLASS_NUMBER = 8,   /* N */
    CLASS_SPACE = 16,   /* White_Space */
    CLASS_NEWLINE = 32, /* CR and LF only; they are SPACE too */
};

/* First code point << 8 | class, up to the next. */
extern const uint32_t token_class_ranges[];
extern const size_t token_class_range_count;

#endif

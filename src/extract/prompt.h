/*
 * prompt.h -- the resume's text on its way to a model.
 *
 * The resume is always data between delimiters that it can't forge.
 * Invalid UTF-8, NULs and controls are repaired; zero-width and bidi
 * characters, role markers, forged delimiters and instructions to the model
 * are neutralised; what was done is told by flags, which the item keeps.
 * Pure and linear; allocates only in the given buffer.
 */
#ifndef EXTRACT_PROMPT_H
#define EXTRACT_PROMPT_H

#include "base/error.h"
#include "base/strbuf.h"

enum prompt_flag {
    PROMPT_REPAIRED = 1,   /* bytes were not valid UTF-8, NULs, controls */
    PROMPT_INVISIBLE = 2,  /* zero-width or bidi characters taken out */
    PROMPT_SUSPICIOUS = 4, /* it talks to the model */
    PROMPT_CUT = 8,        /* too long: the middle is left out */
};

struct prompt_limits {
    int64_t max_tokens;            /* of the text; 0 = none */
    struct token_counter *counter; /* borrowed; NULL = bytes / 3 */
};

enum prompt_verdict {
    PROMPT_READY,
    PROMPT_EMPTY, /* nothing to read: never reaches a model */
};

/* Appends the user message for one resume. */
MUST_CHECK bool prompt_build(const char *text, size_t len,
                             const struct prompt_limits *limits,
                             struct strbuf *out, enum prompt_verdict *verdict,
                             unsigned *flags, struct error *err);

#endif

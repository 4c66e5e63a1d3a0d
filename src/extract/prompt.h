/*
 * prompt.h -- the resume's text on its way to a model.
 *
 *   <document 5f3a9c01>
 *   the text
 *   </document 5f3a9c01>
 *   Answer with the JSON object for this document.
 *
 * The text is always data between delimiters that it can't forge: what looks
 * like one in it is broken, and the number follows from the whole text and
 * does not occur in it.  Invalid UTF-8, NULs and controls are repaired;
 * zero-width and bidi characters go; letters in disguise (full-width,
 * mathematical) become plain; role markers, special tokens and instructions
 * to the model are made harmless (hostile.h).  What was done is told by
 * flags, which the item keeps.  The same text gives the same prompt.
 * Linear.  Memory: the given buffer, and as much again while something
 * hostile is rewritten.
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

/* "repaired", "invisible" ... by bit. */
#define PROMPT_FLAGS 4
extern const char *const prompt_flag_names[PROMPT_FLAGS];

struct prompt_limits {
    int64_t max_tokens;            /* of the text; 0 = none */
    struct token_counter *counter; /* borrowed; NULL = estimated */
    /* borrowed; without a counter: who is asked about what may be too long.
     * When it fails, the estimate stands. */
    const struct token_teller *teller;
    bool plain;                  /* a prompt of its own: not wrapped */
    bool redact;                 /* hide contact data (redact.h) */
    struct redaction *redaction; /* borrowed, for that; NULL = a new one */
};

enum prompt_verdict {
    PROMPT_READY,
    PROMPT_EMPTY, /* nothing to read: never reaches a model */
};

/* Appends the text repaired and without what can't be seen: what the other
 * steps begin with.  The flags of it. */
unsigned prompt_clean(const char *text, size_t len, struct strbuf *out);

/* Appends the user message for one resume (plain: the text itself); nothing
 * when it is empty. */
MUST_CHECK bool prompt_build(const char *text, size_t len,
                             const struct prompt_limits *limits,
                             struct strbuf *out, enum prompt_verdict *verdict,
                             unsigned *flags, struct error *err);

#endif

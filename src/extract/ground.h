/*
 * ground.h -- is this value in the resume, and where?
 *
 * The text is indexed once; each value is then looked up without looking
 * through the text again, in three steps:
 *
 *   exact       byte for byte, on borders of words
 *   normalised  without case, accents, blanks, punctuation and line breaks;
 *               words put together or taken apart ("Wi-Fi", "WiFi", a
 *               hyphen at the line's end); phones by their digits; the
 *               legal form of a company (Inc., GmbH, 株式会社) and small
 *               words (of, de) may be missing; "Last, First"
 *   fuzzy       long words of the Latin script may differ by a letter (two
 *               from 12 letters on), one word in three at most
 *
 * Digits, short words, other scripts, e-mails and URLs never match by
 * likeness.  Chinese, Japanese, Korean and Thai have no blanks to rely on:
 * there a value is found inside any run of characters.
 *
 * Pure and linear in the text; nothing is allocated for a value after the
 * first few.  A struct ground belongs to one thread.
 */
#ifndef EXTRACT_GROUND_H
#define EXTRACT_GROUND_H

#include "base/error.h"

/* Ceilings, bytes.  A longer text is ERROR_REJECT; a longer value is not
 * looked for.  The index takes up to 40 times the text's size where every
 * other byte is a word, 12 times in common texts. */
#define GROUND_TEXT_MOST (2 * MIB)
#define GROUND_VALUE_MOST ((size_t)4096)

enum ground_how {
    GROUND_MISSING,    /* not in the text */
    GROUND_NOT_LOOKED, /* nothing to look for: no letter or digit, too long */
    GROUND_EXACT,
    GROUND_NORMALISED,
    GROUND_FUZZY,
};
extern const char *const ground_how_names[];

struct ground_hit {
    enum ground_how how;
    size_t offset; /* bytes in the text; 0 unless found */
    size_t len;
};

struct ground;

struct ground *ground_new(void); /* NULL: out of memory */
void ground_free(struct ground *g);

/* Indexes a text, which is borrowed until the next one.  Any bytes. */
MUST_CHECK bool ground_text(struct ground *g, const char *text, size_t len,
                            struct error *err);

/* Looks for one value (of a list: one element).  True when it is there. */
bool ground_find(struct ground *g, const char *value, size_t len,
                 struct ground_hit *hit);

#endif

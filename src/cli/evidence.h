/*
 * evidence.h -- what an item keeps about where its values came from.
 *
 * Words parted by blanks (writeback.c): "Column:offset+length" where a value
 * was found in the record's text, "Column~rule" for what a rule changed.
 * Pure: what a table holds is taken for hostile.
 */
#ifndef CLI_EVIDENCE_H
#define CLI_EVIDENCE_H

#include "base/strbuf.h"

struct evidence {
    int64_t at, len; /* -1: not found, or not looked for */
    char rules[200]; /* by ", "; "" = none touched it */
};

void evidence_read(const char *words, const char *column,
                   struct evidence *found);

/* Is "word:column" among the item's flags? */
bool evidence_flag(const char *flags, const char *word, const char *column);

/* The line of text around at: its number from 1, and at most `most` bytes of
 * it that hold the place, appended to out with controls as blanks. */
size_t evidence_line(const char *text, size_t text_len, size_t at, size_t len,
                     size_t most, struct strbuf *out);

#endif

/*
 * text.h -- UTF-8 from outside: validated, repaired, measured, cut.
 *
 * Every byte is hostile.  Nothing here depends on the locale.  Lengths are
 * bytes unless the name says otherwise.  All functions are linear.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/base.h"
#include "base/strbuf.h"

/* Decodes the character at s: its length 1..4, or 0 when len is 0 or the
 * bytes are not valid UTF-8 (overlong, surrogate, beyond U+10FFFF, cut). */
size_t utf8_decode(const char *s, size_t len, uint32_t *codepoint);

/* Writes at most 4 bytes; the number written.  Surrogates and beyond
 * become U+FFFD. */
size_t utf8_encode(uint32_t codepoint, char *out);

bool utf8_valid(const char *s, size_t len);

/* How far s is valid: the offset of the first bad byte, or len. */
size_t utf8_valid_prefix(const char *s, size_t len);

struct text_repair {
    size_t invalid;  /* maximal invalid sequences, each now one U+FFFD */
    size_t nuls;     /* dropped */
    size_t controls; /* C0 but tab, newline, return; DEL and C1: dropped */
};

/* Appends s repaired.  CR LF and CR become LF.  A BOM at the start goes.
 * What was done is added to *what. */
void text_repair(const char *s, size_t len, struct strbuf *out,
                 struct text_repair *what);

/* Nothing but white space, zero-width characters and controls. */
bool text_is_blank(const char *s, size_t len);

/* UTF-16 code units of valid UTF-8: what nvarchar(n) counts. */
size_t utf8_utf16_units(const char *s, size_t len);
size_t utf8_characters(const char *s, size_t len);

enum text_unit { TEXT_BYTES, TEXT_CHARACTERS, TEXT_UTF16 };

/* The longest prefix of at most max units that ends on a whole character
 * (and not before a combining mark, where that costs no more than 8
 * characters). */
size_t utf8_cut(const char *s, size_t len, size_t max, enum text_unit unit);

/* Letters without case and accents for comparing: appends the folded form
 * of s (simple case folding, NFKD-like stripping of combining marks for
 * Latin, Greek and Cyrillic, full-width to ASCII).  Tables of our own. */
void text_fold(const char *s, size_t len, struct strbuf *out);

bool text_is_space(uint32_t codepoint);      /* Unicode White_Space */
bool text_is_zero_width(uint32_t codepoint); /* invisible, bidi controls */

/* ASCII only, no locale. */
bool ascii_equal_nocase(const char *a, const char *b);

#endif

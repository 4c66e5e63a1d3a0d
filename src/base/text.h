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

/* How long the maximal invalid sequence at s is (what one U+FFFD stands
 * for); 0 when len is 0 or a valid character begins there. */
size_t utf8_bad_len(const char *s, size_t len);

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

/* Appends s repaired.  CR LF, CR, VT, FF and U+0085 become LF (a dropped
 * form feed would glue two words of two pages).  A BOM at the start goes.
 * What was done is added to *what. */
void text_repair(const char *s, size_t len, struct strbuf *out,
                 struct text_repair *what);

/* Nothing but white space, zero-width characters and controls. */
bool text_is_blank(const char *s, size_t len);

/* UTF-16 code units: what nvarchar(n) counts.  An invalid sequence counts
 * as one U+FFFD. */
size_t utf8_utf16_units(const char *s, size_t len);
size_t utf8_characters(const char *s, size_t len);

enum text_unit { TEXT_BYTES, TEXT_CHARACTERS, TEXT_UTF16 };

/* The length in bytes of the longest prefix of at most max units that ends
 * on a whole character (and not before a combining mark or within a joined
 * emoji, where that costs no more than 8 characters). */
size_t utf8_cut(const char *s, size_t len, size_t max, enum text_unit unit);

/* Letters without case and accents for comparing: appends the folded form
 * of s.  Full case folding; compatibility forms become the plain ones
 * (full and half width, ligatures, styled letters, radicals); accents of
 * Latin, Greek, Cyrillic and vowel signs of Hebrew and Arabic go; Latin
 * letters with a stroke lose it; quotes and dashes become ' " -; zero-width
 * characters go; separate kana marks and Hangul letters are composed.
 * White space and punctuation stay.  Invalid sequences become U+FFFD. */
void text_fold(const char *s, size_t len, struct strbuf *out);

/* The same for one code point: at most 4 to out, 0 when it goes.  Doesn't
 * compose: text_compose() is for that. */
size_t text_fold_codepoint(uint32_t codepoint, uint32_t *out);

/* The one character that base and a following kana mark or Hangul letter
 * make; 0 when they make none. */
uint32_t text_compose(uint32_t base, uint32_t mark);

bool text_is_space(uint32_t codepoint);      /* Unicode White_Space */
bool text_is_control(uint32_t codepoint);    /* C0, DEL, C1 */
bool text_is_mark(uint32_t codepoint);       /* category M */
bool text_is_zero_width(uint32_t codepoint); /* invisible, bidi controls */

/* ASCII only, no locale. */
bool ascii_equal_nocase(const char *a, const char *b);
/* A copy with small letters, cut at size. */
void ascii_lower(const char *from, char *out, size_t size);

#endif

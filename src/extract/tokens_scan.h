/*
 * tokens_scan.h -- where the pieces of a text end, piece by piece.
 *
 * Private to tokens*.c.  Both patterns (facts: tiktoken's openai_public.py)
 * by hand, with the meaning of their ordered alternatives.  No function
 * looks further back than its piece or takes more than two passes over what
 * it gives out, so that a whole text is linear.
 *
 * In o200k's word pattern a capital run gives back characters until one can
 * be the small letter that has to follow; only letters without case and
 * marks are both, so the last of them is remembered instead.
 */
#ifndef EXTRACT_TOKENS_SCAN_H
#define EXTRACT_TOKENS_SCAN_H

#include "extract/tokens_class.h"
#include "extract/tokens_vocab.h"

#define CLASS_WORD (CLASS_UPPER | CLASS_LOWER)
#define CLASS_NO_SYMBOL (CLASS_LETTER | CLASS_NUMBER | CLASS_SPACE)

static inline bool scan_is_tail(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

static inline unsigned scan_class(const struct vocab *v, uint32_t code)
{
    if (code < CLASSES_FLAT)
        return v->classes[code];
    code -= CLASSES_FLAT;
    return v->high_pages[v->high_index[code / CLASSES_PAGE] * CLASSES_PAGE +
                         code % CLASSES_PAGE];
}

/* Beyond ASCII.  What is no valid character is a symbol of one byte. */
static inline unsigned scan_wide(const struct vocab *v, const uint8_t *p,
                                 const uint8_t *end, size_t *len)
{
    size_t room = (size_t)(end - p);

    if (p[0] >= 0xc2 && p[0] < 0xe0 && room >= 2 && scan_is_tail(p[1])) {
        *len = 2;
        return v->classes[(p[0] & 0x1fu) << 6 | (p[1] & 0x3fu)];
    }
    if ((p[0] & 0xf0) == 0xe0 && room >= 3 && scan_is_tail(p[1]) &&
        scan_is_tail(p[2])) {
        uint32_t code =
            (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);

        if (code >= 0x800 && (code & 0xf800) != 0xd800) {
            *len = 3;
            return v->classes[code];
        }
    }
    if ((p[0] & 0xf8) == 0xf0 && room >= 4 && scan_is_tail(p[1]) &&
        scan_is_tail(p[2]) && scan_is_tail(p[3])) {
        uint32_t code = (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 |
                        (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);

        if (code >= 0x10000 && code < 0x110000) {
            *len = 4;
            return scan_class(v, code);
        }
    }
    *len = 1;
    return 0;
}

/* The class of the character at p, which is before end; its length. */
static inline unsigned scan_at(const struct vocab *v, const uint8_t *p,
                               const uint8_t *end, size_t *len)
{
    if (*p < 0x80) {
        *len = 1;
        return v->classes[*p];
    }
    return scan_wide(v, p, end, len);
}

/* Past the characters that have one of these classes. */
static inline const uint8_t *scan_while(const struct vocab *v, const uint8_t *p,
                                        const uint8_t *end, unsigned classes)
{
    size_t len;

    while (p < end && (scan_at(v, p, end, &len) & classes))
        p += len;
    return p;
}

/* The length of 's 't 're 've 'm 'll 'd at p in any case, or 0.  Without
 * case an s is a long s too. */
static inline size_t scan_contraction(const uint8_t *p, const uint8_t *end)
{
    size_t room = (size_t)(end - p);
    uint8_t first, second;

    if (room < 2 || p[0] != '\'')
        return 0;
    first = p[1] | 0x20;
    if (first == 's' || first == 't' || first == 'm' || first == 'd')
        return 2;
    if (room < 3)
        return 0;
    second = p[2] | 0x20;
    if (((first == 'r' || first == 'v') && second == 'e') ||
        (first == 'l' && second == 'l') || (p[1] == 0xc5 && p[2] == 0xbf))
        return 3;
    return 0;
}

/* From a letter or mark to the end of its word, o200k. */
static inline const uint8_t *scan_word(const struct vocab *v, const uint8_t *p,
                                       const uint8_t *end)
{
    const uint8_t *both = NULL; /* after the last that is capital and small */
    unsigned class = 0;
    size_t len;

    while (p < end && ((class = scan_at(v, p, end, &len)) & CLASS_UPPER)) {
        p += len;
        if (class & CLASS_LOWER)
            both = p;
    }
    if (p < end && (class & CLASS_LOWER))
        p = scan_while(v, p, end, CLASS_LOWER);
    else if (both)
        p = both;
    return p + scan_contraction(p, end);
}

static inline const uint8_t *scan_numbers(const struct vocab *v,
                                          const uint8_t *p, const uint8_t *end)
{
    size_t len;
    int i;

    for (i = 0; i < 3; i++) {
        if (p == end || !(scan_at(v, p, end, &len) & CLASS_NUMBER))
            break;
        p += len;
    }
    return p;
}

static inline const uint8_t *scan_symbols(const struct vocab *v,
                                          const uint8_t *p, const uint8_t *end,
                                          enum vocab_pattern pattern)
{
    size_t len;

    while (p < end && !(scan_at(v, p, end, &len) & CLASS_NO_SYMBOL))
        p += len;
    while (p < end && (*p == '\r' || *p == '\n' ||
                       (*p == '/' && pattern == PATTERN_O200K)))
        p++;
    return p;
}

static inline const uint8_t *scan_spaces(const struct vocab *v,
                                         const uint8_t *begin,
                                         const uint8_t *end,
                                         enum vocab_pattern pattern)
{
    const uint8_t *newline = NULL; /* after the last one */
    const uint8_t *last = begin;   /* the last character */
    const uint8_t *p = begin;
    unsigned class;
    size_t len;

    while (p < end && ((class = scan_at(v, p, end, &len)) & CLASS_SPACE)) {
        last = p;
        p += len;
        if (class & CLASS_NEWLINE)
            newline = p;
    }
    if (p == end && pattern == PATTERN_CL100K)
        return p;
    if (newline)
        return newline;
    return p == end || last == begin ? p : last;
}

/* The end of the piece at p, which is before end. */
static inline const uint8_t *scan_piece(const struct vocab *v, const uint8_t *p,
                                        const uint8_t *end,
                                        enum vocab_pattern pattern)
{
    unsigned word = pattern == PATTERN_O200K ? CLASS_WORD : CLASS_LETTER;
    unsigned class, next = CLASS_SPACE;
    const uint8_t *after;
    size_t len, unused;

    if (pattern == PATTERN_CL100K && (len = scan_contraction(p, end)))
        return p + len;
    class = scan_at(v, p, end, &len);
    after = p;
    if (!(class & (word | CLASS_NUMBER | CLASS_NEWLINE))) {
        after = p + len;
        if (after < end)
            next = scan_at(v, after, end, &unused);
    } else {
        next = class;
    }
    if (next & word)
        return pattern == PATTERN_O200K
                   ? scan_word(v, after, end)
                   : scan_while(v, after, end, CLASS_LETTER);
    if (class & CLASS_NUMBER)
        return scan_numbers(v, p, end);
    if (!(class & CLASS_SPACE))
        return scan_symbols(v, p, end, pattern);
    if (*p == ' ' && !(next & CLASS_NO_SYMBOL))
        return scan_symbols(v, after, end, pattern);
    return scan_spaces(v, p, end, pattern);
}

#endif

/*
 * strbuf.h -- a growing string with a ceiling.
 *
 * Build first, check once: an addition that would pass the ceiling, or
 * that memory refuses, marks the buffer as failed; later additions do
 * nothing, and strbuf_ok() tells.  What was added before stays.
 * data is always NUL-terminated (it may hold NULs too: len counts).
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include "base/base.h"

struct strbuf {
    char *data; /* owned; never NULL after init */
    size_t len;
    size_t size;    /* allocated, 0 = static empty string */
    size_t ceiling; /* largest len allowed */
    bool failed;
};

void strbuf_init(struct strbuf *b, size_t ceiling);
void strbuf_release(struct strbuf *b);

/* Empty and not failed; keeps the memory. */
void strbuf_clear(struct strbuf *b);

void strbuf_add(struct strbuf *b, const void *data, size_t len);
void strbuf_adds(struct strbuf *b, const char *s);
void strbuf_addc(struct strbuf *b, char c);
void strbuf_add_int(struct strbuf *b, int64_t value);
void strbuf_addf(struct strbuf *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* Room for len more bytes: where to write them, or NULL (then failed).
 * strbuf_grown() says how many were written. */
char *strbuf_room(struct strbuf *b, size_t len);
void strbuf_grown(struct strbuf *b, size_t len);

/* Shortens to len; no effect when it is shorter. */
void strbuf_cut(struct strbuf *b, size_t len);

MUST_CHECK bool strbuf_ok(const struct strbuf *b);

/* The string, now the caller's to free(), and an empty buffer; NULL when
 * failed or out of memory. */
MUST_CHECK char *strbuf_take(struct strbuf *b);

/* Removes an incomplete UTF-8 sequence from the end of s, as a cut leaves
 * it. */
void utf8_trim_cut(char *s);

#endif

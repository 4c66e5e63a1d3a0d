/*
 * jsonw.h -- the JSON writer: bulk lines, tables, --json output.
 *
 * Writes into a strbuf (whose ceiling is the limit).  Text must be valid
 * UTF-8: an invalid sequence becomes U+FFFD, so that what leaves is always
 * valid (repair first, text.h, where it has to be counted).
 * jsonw_quote() is the hot loop of building request files: see the
 * bench for its speed.
 */
#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include "base/strbuf.h"

/* Appends "s" with quotes and escapes. */
void jsonw_quote(struct strbuf *out, const char *s, size_t len);
/* The same without the quotes. */
void jsonw_escape(struct strbuf *out, const char *s, size_t len);

/* A writer that minds the commas.  Depth up to 32.  name is NULL in
 * arrays. */
struct jsonw {
    struct strbuf *out; /* borrowed */
    uint32_t started;   /* bit per level: something was written */
    unsigned depth;
};

void jsonw_init(struct jsonw *w, struct strbuf *out);
void jsonw_object(struct jsonw *w, const char *name);
void jsonw_array(struct jsonw *w, const char *name);
void jsonw_end_object(struct jsonw *w);
void jsonw_end_array(struct jsonw *w);
void jsonw_text(struct jsonw *w, const char *name,
                const char *s); /* NULL: null */
void jsonw_text_len(struct jsonw *w, const char *name, const char *s,
                    size_t len);
void jsonw_integer(struct jsonw *w, const char *name, int64_t value);
void jsonw_real(struct jsonw *w, const char *name, double value);
void jsonw_bool(struct jsonw *w, const char *name, bool value);
void jsonw_null(struct jsonw *w, const char *name);
/* value is JSON already. */
void jsonw_raw(struct jsonw *w, const char *name, const char *value,
               size_t len);

#endif

/*
 * setting_value.h -- one setting's value: read, stored, printed.
 *
 * The part of settings.h that knows the types.  A field is the place in the
 * caller's struct: char *, int64_t, double, bool or int by the row's type.
 */
#ifndef BASE_SETTING_VALUE_H
#define BASE_SETTING_VALUE_H

#include "base/settings.h"

/* Stores text's value in field; the old text is freed.  On failure the
 * field is unchanged, and the message says what is expected there (the
 * caller adds where). */
MUST_CHECK bool setting_store(const struct setting_row *row, const char *text,
                              void *field, struct error *err);
/* Frees what the field owns. */
void setting_clear(const struct setting_row *row, void *field);
/* The value as the file would have it; secrets as "(set)". */
void setting_show(const struct setting_row *row, const void *field,
                  struct strbuf *out);
bool setting_is_text(const struct setting_row *row);

#endif

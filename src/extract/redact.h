/*
 * redact.h -- contact data stays here: placeholders go out and come back.
 *
 * E-mail addresses, phones, street addresses and profile URLs in a text are
 * replaced by [EMAIL-1], [PHONE-1], [ADDRESS-1], [URL-1] before anything
 * leaves the machine, and put back in the result.  The numbers follow from
 * the text alone (first occurrence first, the same value the same number),
 * so nothing needs to be stored.  Hiding too much costs little, since it
 * comes back; dates are left, the model must read them.
 *
 * The text must be clean (prompt_clean()): what is split by invisible
 * characters is whole again there.
 */
#ifndef EXTRACT_REDACT_H
#define EXTRACT_REDACT_H

#include "base/error.h"
#include "base/strbuf.h"

struct redaction; /* what was found in a text; reusable */

MUST_CHECK struct redaction *redaction_new(struct error *err);
void redaction_free(struct redaction *r);

/* text is borrowed until the next call. */
MUST_CHECK bool redaction_find(struct redaction *r, const char *text,
                               size_t len, struct error *err);
size_t redaction_count(const struct redaction *r);

/* Appends the text with placeholders. */
void redaction_hide(const struct redaction *r, struct strbuf *out);

/* Appends s with the values behind its placeholders.  Brackets and the case
 * of letters may have been lost; a number that was never given stays.
 * False: s holds none (it is appended all the same). */
bool redaction_restore(const struct redaction *r, const char *s, size_t len,
                       struct strbuf *out);

/* Quick: s may hold a placeholder. */
bool redaction_may_hold(const char *s, size_t len);

#endif

/*
 * html_private.h -- entities, for html.c.
 */
#ifndef IO_HTML_PRIVATE_H
#define IO_HTML_PRIVATE_H

#include "base/strbuf.h"

/* Appends s with &amp; &#38; &#x26; ... decoded; others stay. */
void html_entities(const char *s, size_t len, struct strbuf *out);

#endif

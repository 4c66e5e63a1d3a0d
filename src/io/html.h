/*
 * html.h -- the text of a web page, for a model to read.
 *
 * Tags, scripts, styles and comments go, and with them what is no content:
 * navigation, forms, asides, footers.  Where the page marks its content
 * (main, else article) only that is kept.  Blocks become lines, lists begin
 * with "- ", entities are decoded.  Bytes in another encoding (Content-Type,
 * meta charset) become UTF-8.  Pages are never quite well-formed: nothing is
 * refused, the result is always valid UTF-8, and a page that would be left
 * with next to nothing is taken whole.
 *
 * Our own and not libxml2: text is all that is wanted, not a tree; that is
 * a scanner of a few hundred lines, linear and without recursion, against a
 * library of 2 MB, or a program started for each page.
 */
#ifndef IO_HTML_H
#define IO_HTML_H

#include "base/strbuf.h"

/* Appends to both.  type is the Content-Type, "" = not told; text/plain is
 * taken as it stands. */
void html_text(const char *page, size_t len, const char *type,
               struct strbuf *title, struct strbuf *text);

#endif

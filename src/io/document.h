/*
 * document.h -- the text of a file: .txt, .md, .pdf, .docx.
 *
 * .txt and .md are read as they stand; .pdf goes through pdftotext
 * (poppler-utils), .docx through docx2txt (package docx2txt), run without a
 * shell, with limits of time, memory and output.  A missing tool is
 * ERROR_SETUP that names its Debian package; a file that can't be read,
 * or holds no text, is ERROR_REJECT.
 */
#ifndef IO_DOCUMENT_H
#define IO_DOCUMENT_H

#include "base/error.h"
#include "base/strbuf.h"

/* The name's suffix is one of ours. */
bool document_is_known(const char *path);
MUST_CHECK bool document_text(const char *path, struct strbuf *out,
                              struct error *err);

#endif

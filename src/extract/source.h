/*
 * source.h -- a JSON file that a person wrote, with lines for messages.
 *
 * The strict reader (jsonr.h) and not json-c, because a fault must name the
 * line it is in, and duplicate members must not pass.
 */
#ifndef EXTRACT_SOURCE_H
#define EXTRACT_SOURCE_H

#include "base/error.h"
#include "base/jsonr.h"
#include "base/strbuf.h"

struct source {
    char *path;                   /* owned */
    struct strbuf text;           /* what the nodes point into */
    struct json_doc *doc;         /* owned */
    const struct json_node *root; /* borrowed from doc */
};

/* FOLDER/NAME, at most 4 MiB.  Release it also after a failure. */
MUST_CHECK bool source_open(struct source *s, const char *folder,
                            const char *name, struct error *err);
void source_release(struct source *s);

/* ERROR_SETUP, EXIT_SETTINGS, "PATH:LINE: ...".  at may be NULL (no line).
 * Always false. */
bool source_fault(const struct source *s, const struct json_node *at,
                  struct error *err, const char *format, ...) PRINTF_LIKE(4, 5);

/* 1 for the first line. */
int source_line(const struct source *s, const char *at);

#endif

/*
 * items.h -- the elements of a JSON array in a file, one at a time.
 *
 * The file is one array; memory is one element, up to the ceiling, never the
 * file.  A BOM and white space around it are fine, anything else is refused.
 * What stands between the elements is checked here; each element is found by
 * its brackets and quotes only: read it with base/jsonr.h.  Every fault is
 * ERROR_REJECT, code "json", names file, element (from 1) and reason, and
 * ends the reading.
 */
#ifndef IO_ITEMS_H
#define IO_ITEMS_H

#include "base/error.h"
#include "base/strbuf.h"

struct items {
    int fd;           /* -1 = closed */
    const char *name; /* borrowed: of the file, for messages */
    char *buffer;     /* owned */
    size_t size, begin, end, ceiling;
    bool at_end;     /* the file has no more bytes */
    bool finished;   /* the array was closed */
    uint64_t number; /* of the element last given, from 1 */
};

MUST_CHECK bool items_open(struct items *items, const char *path,
                           size_t ceiling, struct error *err);
/* *text (borrowed until the next call) is the element; NULL at the end. */
MUST_CHECK bool items_next(struct items *items, const char **text, size_t *len,
                           struct error *err);
void items_close(struct items *items);

#endif

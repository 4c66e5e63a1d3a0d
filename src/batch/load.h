/*
 * load.h -- texts into the embedded database's table.
 *
 * Only SQLite: a server's table belongs to its applications.  A text that
 * is there already under its id, unchanged, is left alone; a changed one
 * waits again.
 */
#ifndef BATCH_LOAD_H
#define BATCH_LOAD_H

#include "db/db.h"

struct load_item {
    const char *id; /* NULL: the next free number */
    const char *text;
    size_t len;
};

/* One transaction; *added counts what was new or changed. */
MUST_CHECK bool load_texts(struct db *db, const struct load_item *items,
                           size_t count, int64_t *added, struct error *err);

#endif

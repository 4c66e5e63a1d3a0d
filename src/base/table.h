/*
 * table.h -- aligned tables of text for people.
 *
 * Columns are as wide as their widest cell, up to their limit, beyond which
 * a cell ends in an ellipsis ("..." cut at whole characters).  Widths are
 * columns of a terminal: East Asian wide characters count two, combining
 * marks none.  Controls in a cell become blanks, invalid UTF-8 "?": what
 * comes out of a database drives no terminal.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/strbuf.h"

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table_column {
    const char *title; /* static */
    enum table_align align;
    size_t limit; /* in columns of the terminal, 0 = none */
};

struct table {
    const struct table_column *columns; /* borrowed */
    size_t column_count;
    struct strbuf text; /* of all cells, NUL between */
    size_t cells;
};

#define TABLE_COLUMNS 32

void table_init(struct table *t, const struct table_column *columns,
                size_t count);
void table_release(struct table *t);
/* Cells row by row, in order; NULL is empty. */
void table_add(struct table *t, const char *cell);
/* False when memory ran out. */
MUST_CHECK bool table_print(const struct table *t, struct strbuf *out);

#endif

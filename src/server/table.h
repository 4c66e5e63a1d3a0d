/*
 * table.h -- what people upload, as a table.
 *
 * CSV of any common dialect (io/csv.h), JSON lines or a JSON array of flat
 * objects, read once and written again as one plain form: CSV, UTF-8, a
 * header with a name for each column that no other has, and as many cells in
 * each row.  Text that isn't UTF-8 is taken for Windows-1252, as Excel saves
 * it.  Rows that can't be read are left out and told.  Spreadsheets and
 * other files that aren't text are refused with what to do (ERROR_REJECT,
 * code "table"; "requests": lines of OpenAI's Batch API).
 * Memory: one row.
 */
#ifndef SERVER_TABLE_H
#define SERVER_TABLE_H

#include "base/error.h"
#include "base/jsonw.h"
#include "io/csv.h"

#define TABLE_COLUMNS 256
#define TABLE_ROW (8 * MIB) /* longest row, bytes */

/* How the table came through. */
struct table_news {
    int64_t rows; /* in the new file */
    int64_t left_out;
    struct strbuf examples; /* a JSON array of the first reasons; owned */
};

/* most: rows; *stop ends it with ERROR_RETRY. */
MUST_CHECK bool table_import(const char *from, const char *to, int64_t most,
                             const volatile bool *stop, struct table_news *news,
                             struct error *err);
void table_news_release(struct table_news *news);

/* A table that table_import() wrote: csv stands behind the header, whose
 * names are csv->fields until the next row. */
MUST_CHECK bool table_open(struct csv_reader *csv, const char *path,
                           struct error *err);

/* Which columns hold the id (-1: none) and the text, by names and what the
 * first rows hold.  Columns that tell who somebody is are left out. */
struct table_guess {
    long id;
    bool text[TABLE_COLUMNS];
};
/* Writes members rows, columns, preview, id_column, text. */
MUST_CHECK bool table_describe(const char *path, const volatile bool *stop,
                               struct jsonw *w, struct error *err);

/* The text that a model reads: the cell alone, or "Name: cell" a line where
 * there are several. */
struct table_texts {
    char *names[TABLE_COLUMNS]; /* owned */
    size_t count;
};
MUST_CHECK bool table_names(struct table_texts *t, const struct csv_reader *csv,
                            struct error *err);
void table_names_free(struct table_texts *t);
void table_text(const struct table_texts *t, const bool *chosen,
                const struct csv_reader *csv, struct strbuf *out);

#endif

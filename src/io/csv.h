/*
 * csv.h -- rows out of a CSV file of any common dialect, streaming.
 *
 * RFC 4180 with what the world makes of it: comma, semicolon, tab or bar
 * (seen in the first line, or told by a line "sep=;" before it), LF, CR LF or
 * CR, UTF-8 with or without BOM, UTF-16 with BOM, quoted fields with line
 * breaks and doubled quotes. Memory: one row, up to the ceiling; never the
 * file. A row that can't be read (a quote that never ends, text after a closing
 * quote, too long, too many fields) is ERROR_REJECT, code "csv", and names
 * row, column and reason; the reader stands after it where it can, so that
 * a caller may skip it.  Fields are bytes as they stand (UTF-16 becomes
 * UTF-8, half a character a byte FF); repairing is the caller's (text.h).
 */
#ifndef IO_CSV_H
#define IO_CSV_H

#include "base/error.h"
#include "base/strbuf.h"

#define CSV_FIELDS 4096

struct csv_field {
    const char *text; /* borrowed till the next row; NUL-terminated */
    size_t len;
};

struct csv_reader {
    int fd;
    const char *name; /* borrowed: of the file, for messages */
    char *buffer;     /* owned: bytes read */
    size_t begin, end;
    bool at_end;
    int encoding;             /* enum csv_encoding */
    char separator;           /* 0 = not seen yet */
    struct strbuf text;       /* of the row */
    size_t *starts;           /* owned: of each field in text */
    struct csv_field *fields; /* owned */
    size_t count;
    bool saw_quote; /* in the row: an empty one isn't a blank line then */
    bool unclosed;  /* the row failed by a quote that took all that follows */
    uint64_t row;   /* of the row last given, from 1 */
};

MUST_CHECK bool csv_open(struct csv_reader *csv, const char *path,
                         size_t row_ceiling, struct error *err);
/* *more = false at the end; else csv->fields[0..count).  Blank lines are
 * passed over. */
MUST_CHECK bool csv_next(struct csv_reader *csv, bool *more, struct error *err);
void csv_close(struct csv_reader *csv);
/* Its fields are UTF-8 then, but for a byte 0xff for each half pair. */
bool csv_is_utf16(const struct csv_reader *csv);

/* The field of the header row with that name (without case and blanks
 * around); -1 when there is none. */
long csv_find(const struct csv_reader *csv, const char *name);

/* Appends a field with the quotes it needs, also so that the first one isn't
 * taken for a line that tells the separator.  excel_safe puts ' before what
 * a spreadsheet would take for a formula. */
void csv_add(struct strbuf *out, const char *text, size_t len, bool excel_safe);

#endif

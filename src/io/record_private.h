/*
 * record_private.h -- the formats behind record.h.
 */
#ifndef IO_RECORD_PRIVATE_H
#define IO_RECORD_PRIVATE_H

#include "base/file.h"
#include "base/jsonr.h"
#include "io/csv.h"
#include "io/items.h"
#include "io/record.h"

struct record_ops {
    const char *unit; /* static: "row" */
    bool (*open)(struct record_reader *r, struct error *err);
    /* Fills row, id, title, text; number is there. */
    bool (*next)(struct record_reader *r, struct record *record, bool *more,
                 struct error *err);
    void (*close)(struct record_reader *r);
};

extern const struct record_ops record_csv, record_lines, record_json;

struct record_reader {
    const char *path; /* borrowed */
    struct record_settings settings;
    enum record_format format;
    const struct record_ops *ops; /* static */
    uint64_t number;
    struct strbuf id, title, text; /* of the record, where it is made */
    /* CSV */
    struct csv_reader csv;
    char **names; /* owned: as the header has them, made fit to be read */
    size_t columns;
    long id_at, text_at; /* -1 = none */
    /* lines */
    struct file_lines lines;
    /* array */
    struct items items;
    struct json_doc *doc; /* owned */
};

/* ERROR_REJECT, code "record", "PATH row 3: ..."; column NULL = none.
 * Always false. */
bool record_bad(const struct record_reader *r, uint64_t row, const char *column,
                struct error *err, const char *format, ...) PRINTF_LIKE(5, 6);

/* A string, an object with prompt or with contents, read from JSON. */
MUST_CHECK bool record_element(struct record_reader *r, const char *text,
                               size_t len, struct record *record,
                               struct error *err);
/* A request line: its name and shape. */
MUST_CHECK bool record_request(struct record_reader *r, const char *text,
                               size_t len, struct record *record,
                               struct error *err);
/* Valid UTF-8 without NULs, or a refusal. */
MUST_CHECK bool record_text_fits(const struct record_reader *r, uint64_t row,
                                 const char *column, const char *text,
                                 size_t len, struct error *err);

#endif

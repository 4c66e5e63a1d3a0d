/*
 * report.h -- rows out of vitae's own tables, for people and for programs.
 *
 * A report is a statement (sql/report_*.sql) and a row for each column it
 * selects, in order: the same table makes the text, aligned, and the JSON.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "base/jsonw.h"
#include "batch/batch.h"
#include "db/db.h"

enum report_kind {
    REPORT_TEXT,
    REPORT_NUMBER, /* a whole number */
    REPORT_MONEY,  /* a real number, four places */
    REPORT_AGE,    /* seconds since; for people "3 min 02 s" */
    REPORT_TO_GO,  /* seconds since, turned round: "in 3 min", "now" */
};

struct report_column {
    const char *name;  /* in JSON */
    const char *title; /* for people; NULL = not shown to them */
    enum report_kind kind;
    size_t limit; /* columns of the terminal, 0 = none */
};

#define REPORT_COLUMNS 40

struct report {
    const char *statement;
    const struct report_column *columns;
    size_t count;
};

/* An aligned table with its titles; nothing when there are no rows. */
MUST_CHECK bool report_table(struct db *db, const struct report *report,
                             const struct db_value *values, size_t count,
                             struct strbuf *out, int64_t *rows,
                             struct error *err);
/* "Title  value" lines for each row; NULLs are left out. */
MUST_CHECK bool report_fields(struct db *db, const struct report *report,
                              const struct db_value *values, size_t count,
                              struct strbuf *out, int64_t *rows,
                              struct error *err);
/* An array of objects. */
MUST_CHECK bool report_json(struct db *db, const struct report *report,
                            const struct db_value *values, size_t count,
                            struct jsonw *json, const char *name, int64_t *rows,
                            struct error *err);

/* The batch of that key or provider's id; an error when there is none. */
MUST_CHECK bool report_find(struct db *db, const char *id, struct batch *b,
                            struct error *err);

/* Is there a record of that id, or anything kept of one?  An error when not:
 * a mistyped id must not look like work done. */
MUST_CHECK bool report_find_record(struct db *db, const char *id,
                                   struct error *err);

/* Prints what was built, or fails for memory. */
MUST_CHECK bool report_print(struct strbuf *out, struct error *err);

#endif

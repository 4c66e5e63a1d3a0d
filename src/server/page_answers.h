/*
 * page_answers.h -- the answers of a job, for page_*.c alone.
 */
#ifndef SERVER_PAGE_ANSWERS_H
#define SERVER_PAGE_ANSWERS_H

#include "extract/values.h"
#include "provider/provider.h"
#include "server/page_parts.h"

/* Reads one answer line after the other. */
struct page_reader {
    struct profile *profile; /* owned, all */
    struct values *values;
    struct json_doc *doc;
    struct answer answer;
    double today;
};

enum page_outcome {
    PAGE_DONE,
    PAGE_FAILED, /* why says it */
};

MUST_CHECK bool page_reader_open(struct page_reader *r, const char *profile,
                                 double today, struct error *err);
void page_reader_close(struct page_reader *r);
/* The values are r->values until the next call; text NULL = not known.  row:
 * of the table, 0 = the line is none of ours.  *why is static. */
MUST_CHECK bool page_read_answer(struct page_reader *r, const char *line,
                                 size_t len, const char *text, size_t text_len,
                                 enum page_outcome *outcome, uint64_t *row,
                                 const char **why, struct error *err);
/* "row-17": 17; 0 for anything else. */
uint64_t page_row(const char *custom_id);

#define PAGE_LINE (64 * MIB) /* longest answer line */

/* Where the answer of each row is. */
#define PAGE_IN_ERRORS ((uint64_t)1 << 63)
#define PAGE_NO_ANSWER UINT64_MAX
struct answer_index {
    uint64_t *at; /* owned: offset by row, PAGE_IN_ERRORS, PAGE_NO_ANSWER */
    size_t size;
};
/* Adds the lines of a file, which may be missing; mark: PAGE_IN_ERRORS or 0.
 * Rows beyond most are none. */
MUST_CHECK bool page_index(struct answer_index *index, const char *path,
                           uint64_t mark, uint64_t most, struct error *err);

#endif

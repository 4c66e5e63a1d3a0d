/*
 * page_parts.h -- what the files of the web page share: page_*.c alone.
 */
#ifndef SERVER_PAGE_PARTS_H
#define SERVER_PAGE_PARTS_H

#include "base/json.h"
#include "base/jsonw.h"
#include "extract/profile.h"
#include "server/api.h"
#include "server/page.h"
#include "server/table.h"

/* A job of the page, out of its batch's metadata. */
struct page_job {
    char batch[STATE_ID];
    char output[STATE_ID], errors[STATE_ID];
    char table[STATE_ID]; /* the file */
    char name[256];       /* of the table, as the client told it */
    char profile[64];
    enum served_status status;
    int64_t limit;            /* rows that were to be asked, 0 = all */
    long id;                  /* column; -1 = none */
    bool text[TABLE_COLUMNS]; /* columns that the model read */
};

struct page_tally; /* page_scores.c */

/* Has another thread do the rest: the exchange sleeps meanwhile, and work
 * must reply. */
void page_later(struct exchange *x, void (*work)(struct exchange *x));
struct state *page_state(struct page *p);
const struct dispatch_settings *page_settings(const struct page *p);
const volatile bool *page_stop(const struct page *p);
/* Tallies that are kept, under a lock of their own. */
struct page_tally **page_tallies(struct page *p);
void page_lock(struct page *p);
void page_unlock(struct page *p);

/* False = it has replied. */
MUST_CHECK bool page_find_job(struct exchange *x, struct page_job *job);
/* Path and name of a table of this owner; false = it has replied.  name
 * holds 256 bytes and may be NULL. */
MUST_CHECK bool page_find_table(struct exchange *x, const char *id, char *path,
                                char *name);
/* A profile that the page offers; ERROR_REJECT for any other. */
MUST_CHECK bool page_profile(const char *name, struct profile **profile,
                             struct error *err);

void page_upload(struct exchange *x);
void page_get_table(struct exchange *x);
void page_estimate(struct exchange *x);
void page_start(struct exchange *x);
void page_scores(struct exchange *x);
void page_rows(struct exchange *x);
void page_results(struct exchange *x);
void page_tallies_free(struct page_tally *list);

#endif

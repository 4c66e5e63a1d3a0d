/*
 * pages.h -- records out of a list of addresses: some pages at a time.
 *
 * A window of addresses is taken, fetched at once (fetch.h), and read in the
 * order of the list; the text of a record is its address and what the page
 * says, the title the page's.  Memory: one window.
 */
#ifndef IO_PAGES_H
#define IO_PAGES_H

#include "base/strbuf.h"
#include "io/record.h"
#include "provider/fetch.h"

#define PAGES_WINDOW 16

struct pages {
    struct fetch_page list[PAGES_WINDOW];
    struct record records[PAGES_WINDOW];
    char *urls[PAGES_WINDOW]; /* owned */
    size_t count;
    struct strbuf title, text; /* of the page read last */
};

void pages_init(struct pages *p);
void pages_release(struct pages *p);
void pages_clear(struct pages *p);
bool pages_are_full(const struct pages *p);
/* Takes an address: the record's text. */
MUST_CHECK bool pages_take(struct pages *p, const struct record *record,
                           struct error *err);
/* The record of page i, its texts borrowed until the next one is read; NULL
 * when there is none: why then says so, after the address. */
#define PAGES_WHY 700
struct record *pages_read(struct pages *p, size_t i, char why[PAGES_WHY]);

#endif

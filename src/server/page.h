/*
 * page.h -- the web page at "/" of vitae serve, and what it asks.
 *
 * For people who have a table and want it read or scored: the page itself
 * (src/server/web, in the program), and under /page/ what turns a table into
 * an ordinary batch and back.  A table that is uploaded is read once
 * (table.h) and kept as a file of its owner; a job is a batch like any
 * other, its requests named row-N, with what the page has to know in its
 * metadata (page_...).  So durability, keys and owners, pausing and
 * cancelling are the API's.
 *
 * Whatever reads a whole file is done by threads of its own; the HTTP
 * server's are never held up.
 */
#ifndef SERVER_PAGE_H
#define SERVER_PAGE_H

#include "server/dispatch.h"
#include "server/http_server.h"
#include "server/state.h"

struct page;

extern const struct http_route page_routes[];
extern const size_t page_route_count;

/* Borrows both.  To be closed whether it worked or not. */
MUST_CHECK bool page_open(struct page **p, struct state *st,
                          const struct dispatch_settings *settings,
                          struct error *err);
/* What waits and what is worked at ends with 503. */
void page_close(struct page *p);

#endif

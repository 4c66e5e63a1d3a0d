/*
 * fetch.h -- pages of the web, guarded.
 *
 * For lists of addresses that people hand in: they may point anywhere.
 * Only http and https; at most 5 redirects, each to http or https; never to
 * this machine, a private, link-local or otherwise reserved address,
 * whatever name or redirect leads there (the address that is connected to is
 * looked at, so that a name can't change in between); no credentials, no
 * cookies, no proxy (the proxy would connect where we can't look).  A page
 * is HTML or plain text, of limited size, also unpacked, and must come within
 * limited time.  robots.txt is asked once a site and heeded; our name is
 * "vitae".  At most two connections to one site.
 *
 * One that can't be had is said in the page, and never an error of the call.
 */
#ifndef PROVIDER_FETCH_H
#define PROVIDER_FETCH_H

#include "base/error.h"
#include "base/strbuf.h"

struct fetcher;

struct fetch_settings {
    int64_t concurrency; /* 0 = 8, at most 32 */
    int64_t page_bytes;  /* 0 = 2 MiB */
    double timeout;      /* of one page, seconds; 0 = 30 */
    bool private_too;    /* addresses within, too: an operator's word only */
    bool all_robots;     /* robots.txt isn't asked */
};

struct fetch_page {
    const char *url;    /* borrowed */
    struct strbuf body; /* as it came, unpacked */
    char type[96];      /* Content-Type */
    char at[2048];      /* where it was in the end */
    char why[200];      /* why it couldn't be had, "" = it could */
};
void fetch_page_init(struct fetch_page *page, const char *url);
void fetch_page_release(struct fetch_page *page);

MUST_CHECK bool fetch_open(struct fetcher **f,
                           const struct fetch_settings *settings,
                           struct error *err);
void fetch_close(struct fetcher *f);

/* Fetches all of them, some at a time.  ERROR_RETRY "stopped" soon after
 * *stop is set; else only memory and libcurl fail. */
MUST_CHECK bool fetch_pages(struct fetcher *f, struct fetch_page *pages,
                            size_t count, const volatile bool *stop,
                            struct error *err);

#endif

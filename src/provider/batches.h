/*
 * batches.h -- making, asking for and finding a batch: what is the same for
 * every provider.  Each brings a reader of its own batch objects.
 */
#ifndef PROVIDER_BATCHES_H
#define PROVIDER_BATCHES_H

#include "base/json.h"
#include "provider/http.h"
#include "provider/provider.h"

/* Pure.  False: it is no batch (ERROR_RETRY, "malformed"). */
typedef bool batch_reader(struct json_object *object, struct remote_batch *out,
                          struct error *err);

/* POSTs body to base_url + path, once: the promises of provider_ops.create.
 * Only a refusal because the file isn't visible yet is tried again, for some
 * 15 s. */
MUST_CHECK bool batch_create(struct provider *self, const char *path,
                             const struct strbuf *body, const char *key,
                             batch_reader *read, struct remote_batch *out,
                             struct error *err);
/* The same for a request that is set up already. */
MUST_CHECK bool batch_create_request(struct provider *self,
                                     const struct http_request *request,
                                     const char *key, batch_reader *read,
                                     struct remote_batch *out,
                                     struct error *err);

/* poll and cancel: path holds one %s for the id. */
MUST_CHECK bool batch_ask(struct provider *self, const char *what,
                          const char *method, const char *path, const char *id,
                          const volatile bool *stop, batch_reader *read,
                          struct remote_batch *out, struct error *err);

/* Where a listing stands. */
struct batch_page {
    size_t number;        /* from 0 */
    char last[REMOTE_ID]; /* the page before's last id, "" = none */
    char token[1024];     /* what it said comes next, "" = nothing */
};

struct batch_listing {
    /* The address of the next page; freed by the caller. */
    char *(*url)(struct provider *self, const struct batch_page *page,
                 struct error *err);
    batch_reader *read;
    const char *token; /* the member that leads to the next page; NULL: there
                          is has_more, or a short page is the last */
    size_t page_size;
};

/* Told of each batch that is listed; false ends the listing with err. */
typedef bool remote_function(void *context, const struct remote_batch *b,
                             struct error *err);
/* All that were made since, and perhaps older ones, a page at a time, as
 * the provider has them (not identified); complete, or an error. */
MUST_CHECK bool batch_list(struct provider *self, double since,
                           remote_function *each, void *context,
                           struct error *err);

/* provider_ops.find of those that have a listing. */
MUST_CHECK bool batch_find(struct provider *self, const char *key, double since,
                           double until, bool *found, struct remote_batch *out,
                           struct error *err);

#endif

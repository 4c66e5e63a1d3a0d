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
    /* Looks elsewhere for the key of an entry that has none; NULL: it can't
     * be anywhere else. */
    bool (*identify)(struct provider *self, struct remote_batch *entry,
                     struct error *err);
    const char *token; /* the member that leads to the next page; NULL: there
                          is has_more, or a short page is the last */
    size_t page_size;
};

/* The promises of provider_ops.find. */
MUST_CHECK bool batch_find(struct provider *self,
                           const struct batch_listing *listing, const char *key,
                           double since, bool *found, struct remote_batch *out,
                           struct error *err);

#endif

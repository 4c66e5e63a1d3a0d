/*
 * http.h -- libcurl, one request at a time or many at once.
 *
 * Certificates are always checked.  Redirects are not followed with
 * credentials to another host; only hosts in the allowed list are talked
 * to.  Every body has a ceiling (memory) or goes to a file.  No total time
 * limit on transfers, but a connect limit and a low-speed limit; realtime
 * requests have a total limit as well.  Retries are the caller's: the
 * POST that creates a batch must not be repeated by itself.
 * Keys go in headers, never in URLs, logs or error messages.
 */
#ifndef PROVIDER_HTTP_H
#define PROVIDER_HTTP_H

#include "base/error.h"
#include "base/strbuf.h"

struct http;

struct http_settings {
    const char *allowed_hosts;  /* comma-separated, borrowed */
    const char *const *headers; /* "Authorization: Bearer ..."; copied */
    size_t header_count;
    double connect_timeout;
    double idle_timeout; /* less than 1 byte/s for so long */
};

MUST_CHECK bool http_open(struct http **h, const struct http_settings *s,
                          struct error *err);
void http_close(struct http *h);

struct http_request {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *url;
    const char *body; /* JSON, borrowed, NULL = none */
    size_t body_len;
    const char *const *headers; /* more of them, borrowed */
    size_t header_count;
    /* a file in multipart/form-data instead of body */
    const char *upload_path, *upload_name;
    const char *const *fields; /* name, value, name, value, ... */
    size_t field_count;        /* pairs */
    /* the answer's body to a file instead of memory: appended from
     * resume_at on with a Range request (the server may answer 200: then
     * it is begun again) */
    const char *download_path;
    uint64_t resume_at;
    double timeout; /* total, 0 = none */
    const volatile bool *stop;
};

struct http_response {
    long status;        /* 0 = no answer */
    struct strbuf body; /* caller inits with its ceiling, releases */
    char content_type[96];
    char request_id[96];
    double retry_after;  /* seconds, 0 = not told */
    int should_retry;    /* x-should-retry: -1 not told, 0, 1 */
    bool sent;           /* something of the request may have arrived */
    uint64_t downloaded; /* bytes in the file */
    double seconds;
};

/* False with ERROR_RETRY on transport failures (code "network", "timeout",
 * "stopped") or ERROR_SETUP (host not allowed, TLS certificate); true when
 * any HTTP answer came, whatever its status. */
MUST_CHECK bool http_send(struct http *h, const struct http_request *request,
                          struct http_response *response, struct error *err);

/* Turns a status outside 2xx into err by provider-apis.md 1.8 and 6.6:
 * any of the error shapes, HTML or nothing.  Always false. */
bool http_failure(const struct http_response *response, const char *what,
                  struct error *err);

/*
 * Many at once: submit keeps up to the pool's size in flight; each end is
 * told to done() from within http_pool_wait(), on the caller's thread.
 * response and its body are the pool's, valid during done().
 */
struct http_pool;
typedef void http_done(void *context, void *tag, struct http_response *response,
                       const struct error *err); /* NULL: an answer came */

MUST_CHECK bool http_pool_open(struct http_pool **pool, struct http *h,
                               size_t size, size_t body_ceiling,
                               http_done *done, void *context,
                               struct error *err);
void http_pool_close(struct http_pool *pool); /* drops what is in flight */
/* request's body is copied when copy is true, else borrowed until done. */
MUST_CHECK bool http_pool_submit(struct http_pool *pool,
                                 const struct http_request *request, bool copy,
                                 void *tag, struct error *err);
size_t http_pool_flying(const struct http_pool *pool);
/* Waits up to timeout seconds for ends. */
MUST_CHECK bool http_pool_wait(struct http_pool *pool, double timeout,
                               struct error *err);

#endif

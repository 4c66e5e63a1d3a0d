/*
 * http.h -- libcurl, one request at a time or many at once.
 *
 * Certificates are always checked.  Only hosts in the allowed list are
 * talked to.  Redirects are not followed, but for downloads: with the key
 * to the same origin, without it to another allowed host.  Every body has a
 * ceiling (memory) or goes to a file; headers have one of their own; no
 * compression is asked for.  No total time limit on transfers, but a connect
 * limit and a low-speed limit; requests with `timeout` have that total limit
 * instead of the low-speed one (a model may think for minutes before its
 * first byte).
 *
 * Retries are the caller's.  libcurl itself repeats a request, POST
 * included, when a reused connection dies before the first byte of the
 * answer (7.88, Curl_retry_request): http_send therefore makes each POST on
 * a fresh connection, since the one that creates a batch must never be
 * repeated by itself.  The pool reuses connections, so a realtime request
 * may be asked twice there.
 *
 * Proxy variables of the environment are honoured, but never for loopback.
 * Keys go in headers, never in URLs, logs or error messages; a server that
 * echoes one in an error body gets it blotted out.
 */
#ifndef PROVIDER_HTTP_H
#define PROVIDER_HTTP_H

#include "base/error.h"
#include "base/jsonr.h"
#include "base/strbuf.h"

struct http;

struct http_settings {
    const char *allowed_hosts;  /* "host" or "host:port", comma-separated */
    const char *const *headers; /* "Authorization: Bearer ..."; copied */
    size_t header_count;
    double connect_timeout; /* seconds, 0 = 10 */
    double idle_timeout;    /* less than 32 bytes/s for so long, 0 = 120 */
};

MUST_CHECK bool http_open(struct http **h, const struct http_settings *s,
                          struct error *err);
void http_close(struct http *h);

struct http_request {
    const char *method; /* "GET", "POST", "PUT" (of body_path), "DELETE" */
    const char *url;
    const char *body; /* JSON, borrowed, NULL = none */
    size_t body_len;
    const char *const *headers; /* more of them, borrowed */
    size_t header_count;
    bool bare; /* without the settings' headers: no key to that host */
    /* multipart/form-data instead of body: fields, then a file or none */
    const char *upload_path, *upload_name;
    const char *const *fields; /* name, value, name, value, ... */
    size_t field_count;        /* pairs */
    /* a file's bytes instead of body.  With joined, its lines become one
     * JSON array between body (then a prefix) and joined: newlines are sent
     * as commas, the last one not at all. */
    const char *body_path;
    const char *joined; /* suffix, or NULL: as it is */
    const char *wanted; /* a header to be told in response->wanted */
    /* the answer's body to a file instead of memory: appended from
     * resume_at on with a Range request (the server may answer 200: then
     * it is begun again).  Only 200 and 206 go to the file. */
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
    char etag[128];
    char wanted[1024];   /* the header asked for, "" = absent */
    char location[2048]; /* where a redirect leads, whole; "" = none */
    char left[2][24];    /* x-ratelimit-remaining-requests, -tokens */
    char reset[2][40];   /* when they are whole again: "2m59.56s" */
    double rate_wait;    /* seconds until there is one again; 0 = there is */
    double retry_after;  /* seconds, clamped to 1 s ... 15 min; 0 = not told */
    int should_retry;    /* x-should-retry: -1 not told, 0, 1 */
    bool sent;           /* something of the request may have arrived */
    uint64_t downloaded; /* bytes in the file */
    int64_t whole;       /* what the file should hold, -1 = not told */
    double seconds;
};

/* False with ERROR_RETRY on transport failures (code "network", "timeout",
 * "stopped", "malformed"), ERROR_REJECT ("answer_too_large"), or ERROR_SETUP
 * (code "host": not allowed; "certificate"; "disk"); true when any HTTP
 * answer came, whatever its status. */
MUST_CHECK bool http_send(struct http *h, const struct http_request *request,
                          struct http_response *response, struct error *err);

/*
 * Many at once: submit keeps up to the pool's size in flight; each end is
 * told to done() from within http_pool_wait(), on the caller's thread.
 * response and its body are the pool's, valid during done(), which may
 * submit again but not wait.  An error is like http_send()'s.
 */
struct http_pool;
typedef void http_done(void *context, void *tag, struct http_response *response,
                       const struct error *err); /* NULL: an answer came */

/* h is borrowed. */
MUST_CHECK bool http_pool_open(struct http_pool **pool, struct http *h,
                               size_t size, size_t body_ceiling,
                               http_done *done, void *context,
                               struct error *err);
void http_pool_close(struct http_pool *pool); /* drops what is in flight */
/* request's body is copied when copy is true, else borrowed until done; the
 * rest of it is read before the call returns.  A full pool is
 * ERROR_RETRY with code "full". */
MUST_CHECK bool http_pool_submit(struct http_pool *pool,
                                 const struct http_request *request, bool copy,
                                 void *tag, struct error *err);
size_t http_pool_flying(const struct http_pool *pool);
/* Waits up to timeout seconds for ends; returns after the first ones. */
MUST_CHECK bool http_pool_wait(struct http_pool *pool, double timeout,
                               struct error *err);

/* -- pure parts, http_error.c -- */

/* Turns a status outside 2xx (or a 2xx whose body is an error) into err.  What
 * the provider said is quoted when it is JSON, cut short where it quotes the
 * input; HTML never.  err->native is the status, err->code one of "bad_key",
 * "forbidden", "billing", "not_found", "too_large", "rate_limit", "conflict",
 * "timeout", "server", "redirect", or the provider's own word.  Always
 * false. */
bool http_failure(const struct http_response *response, const char *what,
                  struct error *err);

/* What an error body says, whichever shape it has; "" = not told. */
struct http_cause {
    char code[64];
    char type[64];
    char param[64];
    char message[256];
    double retry_after; /* Google's RetryInfo, 0 = none */
    bool no_quota;      /* Google: what this account may use of it is 0 */
};
/* What a provider says may quote what it was sent: only the first line is
 * kept, quotations that are no names, addresses and long numbers are
 * replaced.  In place. */
void http_message_clean(char *message);
void http_cause_read(const struct json_node *body, struct http_cause *cause);
void http_cause_parse(const char *body, size_t len, struct http_cause *cause);
/* The account has no money or no right to spend: waiting won't help. */
bool http_cause_is_billing(const struct http_cause *cause);

/* Seconds until a limit that is used up (left "0") is whole again: Go's
 * "1h2m3s", "7.66s", "12ms", plain seconds or a date; at most 15 min. */
double http_rate_wait(const char *left, const char *reset, double now);

/* Retry-After's seconds out of the headers' values (NULL = absent): date is
 * the answer's own Date, so that clocks needn't agree. */
double http_retry_after(const char *ms, const char *seconds, const char *date,
                        double now);

#endif

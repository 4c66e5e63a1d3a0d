/*
 * http_server.h -- libmicrohttpd behind one file.
 *
 * A pool of threads, each with its own epoll loop.  Knows routes, not what
 * they mean.  Refuses what two programs could understand differently
 * (repeated Content-Length, Content-Length with Transfer-Encoding, a missing
 * or repeated Host), a Host that is none of this machine's while it listens
 * on loopback, and foreign Origins; sends no CORS header.  Each phase of a
 * connection has its limit: a head must be whole after head_seconds, bodies
 * and answers must move at slowest bytes a second.
 *
 * Every refusal is in the site's form, but for what the library answers
 * before it shows us the request (0.9.75: transmit_error_response_len() in
 * connection.c; its texts are constants, in HTML): a head of more than 64 KiB
 * (414, 431), a line of it that is none, a version that is none, a chunk that
 * is none (400, 413, 505), a Content-Length that is no number or beyond 2^64
 * (400, 413).  It closes the connection then.
 *
 * A handler runs on a thread of the pool and must not block for long: it
 * replies, or suspends the exchange and has another thread reply and resume
 * it.  Everything about one exchange happens on one thread at a time.
 */
#ifndef SERVER_HTTP_SERVER_H
#define SERVER_HTTP_SERVER_H

#include <sys/types.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "server/event_source.h"

struct http_server;
struct exchange;

enum route_body {
    BODY_NONE,   /* a small one is read and ignored */
    BODY_MEMORY, /* exchange_body() */
    BODY_FORM,   /* multipart/form-data: site->part */
};

struct http_route {
    const char *method;
    const char *pattern; /* "/v1/files/{id}/content" */
    enum route_body body;
    uint64_t most; /* bytes of the body, 0 = the site's most_form */
    bool open;     /* for everybody: site->admit decides by it */
    void (*handle)(struct exchange *x);
};

/* A piece of a form's part. */
struct http_part {
    const char *name;     /* of the field */
    const char *filename; /* as told, NULL = not told: never a path of ours */
    const char *data;
    uint64_t offset; /* in the part */
    size_t len;
};

struct http_site {
    const struct http_route *routes; /* static */
    size_t route_count;
    void *context; /* borrowed */
    uint64_t most_form;
    /* Writes a refusal in the site's form, by exchange_reply(). */
    void (*refuse)(struct exchange *x, unsigned status, const char *code,
                   const char *message);
    /* Before a byte of the body is read; false = it has refused. */
    bool (*admit)(struct exchange *x);
    /* False = it has refused: what else comes is thrown away. */
    bool (*part)(struct exchange *x, const struct http_part *part);
    /* The exchange is over, or its client is gone: *exchange_own(x) is to be
     * freed. */
    void (*done)(struct exchange *x);
};

struct http_server_settings {
    const char *listen;   /* "127.0.0.1:4080", "[::1]:0" */
    unsigned threads;     /* 0 = 4 */
    unsigned connections; /* 0 = 1000; half of them may be WebSockets */
    double head_seconds;  /* 0 = 20 */
    double grace;         /* seconds before slowness counts, 0 = 20 */
    double slowest;       /* bytes a second, 0 = 1000 */
};

/* Whether listen names only this machine; port may be NULL. */
MUST_CHECK bool listen_is_local(const char *listen, bool *local,
                                struct error *err);

/* site is borrowed.  To be closed whether it worked or not. */
MUST_CHECK bool http_server_open(struct http_server **server,
                                 const struct http_server_settings *settings,
                                 const struct http_site *site,
                                 struct error *err);
/* No new connections, and streams end; what is suspended must be resumed
 * between this and close. */
void http_server_quiesce(struct http_server *server);
void http_server_close(struct http_server *server);
/* Where it listens: "http://127.0.0.1:4080". */
const char *http_server_url(const struct http_server *server);

/* -- in a handler -- */

void *exchange_site(struct exchange *x); /* site->context */
void **exchange_own(struct exchange *x); /* the site's own; NULL at first */
const struct http_route *exchange_route(const struct exchange *x);
const char *exchange_param(const struct exchange *x); /* what {id} was */
/* NULL = absent; borrowed. */
const char *exchange_query(const struct exchange *x, const char *name);
const char *exchange_header(const struct exchange *x, const char *name);
struct strbuf *exchange_body(struct exchange *x);
bool exchange_replied(const struct exchange *x);

/* The reply; the first one counts.  body may be NULL; it is copied. */
void exchange_reply(struct exchange *x, unsigned status, const char *type,
                    const struct strbuf *body);
/* len bytes of a file from `from` on; takes fd. */
void exchange_reply_file(struct exchange *x, unsigned status, const char *type,
                         int fd, uint64_t from, uint64_t len);
/* Takes source.  Its messages as server-sent events called name; as those of
 * a WebSocket when the client asks for an upgrade to one. */
void exchange_reply_events(struct exchange *x, const char *name,
                           const struct event_source *source);
/* Added to the reply that was made. */
void exchange_add_header(struct exchange *x, const char *name,
                         const char *value);

/* The handler returns without a reply; another thread makes it and resumes.
 * After exchange_resume() that thread must not touch x. */
void exchange_suspend(struct exchange *x);
void exchange_resume(struct exchange *x);

#endif

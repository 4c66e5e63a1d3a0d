/*
 * proxy.h -- requests that go to an upstream at once: chat, the models.
 *
 * A few threads ask; the exchange sleeps meanwhile.  The upstreams that have
 * the model take turns; one that can't be reached is passed over.  Answers come
 * back as they are, whole: a streamed one arrives at its end.
 */
#ifndef SERVER_PROXY_H
#define SERVER_PROXY_H

#include "runner/runner.h"
#include "server/http_server.h"
#include "server/upstreams.h"

struct proxy;

/* Replies with an error in the API's shape. */
typedef void proxy_refuse(struct exchange *x, unsigned status, const char *code,
                          const char *message);

/* settings: headers, timeout; borrowed, as upstreams is.  To be
 * closed whether it worked or not. */
MUST_CHECK bool proxy_open(struct proxy **p,
                           const struct runner_settings *settings,
                           struct upstreams *upstreams, proxy_refuse *refuse,
                           struct error *err);
/* What waits and what is asked ends with 503. */
void proxy_close(struct proxy *p);

/* path: after ".../v1".  The exchange is suspended, or refused (busy). */
void proxy_ask(struct proxy *p, struct exchange *x, const char *method,
               const char *path);

#endif

/*
 * server.h -- vitae serve: a batch server in front of local models.
 *
 * Opens the state folder, goes on with what had not ended, listens, and
 * serves until *stop.  On an address that isn't loopback keys are needed.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "provider/notify.h"
#include "server/dispatch.h"
#include "server/rest.h"

struct server_settings {
    const char *listen;
    const char *api_key_file; /* NULL = none */
    const char *state;        /* the folder */
    int64_t max_upload;
    struct upstream_settings upstream;
    struct notify_settings notify;
    struct dispatch_settings dispatch; /* runner.base_url as upstream.urls */
    struct rest_settings jobs;         /* of POST /batch/... */
};

/* told(context, url) once it listens. */
MUST_CHECK bool server_run(const struct server_settings *settings,
                           struct clock *clock, const volatile bool *stop,
                           void (*told)(void *context, const char *url),
                           void *context, struct error *err);

#endif

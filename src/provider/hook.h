/*
 * hook.h -- a program of the user's that is told of an end, for notify.c
 * alone.
 *
 * It is run without a shell, gets the event's type as its argument and the
 * event as JSON on its standard input, and has a minute; a stop ends it.  What
 * it prints goes to our standard error.  Of our environment it gets PATH, HOME
 * and the like, never what may be a key.
 */
#ifndef PROVIDER_HOOK_H
#define PROVIDER_HOOK_H

#include "base/error.h"
#include "base/strbuf.h"

/* Is there a program at that absolute path?  ERROR_SETUP. */
MUST_CHECK bool hook_check(const char *path, struct error *err);
/* event: ids and counts, some KiB.  stop may be NULL.  ERROR_RETRY: it did
 * not end with 0. */
MUST_CHECK bool hook_run(const char *path, const char *type,
                         const struct strbuf *event, const volatile bool *stop,
                         struct error *err);

#endif

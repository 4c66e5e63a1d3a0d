/*
 * event_source.h -- what is told as it happens: a message now and then, till
 * there are no more or nobody listens.
 *
 * Asked several times a second, by one thread at a time.
 */
#ifndef SERVER_EVENT_SOURCE_H
#define SERVER_EVENT_SOURCE_H

#include "base/strbuf.h"

#define EVENT_MOST MIB /* bytes of a message */

struct event_source {
    /* A message of one line into out, which is empty and stays so when there
     * is nothing new.  False: nothing comes after it. */
    bool (*next)(void *context, struct strbuf *out);
    void (*end)(void *context); /* once, when it isn't asked any more */
    void *context;
};

#endif

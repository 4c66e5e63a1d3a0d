/*
 * probe.h -- what one upstream bears, found out by trying.
 *
 * The context: prompts of growing length, each with an answer of one token,
 * doubled until one is refused, breaks the upstream or is cut silently (it
 * counts clearly fewer tokens than were sent: Ollama), then halved in
 * between.  Four fifths of the longest is what is safe to use.
 *
 * The concurrency: rounds of short requests, 1, 2, 4 ... at once (climb.h);
 * the smallest within a twentieth of the best rate is the one to use.
 *
 * It loads the upstream; nothing else should use it meanwhile.
 */
#ifndef SERVER_PROBE_H
#define SERVER_PROBE_H

#include "base/clock.h"
#include "base/error.h"
#include "server/climb.h"

struct probe_settings {
    const char *base_url; /* one: ".../v1" */
    const char *header;   /* its key, or NULL */
    const char *model;    /* NULL = the first that it lists */
    int64_t context_most; /* tokens to try at most */
    int64_t concurrency_most;
    int64_t answer_tokens; /* of each request of a round */
    double round_seconds;  /* a round lasts about so long */
    double timeout;        /* of a request */
};

struct probe_result {
    char model[128];
    int64_t context;   /* tokens of the longest prompt that went, 0 = none */
    bool whole_range;  /* it went with context_most: there may be more */
    bool cuts;         /* it shortens what is too long, and says nothing */
    char refusal[200]; /* of the shortest that didn't go */
    int64_t told;      /* what it tells of itself, 0 = nothing */
    struct climb_step steps[CLIMB_STEPS];
    size_t step_count;
    int64_t concurrency; /* the best, 0 = nothing was answered */
};

/* told(context, line) as it goes on, for people; NULL = nobody. */
MUST_CHECK bool probe_run(const struct probe_settings *settings,
                          struct clock *clock, const volatile bool *stop,
                          void (*told)(void *context, const char *line),
                          void *context, struct probe_result *out,
                          struct error *err);

#endif

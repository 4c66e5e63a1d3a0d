/*
 * runner.h -- a request file against one realtime endpoint (or several).
 *
 * Reads request lines (OpenAI batch form: custom_id, method, url, body),
 * keeps up to `concurrency` in flight, honours rate limits and Retry-After,
 * retries what may work later, and appends each answer as one whole line in
 * OpenAI's batch output form to the answers file, which is the checkpoint:
 * a second run asks only what has no answer yet.  Synced in groups (100
 * answers or 0.1 s): after a kill at most those and what was in flight are
 * asked again.  A half-written last line is cut off on start.  Memory does
 * not grow with the file but for one hash per finished request.
 * Answers do not depend on neighbours or order: each request stands alone.
 */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "base/clock.h"
#include "base/error.h"
#include "provider/provider.h"

struct runner_settings {
    const char *base_url;     /* ".../v1"; comma-separated for several */
    const char *request_path; /* "/chat/completions"; NULL: the line's url */
    const char *const *headers;
    size_t header_count;
    const char *allowed_hosts;
    int64_t concurrency;
    int64_t requests_per_minute, tokens_per_minute; /* 0 = none */
    int64_t requests_per_day;
    double timeout;  /* of one request */
    int attempts;    /* of one request */
    size_t max_line; /* bytes */
    size_t max_answer;
};

struct runner_result {
    int64_t total, done, failed; /* failed is part of done */
    int64_t already;             /* done before this run */
    int64_t asked;               /* requests sent, retries counted */
    bool stopped;                /* by watch->stop: not finished */
};

/* input: request lines; output: answers with status 200; errors: the rest
 * that is final.  Both files hold each custom_id once. */
MUST_CHECK bool runner_run(const struct runner_settings *settings,
                           const char *input, const char *output,
                           const char *errors,
                           const struct provider_watch *watch,
                           struct clock *clock, struct runner_result *result,
                           struct error *err);

#endif

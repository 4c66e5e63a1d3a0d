/*
 * runner.h -- a request file against one realtime endpoint (or several).
 *
 * Reads request lines (OpenAI batch form: custom_id, method, url, body),
 * keeps up to `concurrency` in flight at each endpoint (fewer where it shows
 * overload: adapt.h), honours rate limits and Retry-After, retries what may
 * work later, and appends each answer as one whole line in OpenAI's batch
 * output form to the answers files, which are the checkpoint: a second run
 * asks only what has no answer yet.  After a kill at most what was in
 * flight is asked again; synced in groups (100 answers or 0.1 s): after a
 * loss of power those too.  A half-written last line is cut off on start.
 * Memory: plan.h. Answers do not depend on neighbours or order: each request
 * stands alone.
 *
 * What ends in the errors file: a line that can't be asked, a refusal
 * (400s, too long for the context), and a request that failed `attempts`
 * times by itself.  An endpoint that is down, overloaded or loading its
 * model is waited for, then the run ends with ERROR_RETRY: that is never
 * written down as a request's fault.  A wrong key, model or address, no
 * money and a full disk end it with ERROR_SETUP.
 *
 * The files belong to one run at a time (callers hold a lock).
 */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "base/clock.h"
#include "base/error.h"
#include "provider/provider.h"

struct fleet;
struct request;

struct runner_settings {
    const char *base_url; /* ".../v1"; comma-separated for several */
    /* One more header for each endpoint of base_url, entries may be NULL;
     * NULL = none. */
    const char *const *own_headers;
    /* Shared with other runs, open for the same base_url, with these limits
     * and this concurrency (fleet.h); NULL = one of its own. */
    struct fleet *fleet;
    double weight; /* among them, 0 = 1 */
    /* Whether that endpoint of base_url has the model (JSON-escaped);
     * NULL = each has every one.  Where no endpoint has it, the line ends in
     * the errors file with code model_not_found. */
    bool (*serves)(void *context, size_t endpoint, const char *model,
                   size_t len);
    /* Before a request is sent: false = it never works, and why (size bytes);
     * code is static.  NULL = all may go. */
    bool (*allows)(void *context, const struct request *request, char *why,
                   size_t size, const char **code);
    void *context;              /* of both */
    const char *const *headers; /* "Authorization: Bearer ..." */
    size_t header_count;
    const char *allowed_hosts; /* NULL = those of base_url */
    const char *path;          /* lines with another are refused, NULL = any */
    int64_t concurrency;       /* at each endpoint, 0 = 4 */
    int64_t requests_per_minute, tokens_per_minute; /* 0 = none */
    int64_t requests_per_day;
    double delay;           /* seconds between two requests, 0 = none */
    double day_offset;      /* seconds that its day is ahead of UTC's */
    const char *ask_path;   /* where all requests go, whatever their lines say;
                               NULL: as they say */
    const char *ask_wanted; /* with it: the member of a good answer */
    const char *day_file;   /* remembers the day's count, NULL = nowhere */
    double timeout;         /* of one request, 0 = 600 s */
    double patience;        /* with a dead endpoint, 0 = 60 s */
    double drain;           /* for what is in flight when stopped, 0 = 10 s */
    double backoff;         /* before its second try, doubled, 0 = 1 s */
    int attempts;           /* of one request, 0 = 5 */
    size_t max_line;        /* bytes, 0 = 64 MiB */
    size_t max_answer;      /* bytes, 0 = 16 MiB */
};

struct runner_result {
    int64_t total, done, failed; /* failed is part of done */
    int64_t already;             /* done before this run */
    int64_t asked;               /* requests sent, retries counted */
    int64_t duplicates;          /* lines left out: custom_id repeated */
    bool stopped;                /* by watch->stop: not finished */
};

/* input: request lines; output: answers with status 200; errors: the rest
 * that is final.  Both files hold each custom_id once; neither is made
 * before it has a line.  watch may be NULL.  result is filled whatever
 * happens. */
MUST_CHECK bool runner_run(const struct runner_settings *settings,
                           const char *input, const char *output,
                           const char *errors,
                           const struct provider_watch *watch,
                           struct clock *clock, struct runner_result *result,
                           struct error *err);

#endif

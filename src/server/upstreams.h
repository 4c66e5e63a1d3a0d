/*
 * upstreams.h -- the models behind vitae serve: who has which, who is well.
 *
 * A thread asks each upstream for its models (GET /models), often while it
 * can't be reached, now and then while it can: so a new model is found, and
 * one that was down is given work again at once.  An upstream that lists
 * nothing is taken to have every model; one that was never reached as well.
 * What one had stays known while it is down.
 *
 * Where it tells (llama-server, vLLM, SGLang, LM Studio, Ollama), the length
 * of the context is known too: a request that is certainly longer is refused
 * with both numbers before it is sent.
 *
 * Safe from several threads.
 */
#ifndef SERVER_UPSTREAMS_H
#define SERVER_UPSTREAMS_H

#include "base/jsonw.h"
#include "runner/fleet.h"
#include "runner/runner.h"

struct upstreams;

struct upstream_settings {
    const char *urls;     /* separated by commas */
    const char *key_file; /* NULL = no keys: see upstreams_open() */
    int64_t context;      /* tokens, 0 = as each upstream tells */
};

/* The key file has "KEY" for all, or "URL KEY" for one, a line each; blank
 * ones and those with # don't count.  To be closed whether it worked or
 * not. */
MUST_CHECK bool upstreams_open(struct upstreams **u,
                               const struct upstream_settings *s,
                               struct clock *clock, struct error *err);
/* Starts to ask; fleet (borrowed) is told who is well again. */
MUST_CHECK bool upstreams_watch(struct upstreams *u, struct fleet *fleet,
                                struct error *err);
/* No more asking; before the fleet is closed. */
void upstreams_quit(struct upstreams *u);
void upstreams_close(struct upstreams *u);

size_t upstreams_count(const struct upstreams *u);
const char *upstreams_base(const struct upstreams *u, size_t i);
/* "Authorization: Bearer ..." or NULL, an entry for each; static until it is
 * closed. */
const char *const *upstreams_headers(const struct upstreams *u);

/* model: JSON-escaped.  "name" also means "name:latest" (Ollama). */
bool upstreams_serve(struct upstreams *u, size_t i, const char *model,
                     size_t len);
/* Whether any may have it. */
bool upstreams_know(struct upstreams *u, const char *model, size_t len);
/* Whether every one was asked since this program started, successfully or
 * not. */
bool upstreams_were_tried(struct upstreams *u);

/* False: the request has more tokens than the context holds for sure, and
 * why says both numbers.  For runner_settings.allows. */
bool upstreams_allow(struct upstreams *u, const struct request *request,
                     char *why, size_t size, const char **code);

/* OpenAI's list, each model once; and for /metrics. */
void upstreams_write_models(struct upstreams *u, struct jsonw *w);
void upstreams_write_metrics(struct upstreams *u, struct strbuf *out);
bool upstream_is_well(struct upstreams *u, size_t i);

#endif

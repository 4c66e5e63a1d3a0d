/*
 * verdict.h -- what one exchange means for the request, the endpoint and
 * the run.  Pure: an HTTP answer in, a verdict out.
 */
#ifndef RUNNER_VERDICT_H
#define RUNNER_VERDICT_H

#include "base/jsonr.h"
#include "provider/http.h"

enum verdict {
    VERDICT_ANSWER,  /* 200 with what was asked for */
    VERDICT_FINAL,   /* refused, and always would be: 400s, too long */
    VERDICT_AGAIN,   /* failed; counts as one of the request's attempts */
    VERDICT_BUSY,    /* 429, 503, no memory: not the request's fault */
    VERDICT_LOADING, /* the model is being loaded: wait */
    VERDICT_DOWN,    /* nothing was sent: no connection */
    VERDICT_STOP,    /* an operator must act: key, money, certificate */
};

struct judgement {
    enum verdict verdict;
    bool overload;      /* asks for fewer requests at once */
    bool no_memory;     /* of the endpoint: fewer at once may work */
    bool silent;        /* the endpoint did not answer at all */
    bool json;          /* the body is one JSON value */
    double retry_after; /* seconds the endpoint asked for, 0 = none */
    int64_t tokens;     /* input and output, -1 = not told */
    /* Too long for the model's context, 0 = that is not it. */
    int64_t tokens_needed, tokens_held;
    struct error why; /* but for VERDICT_ANSWER; code is never "" */
};

/* failure is http_pool's error, NULL when an answer came.  wanted is the
 * member that a good answer has ("choices"). */
void judge(struct json_doc *doc, const struct http_response *response,
           const struct error *failure, const char *wanted,
           struct judgement *out);

#endif

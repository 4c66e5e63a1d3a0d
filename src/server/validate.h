/*
 * validate.h -- an uploaded request file against what its batch says.
 *
 * One pass (runner/plan.h).  What it finds is told as OpenAI's error list:
 * code, line, message, param; at most 100 of them, then one that counts the
 * rest.
 */
#ifndef SERVER_VALIDATE_H
#define SERVER_VALIDATE_H

#include "base/error.h"
#include "base/strbuf.h"

struct validation {
    int64_t total;  /* requests that will be asked or refused by line */
    int64_t faults; /* 0 = all is well */
    int64_t groups; /* of requests that begin alike: same model and system */
    char *list;     /* the JSON array; the caller's to free; NULL = none */
};

/* With skip, only what concerns the whole file is a fault (no line at all,
 * too many), and the list tells which lines are left out since their custom_id
 * came before.  A million lines take a second. */
/* knows tells whether somebody has a model (JSON-escaped); NULL = all are
 * known. */
struct validate_models {
    bool (*knows)(void *context, const char *model, size_t len);
    void *context;
};

MUST_CHECK bool validate_file(const char *path, const char *endpoint,
                              int64_t max_requests, bool skip,
                              const struct validate_models *models,
                              struct validation *out, struct error *err);

#endif

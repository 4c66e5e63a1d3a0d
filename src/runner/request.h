/*
 * request.h -- one line of a request file.  Pure.
 *
 * OpenAI's batch form: custom_id, method, url, body.  The body goes out as
 * it stands, byte for byte.
 */
#ifndef RUNNER_REQUEST_H
#define RUNNER_REQUEST_H

#include "base/error.h"
#include "base/hash.h"
#include "base/jsonr.h"

/* All borrowed from the line. */
struct request {
    const char *custom_id; /* JSON-escaped, without quotes; NULL = none */
    size_t custom_id_len;
    const char *path;   /* after ".../v1": "/chat/completions"; static */
    const char *wanted; /* what a good answer has: "choices"; static */
    const char *body;   /* JSON */
    size_t body_len;
    int64_t max_tokens; /* of the answer, 0 = not told */
    const char *model;  /* JSON-escaped, without quotes; NULL = none */
    size_t model_len;
    const char *fault; /* why it can't be asked, NULL = it can; static */
    const char *code;  /* OpenAI's word for that; static */
    const char *param; /* the member at fault, NULL = the line; static */
    /* Requests of one group begin alike: same model, same first message of
     * the system.  0 = it shares nothing, or nobody wants to know. */
    uint64_t group;
};

/* key is for the group, NULL = not wanted.  False only without memory. */
MUST_CHECK bool request_read(struct json_doc *doc, const char *line, size_t len,
                             const struct hash_key *key, struct request *out,
                             struct error *err);

/* Equal ids have equal hashes, however they are escaped. */
uint64_t custom_id_hash(const struct hash_key *key, const char *escaped,
                        size_t len);
bool custom_id_equal(const char *a, size_t a_len, const char *b, size_t b_len);

#endif

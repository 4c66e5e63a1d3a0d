/*
 * verdict.h -- what the decoders of answers share: pure.
 *
 * A line is hostile: whatever stands in it, an answer comes of it, malformed
 * at worst.  Only memory fails.
 */
#ifndef PROVIDER_VERDICT_H
#define PROVIDER_VERDICT_H

#include "provider/http.h"
#include "provider/provider.h"

/* Empty, malformed until said otherwise; custom_id is left alone. */
void verdict_start(struct answer *out);
/* Begins with a line: *root is the object that it holds, NULL where it holds
 * none, which *out says then.  False: no memory. */
MUST_CHECK bool verdict_line(struct json_doc *doc, const char *line, size_t len,
                             const struct json_node **root, struct answer *out,
                             struct error *err);
void verdict_set(struct answer *out, enum answer_outcome outcome,
                 const char *code, const char *message);
/* By what the provider says and a status (0 = none): the item's own fault
 * (400s) isn't tried again, the provider's isn't counted. */
void verdict_failure(struct answer *out, const struct http_cause *cause,
                     int64_t status);
/* The whole string or "": too long, not a string, with a NUL. */
void verdict_id(const struct json_node *node, char *out, size_t size);
/* A count of tokens; -1 when it is none or beyond reason. */
int64_t verdict_tokens(const struct json_node *usage, const char *name);
/* The same where what is left out is 0. */
int64_t verdict_tokens_or_none(const struct json_node *usage, const char *name);
/* Nothing but white space. */
bool verdict_is_blank(const struct strbuf *text);

#endif

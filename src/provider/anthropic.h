/*
 * anthropic.h -- Anthropic's message batches (its client library of August
 * 2026).
 *
 * There are no files: upload() only names the request file ("spool:" and
 * its path), create() sends its lines as one JSON body.  A batch carries
 * nothing but its requests, whose ids (keyed_id.h) are seen in its answers
 * alone: find() tells a batch when it has ended, and says "sealed" before.
 * The answers' file is the batch's id; removing it removes the batch.
 */
#ifndef PROVIDER_ANTHROPIC_H
#define PROVIDER_ANTHROPIC_H

#include "base/json.h"
#include "provider/provider.h"

extern const struct provider_ops provider_anthropic;

MUST_CHECK bool anthropic_prepare(const struct provider *self,
                                  const struct request_profile *profile,
                                  struct request_template *t,
                                  struct error *err);
MUST_CHECK bool anthropic_decode(const struct provider *self,
                                 struct json_doc *doc, const char *line,
                                 size_t len, struct answer *out,
                                 struct error *err);
/* The body of a single answer; pure. */
void anthropic_decode_body(const struct json_node *body, struct answer *out);

#endif

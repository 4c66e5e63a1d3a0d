/*
 * gemini.h -- Google's own API (googleapis/python-genai, August 2026):
 * resumable upload, batchGenerateContent, results as a file or inline.
 *
 * A batch's id is what follows "batches/", a file's what follows "files/";
 * results that came inline are the file "inline:" and the batch's id.  Our
 * key is in displayName.  extra_body is merged into the request, its
 * generationConfig into ours.
 */
#ifndef PROVIDER_GEMINI_H
#define PROVIDER_GEMINI_H

#include "base/json.h"
#include "provider/provider.h"

extern const struct provider_ops provider_gemini;

MUST_CHECK bool gemini_prepare(const struct provider *self,
                               const struct request_profile *profile,
                               struct request_template *t, struct error *err);
MUST_CHECK bool gemini_decode(const struct provider *self, struct json_doc *doc,
                              const char *line, size_t len, struct answer *out,
                              struct error *err);
/* The body of a single answer; pure. */
void gemini_decode_body(const struct json_node *body, struct answer *out);
/* Reads an Operation; pure. */
MUST_CHECK bool gemini_batch_read(struct json_object *object,
                                  struct remote_batch *out, struct error *err);

#endif

/*
 * openai.h -- the OpenAI dialect: chat completions in batch lines, files and
 * batches.  Shared by all who speak it; what differs is in a struct
 * openai_dialect, pointed to by the ops.
 *
 * `local` (runner/) uses openai_prepare_local() and openai_decode().
 * What is tolerated is told where it is read: openai_read.c (batches),
 * openai_decode.c (answers).
 */
#ifndef PROVIDER_OPENAI_H
#define PROVIDER_OPENAI_H

#include "base/json.h"
#include "base/jsonr.h"
#include "provider/provider.h"

extern const struct provider_ops provider_openai;
extern const struct provider_ops provider_responses; /* "/v1/responses" */
extern const struct provider_ops provider_azure;
extern const struct provider_ops provider_groq;
extern const struct provider_ops provider_together; /* together.c */
extern const struct provider_ops provider_mistral;  /* mistral.c */

/* What differs from one to the next. */
struct openai_dialect {
    const char *purpose;  /* of an uploaded file */
    const char *endpoint; /* of a batch and in each line's "url" */
    const char *length;   /* the body's name for max_output_tokens */
    const char *subset;   /* of JSON Schema, by schema_lint()'s name; NULL:
                             the schema is sent as it is */
    const char *anchor, *seconds; /* names of the upload's expiry fields;
                                     NULL: it has none */
    const char *expiry;           /* seconds */
    bool has_store;               /* keeps answers unless "store":false */
    bool responses;               /* bodies of the Responses API */
    bool bare_lines;              /* lines of custom_id and body only */
    bool keyless;                 /* batches carry no metadata */
    bool awaits_file; /* a file must say "processed" before a batch */
};

MUST_CHECK bool openai_prepare(const struct provider *self,
                               const struct request_profile *profile,
                               struct request_template *t, struct error *err);
/* The same lines for a server of one's own: max_tokens, which Ollama alone
 * understands and none refuses (6.1), and nothing of OpenAI's own. */
MUST_CHECK bool openai_prepare_local(const struct provider *self,
                                     const struct request_profile *profile,
                                     struct request_template *t,
                                     struct error *err);
/* self may be NULL. */
MUST_CHECK bool openai_decode(const struct provider *self, struct json_doc *doc,
                              const char *line, size_t len, struct answer *out,
                              struct error *err);
/* The model's text, usage and verdict out of one chat completion: the body
 * of a realtime answer with status 200, or response.body of a line.
 * custom_id is left alone. */
void openai_decode_body(const struct json_node *body, struct answer *out);

extern const struct provider_single openai_single;

/* openai_batch.c */
bool openai_upload(struct provider *self, const char *path, const char *name,
                   char *file_id, const struct provider_watch *watch,
                   struct error *err);
bool openai_create(struct provider *self, const char *file_id, const char *key,
                   const char *model, struct remote_batch *out,
                   struct error *err);
extern const struct batch_listing openai_listing;
bool openai_poll(struct provider *self, const char *id,
                 const struct provider_watch *watch, struct remote_batch *out,
                 struct error *err);
bool openai_cancel(struct provider *self, const char *id,
                   struct remote_batch *out, struct error *err);
bool openai_download(struct provider *self, const char *file_id,
                     const char *path, const struct provider_watch *watch,
                     struct error *err);
bool openai_remove_file(struct provider *self, const char *file_id,
                        struct error *err);
/* The key works and the model is there, by listing models. */
bool openai_check(struct provider *self, struct strbuf *report,
                  struct error *err);

/* Reads a batch object; pure.  False: it is none (ERROR_RETRY,
 * "malformed"). */
MUST_CHECK bool openai_batch_read(struct json_object *object,
                                  struct remote_batch *out, struct error *err);

#endif

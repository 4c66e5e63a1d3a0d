/*
 * count.h -- how many tokens a text has, by the endpoint's own tokenizer.
 *
 * For models whose vocabulary isn't ours (extract/tokens.h).  Costs nothing
 * anywhere, but takes a call of its own: ask about what is near a limit, not
 * about everything.  llama-server has POST /tokenize with `content`, vLLM
 * and SGLang with `model` and `prompt`, both beside /v1; Gemini
 * models/M:countTokens; Anthropic /v1/messages/count_tokens.  The last two
 * count the text as a message, some tokens more than the bare text.
 * The text goes to the provider's own host, under its key, as requests do.
 */
#ifndef PROVIDER_COUNT_H
#define PROVIDER_COUNT_H

#include "provider/provider.h"

/* A way to ask.  Ops name the ways that they try in order. */
struct count_way {
    const char *path;   /* after base_url; %s is the model */
    bool at_root;       /* beside base_url's last part ("/v1") instead */
    bool names_model;   /* as "model" in the body */
    const char *before; /* of the body: JSON up to the text */
    const char *after;
    const char *member; /* of the answer: a number, or an array to count */
};
#define COUNT_WAYS 3 /* the last one has no path */

/* For the ops' tables; static. */
extern const struct count_way count_openai[COUNT_WAYS],
    count_gemini[COUNT_WAYS], count_anthropic[COUNT_WAYS];

/* Whether there is somebody to ask. */
bool count_is_possible(const struct provider *p);

/* ERROR_SETUP "no_tokenizer" where the endpoint has none (remembered: asked
 * once), else what provider.h says. */
MUST_CHECK bool count_tokens(struct provider *p, const char *text, size_t len,
                             int64_t *tokens, struct error *err);

#endif

/*
 * upstream_ask.h -- what one upstream tells of itself.
 *
 * GET /models, as all have it; the length of the context in max_model_len
 * (vLLM, SGLang), in /props (llama-server), in /api/ps (Ollama, with the GPU
 * memory in use) or in /api/v0/models (LM Studio).  The last three are asked
 * beside "/v1", and only where nobody told before.
 */
#ifndef SERVER_UPSTREAM_ASK_H
#define SERVER_UPSTREAM_ASK_H

#include "provider/http.h"

#define UPSTREAM_MODELS 1000

struct upstream_model {
    char name[128];
    char owner[64];
    int64_t created;
    int64_t context; /* tokens, 0 = not told */
};

struct upstream_facts {
    struct upstream_model *models; /* owned */
    size_t count;
    int64_t context; /* of whatever it runs, 0 = not told */
    int64_t slots;   /* requests at once, 0 = not told */
    int64_t vram;    /* bytes, 0 = not told */
    bool any_name;   /* one model that answers to every name */
};

/* True: it answers.  header: its key, NULL = none.  An upstream that knows
 * no list gives an empty one. */
MUST_CHECK bool upstream_ask(struct http *http, const char *base,
                             const char *header, const volatile bool *stop,
                             struct upstream_facts *out, struct error *err);
void upstream_facts_release(struct upstream_facts *facts);

/* Adds "host" of an address to a list with commas. */
void upstream_host(const char *base, struct strbuf *out);

#endif

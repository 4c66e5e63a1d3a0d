/*
 * models.h -- which models an endpoint says it has.
 */
#ifndef PROVIDER_MODELS_H
#define PROVIDER_MODELS_H

#include "provider/provider.h"

#define MODELS_MOST 1000

struct model_list {
    char (*names)[128]; /* owned */
    size_t count;
};

/* Spends nothing.  An endpoint that lists none gives an empty list; one that
 * can't be reached or refuses the key is an error (http.h). */
MUST_CHECK bool models_list(struct provider *p, struct model_list *list,
                            struct error *err);
void models_release(struct model_list *list);
/* "name" also means "name:latest" (Ollama). */
bool models_hold(const struct model_list *list, const char *name);

#endif

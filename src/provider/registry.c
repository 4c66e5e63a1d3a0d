/*
 * registry.c -- who there is.  A provider is one file and one line here.
 */
#include "provider/anthropic.h"
#include "provider/gemini.h"
#include "provider/openai.h"
#include "provider/provider.h"

#define MOST 16

static const struct provider_ops *registered[MOST] = {
    &provider_openai, &provider_responses, &provider_azure,
    &provider_groq,   &provider_together,  &provider_mistral,
    &provider_gemini, &provider_anthropic,
};

void provider_register(const struct provider_ops *ops)
{
    size_t i;

    for (i = 0; i < MOST; i++) {
        if (registered[i] && strcmp(registered[i]->name, ops->name) != 0)
            continue;
        registered[i] = ops;
        return;
    }
}

static const struct provider_ops *runner;

void provider_register_runner(const struct provider_ops *ops)
{
    runner = ops;
}

const struct provider_ops *provider_runner(void)
{
    return runner;
}

const struct provider_ops *provider_ops_at(size_t index)
{
    return index < MOST ? registered[index] : NULL;
}

#include "batch/record_prompt.h"

#include "base/digest.h"
#include "extract/prompt.h"

void record_flag_words(unsigned flags, struct strbuf *out)
{
    size_t i;

    for (i = 0; i < PROMPT_FLAGS; i++)
        if (flags & 1u << i)
            strbuf_addf(out, "%s%s", out->len ? " " : "", prompt_flag_names[i]);
}

bool record_prompt(struct worker *w, const char *text, size_t len,
                   struct strbuf *out, struct record_prompt_result *result,
                   struct error *err)
{
    struct prompt_limits limits = {
        .max_tokens = w->settings.extract->max_input_tokens,
        .counter = w->counter,
        .teller = w->teller.count ? &w->teller : NULL,
        .plain = w->profile->plain,
        .redact = worker_redacts(w),
    };
    enum prompt_verdict verdict;
    char hex[DIGEST_HEX];

    result->flags = 0;
    if (w->settings.source->requests) {
        strbuf_add(out, text ? text : "", text ? len : 0);
        verdict = len ? PROMPT_READY : PROMPT_EMPTY;
    } else if (!prompt_build(text ? text : "", len, &limits, out, &verdict,
                             &result->flags, err)) {
        return false;
    }
    result->usable = verdict == PROMPT_READY;
    digest_of(text ? text : "", len, hex);
    snprintf(result->hash, sizeof(result->hash), "%.32s", hex);
    return true;
}

bool record_template(struct worker *w, struct provider *p, const char *model,
                     struct request_template *t, struct error *err)
{
    return provider_form(p, w->profile, model, t, err);
}

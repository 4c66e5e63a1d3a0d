#include "extract/profile.h"
#include "provider/provider.h"

/* A tiny model's lists must be told where to end. */
static const char *schema_for(const struct provider *p,
                              const struct profile *profile)
{
    return p->ops->caps & PROVIDER_OWN_MODEL ? profile->schema_bounded
                                             : profile->schema_text;
}

bool provider_form(const struct provider *p, const struct profile *profile,
                   const char *model, struct request_template *t,
                   struct error *err)
{
    const struct request_profile form = {
        .model = model,
        .system = profile->system,
        .schema = schema_for(p, profile),
        .schema_name = profile->schema_name,
        .temperature = profile->temperature >= 0 ? profile->temperature
                                                 : p->settings->temperature,
        .max_output_tokens = profile->max_output_tokens
                                 ? profile->max_output_tokens
                                 : p->settings->max_output_tokens,
        .extra_body = p->settings->extra_body,
    };

    return p->ops->prepare(p, &form, t, err);
}

/*
 * template.h -- how a provider's file makes a struct request_template.
 *
 * It writes one whole line with TEMPLATE_ID where the id and TEMPLATE_TEXT
 * where the resume goes; template_cut() cuts there: at the first id and at
 * the last text, so that a prompt may hold the same words.
 */
#ifndef PROVIDER_TEMPLATE_H
#define PROVIDER_TEMPLATE_H

#include "base/jsonw.h"
#include "provider/provider.h"

#define TEMPLATE_ID "@vitae:custom_id@"
#define TEMPLATE_TEXT "@vitae:text@"
#define TEMPLATE_LONGEST (16 * MIB)

MUST_CHECK bool template_cut(const struct strbuf *line,
                             struct request_template *t, struct error *err);

/* Writes one line of a profile.  schema: in the provider's subset, "" = none;
 * extra: the members of extra_body, NULL = none. */
struct json_object;
typedef void template_writer(const struct request_profile *profile,
                             const char *schema, struct json_object *extra,
                             struct strbuf *line);
/* Has it written, and cuts it.  subset is schema_lint()'s name, reserved
 * subset_extra()'s. */
MUST_CHECK bool template_make(const struct request_profile *profile,
                              const char *subset, const char *reserved,
                              template_writer *write,
                              struct request_template *t, struct error *err);

/* The members of extra, one after another; null members are left out: they
 * take ours away (template_overrides). */
void template_add_extra(struct jsonw *w, struct json_object *extra);
bool template_overrides(const struct json_object *extra, const char *name);

#endif

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

struct json_object;
/* The members of extra, one after another; null members are left out: they
 * take ours away (template_overrides). */
void template_add_extra(struct jsonw *w, struct json_object *extra);
bool template_overrides(const struct json_object *extra, const char *name);

#endif

/*
 * subset.h -- a profile's schema in the words that a provider takes.
 *
 * A schema that extract's linter accepts for the provider is handed on byte
 * for byte.  Else what can be left out (bounds, patterns: the values are
 * checked here anyway) or said otherwise (const as enum, oneOf as anyOf) is;
 * what then still isn't taken is an ERROR_SETUP (EXIT_SETTINGS) that says
 * why.  Pure.
 */
#ifndef PROVIDER_SUBSET_H
#define PROVIDER_SUBSET_H

#include "base/error.h"
#include "base/strbuf.h"

/* provider: schema_lint()'s names. */
MUST_CHECK bool subset_schema(const char *schema, const char *provider,
                              struct strbuf *out, struct error *err);

/* The members of extra_body; *extra (json_free()) is NULL when there are
 * none.  Names in reserved ("messages model", blank-separated) are refused. */
struct json_object;
MUST_CHECK bool subset_extra(const char *text, const char *reserved,
                             struct json_object **extra, struct error *err);
#endif

/*
 * golden.h -- compares what was made with a file under tests/provider/golden.
 *
 * With UPDATE_GOLDEN=1 in the environment the file is written instead: look
 * at the difference before you commit it.
 */
#ifndef TESTS_PROVIDER_GOLDEN_H
#define TESTS_PROVIDER_GOLDEN_H

#include "provider/provider.h"

/* The requests that each provider's golden file holds. */
void golden_lines(const struct provider *p, const struct request_profile *r,
                  struct strbuf *out);
extern const struct request_profile golden_profile;
void golden_compare(const struct strbuf *got, const char *name);

#endif

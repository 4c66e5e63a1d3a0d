/*
 * realtime.h -- any provider, asked one by one: mode = realtime.
 *
 * The batch is kept and run here as `local` does (local.h); what is asked is
 * the provider's own request, at its own address, with its own headers.
 * Lines are written as the runner reads them, the provider's body inside;
 * answers come back with the provider's bodies inside and are read by its
 * own reader (struct provider_single).
 */
#ifndef RUNNER_REALTIME_H
#define RUNNER_REALTIME_H

#include "provider/provider.h"

extern const struct provider_ops provider_realtime;

/* Registers both, `local` and the runner of all others. */
void realtime_register(void);

MUST_CHECK bool realtime_prepare(const struct provider *self,
                                 const struct request_profile *profile,
                                 struct request_template *t, struct error *err);
/* Where a single request goes, behind base_url; freed by the caller.  "" for
 * `local`: each line tells. */
MUST_CHECK bool realtime_path(const struct provider *self, struct strbuf *out,
                              struct error *err);

#endif

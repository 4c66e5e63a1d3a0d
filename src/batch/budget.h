/*
 * budget.h -- what a batch will cost, and whether it may.
 *
 * Estimated when it is built (tokens of every request, an expected answer),
 * looked at before it is uploaded, reserved in the transaction that records
 * the intent to create it -- under a lock, so that workers can't overspend
 * together -- and settled from the provider's own token counts.  Days and
 * months are UTC.
 * A limit reached is ERROR_SETUP, code "budget", EXIT_BUDGET: the batch waits
 * built (uploaded, when somebody else took the money meanwhile) and says why,
 * what was sent before is still collected.
 */
#ifndef BATCH_BUDGET_H
#define BATCH_BUDGET_H

#include "batch/price.h"
#include "batch/worker.h"

/* What that model costs there: the batch's own, since the settings may name
 * another one by now; NULL = none. */
struct price budget_price(const struct worker *w, const struct provider *p,
                          const char *model);

/* Before anything is claimed: the model has a price, or needs none. */
MUST_CHECK bool budget_knows_price(const struct worker *w,
                                   const struct provider *p, struct error *err);

/* Tokens of one text; exact where the model's encoding is known. */
int64_t budget_tokens(struct worker *w, const char *text, size_t len);
/* Of what every request shares: system message, schema. */
int64_t budget_shared_tokens(struct worker *w);

/* Fills b->estimated_cost. */
void budget_estimate(const struct worker *w, const struct provider *p,
                     struct batch *b, int64_t input_tokens);
/* Fills b->actual_cost from its token counts, and b->standard_cost: what
 * single requests would have cost (not known for a model of one's own). */
void budget_settle(const struct worker *w, const struct provider *p,
                   struct batch *b);

/* Settled or reserved, of the current day and month. */
MUST_CHECK bool budget_spent(struct db *db, double now, double *day,
                             double *month, struct error *err);

/* Before the file leaves the machine; nothing is reserved yet. */
MUST_CHECK bool budget_allows(struct worker *w, const struct batch *b,
                              struct error *err);
/* Within the transaction that records the intent. */
MUST_CHECK bool budget_reserve(struct worker *w, struct db *db,
                               const struct batch *b, struct error *err);

#endif

/*
 * price.h -- what tokens cost: prices.json, editable, with dates and
 * sources.
 *
 * Prices are per million tokens.  A model's batch price is its own, else
 * half the standard one.  A dated snapshot (-YYYY-MM-DD) has its base name's
 * price.  Local models cost 0.  A model without a price is not guessed:
 * found is false, and nothing is sent without --allow-unpriced.
 */
#ifndef BATCH_PRICE_H
#define BATCH_PRICE_H

#include "base/error.h"

struct prices; /* a file of them */

struct price {
    bool found;
    double input, cached, output; /* of one token */
};

/* path NULL: prices.json in $VITAE_DATADIR or the installed one. */
MUST_CHECK bool prices_open(struct prices **p, const char *path,
                            struct error *err);
void prices_close(struct prices *p);
const char *prices_currency(const struct prices *p);
const char *prices_date(const struct prices *p);

/* How the model is asked. */
enum price_mode {
    PRICE_REALTIME,
    PRICE_BATCH,
    PRICE_LOCAL, /* a model of one's own: 0 */
};
struct price price_of(const struct prices *p, const char *model,
                      enum price_mode mode);
/* cached tokens are part of the input tokens; negative counts are 0. */
double price_cost(const struct price *price, int64_t input, int64_t cached,
                  int64_t output);

#endif

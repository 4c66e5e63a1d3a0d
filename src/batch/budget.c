#include "batch/budget.h"

#include <math.h>

#include "batch/price.h"
#include "batch/store.h"

/* Of one answer, where no limit tells: 70 short values. */
#define EXPECTED_OUTPUT 700
#define DAY 86400.0

static bool is_local(const struct provider *p)
{
    return p->ops->caps & PROVIDER_OWN_MODEL;
}

struct price budget_price(const struct worker *w, const struct provider *p,
                          const char *model)
{
    enum price_mode mode = PRICE_BATCH;

    if (is_local(p))
        mode = PRICE_LOCAL;
    else if (p->ops->caps & PROVIDER_RUNS_HERE)
        mode = PRICE_REALTIME;
    return price_of(w->prices, model ? model : "", mode);
}

bool budget_knows_price(const struct worker *w, const struct provider *p,
                        struct error *err)
{
    struct price price = budget_price(w, p, p->settings->model);

    if (price.found || w->settings.batch->allow_unpriced)
        return true;
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "no price is known for the model %s (list of %s): add "
                      "it to prices.json and name that with batch.prices=, "
                      "or say --allow-unpriced",
                      p->settings->model ? p->settings->model : "",
                      prices_date(w->prices));
}

int64_t budget_tokens(struct worker *w, const char *text, size_t len)
{
    return (int64_t)(w->counter ? tokens_count(w->counter, text, len)
                                : tokens_estimate(text, len));
}

int64_t budget_shared_tokens(struct worker *w)
{
    const struct profile *p = w->profile;

    return budget_tokens(w, p->system, strlen(p->system)) +
           (p->schema_text
                ? budget_tokens(w, p->schema_text, strlen(p->schema_text))
                : 0);
}

void budget_estimate(const struct worker *w, const struct provider *p,
                     struct batch *b, int64_t input_tokens)
{
    struct price price = budget_price(w, p, b->model);

    snprintf(b->currency, sizeof(b->currency), "%.3s",
             prices_currency(w->prices));
    b->estimated_cost = price.found
                            ? price_cost(&price, input_tokens, 0,
                                         b->request_count * EXPECTED_OUTPUT)
                            : -1;
}

void budget_settle(const struct worker *w, const struct provider *p,
                   struct batch *b)
{
    struct price price = budget_price(w, p, b->model);
    struct price single = price_of(w->prices, b->model, PRICE_REALTIME);

    /* Stored answers were paid for by the batch that brought them. */
    if (strcmp(b->provider, "replay") == 0)
        return;
    if (price.found && (b->input_tokens > 0 || is_local(p)))
        b->actual_cost = price_cost(&price, b->input_tokens, b->cached_tokens,
                                    b->output_tokens);
    if (price.found && !is_local(p) && b->input_tokens > 0)
        b->standard_cost = price_cost(&single, b->input_tokens,
                                      b->cached_tokens, b->output_tokens);
}

static bool read_sum(void *context, const struct db_rows *row,
                     struct error *err)
{
    (void)err;
    *(double *)context = db_rows_real(row, 0);
    return true;
}

static bool spent_since(struct db *db, const char *key, double seconds,
                        double *spent, struct error *err)
{
    const struct db_value values[] = {
        db_text("key", key),
        db_real("seconds", seconds),
    };

    return db_each(db, "budget_spent", values, ARRAY_LEN(values), read_sum,
                   spent, NULL, err);
}

static bool within(struct db *db, const struct batch *b, const char *what,
                   double limit, double seconds, struct error *err)
{
    double spent = 0;

    if (limit <= 0)
        return true;
    if (!spent_since(db, b->key, seconds, &spent, err))
        return false;
    if (spent + (b->estimated_cost > 0 ? b->estimated_cost : 0) <= limit)
        return true;
    error_exit(err, ERROR_SETUP, EXIT_BUDGET,
               "the budget of %g %s %s would be passed: %.4f are spent or "
               "reserved, this batch may cost %.4f; it waits (batch.%s)",
               limit, b->currency, what, spent,
               b->estimated_cost > 0 ? b->estimated_cost : 0,
               strcmp(what, "a day") == 0     ? "max_cost_day"
               : strcmp(what, "a month") == 0 ? "max_cost_month"
                                              : "max_cost");
    error_code(err, "budget");
    return false;
}

/* Seconds since midnight, and since the first of the month, UTC. */
static void calendar(double now, double *day, double *month)
{
    time_t t = (time_t)now;
    struct tm tm;

    *day = fmod(now, DAY);
    *month = gmtime_r(&t, &tm) ? *day + (tm.tm_mday - 1) * DAY : *day;
}

bool budget_spent(struct db *db, double now, double *day, double *month,
                  struct error *err)
{
    double day_seconds, month_seconds;

    calendar(now, &day_seconds, &month_seconds);
    return spent_since(db, "", day_seconds, day, err) &&
           spent_since(db, "", month_seconds, month, err);
}

static bool has_limit(const struct batch_settings *s)
{
    return s->max_cost > 0 || s->max_cost_day > 0 || s->max_cost_month > 0;
}

static bool within_all(struct worker *w, struct db *db, const struct batch *b,
                       struct error *err)
{
    const struct batch_settings *s = w->settings.batch;
    double now = w->clock->now(w->clock), day, month;

    calendar(now, &day, &month);
    return within(db, b, "a run", s->max_cost, now - w->started, err) &&
           within(db, b, "a day", s->max_cost_day, day, err) &&
           within(db, b, "a month", s->max_cost_month, month, err);
}

bool budget_allows(struct worker *w, const struct batch *b, struct error *err)
{
    return !has_limit(w->settings.batch) || within_all(w, w->db, b, err);
}

bool budget_reserve(struct worker *w, struct db *db, const struct batch *b,
                    struct error *err)
{

    if (!has_limit(w->settings.batch))
        return true;
    return store_lock(db, "vitae budget", err) && within_all(w, db, b, err);
}

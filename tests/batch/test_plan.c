#include "batch/plan.h"

#include <math.h>

#include "tests/tap.h"

static bool near(double a, double b)
{
    return fabs(a - b) <= 0.01 * fabs(b) + 1e-9;
}

/* 12,000 articles of 2,800 tokens, answers of 150. */
static void twelve_thousand_articles(const struct prices *prices)
{
    struct plan_input in = { .records = 12000,
                             .text_tokens = 2800,
                             .output_low = 150,
                             .output_expected = 150,
                             .output_high = 150,
                             .per_minute = 2000,
                             .per_day = 400,
                             .enqueued_limit = 10000000,
                             .enqueued_share = 0.9,
                             .batch_size = 1000 };
    struct plan plan;

    plan_make(&in, prices, "gemini-2.5-flash", &plan);
    is_int(plan.waves, 4, "four waves");
    is_int(plan.wave_records, 3214, "of at most 3,214");
    is_int(plan.batches, 15, "each four batches, the last three");
    ok(near(plan.rows[PLAN_BATCH].seconds_low, 2 * 3600) &&
           near(plan.rows[PLAN_BATCH].seconds_high, 4 * 3600),
       "batch: 2 to 4 hours");
    ok(near(plan.rows[PLAN_BATCH].expected, 7.29), "for 7.29");
    ok(near(plan.rows[PLAN_REALTIME].seconds_high, 360),
       "realtime at 2,000 a minute: 6 minutes");
    ok(near(plan.rows[PLAN_REALTIME].expected, 14.58), "for twice as much");
    ok(near(plan.rows[PLAN_DAILY].seconds_high, 30 * 86400.0),
       "400 a day: 30 days");
    in.enqueued_limit = 0;
    plan_make(&in, prices, "gemini-2.5-flash", &plan);
    is_int(plan.waves, 0, "without a limit no waves are told");
    is_int(plan.batches, 12, "and batches are full");
    in.enqueued_limit = 100;
    plan_make(&in, prices, "gemini-2.5-flash", &plan);
    is_int(plan.waves, 12000, "a limit below one request: one by one");
    in.records = 0;
    plan_make(&in, prices, "gemini-2.5-flash", &plan);
    is_int(plan.batches, 0, "nothing waits");
}

int main(void)
{
    struct prices *prices = NULL;
    struct error err;

    ok(prices_open(&prices, NULL, &err), "prices");
    twelve_thousand_articles(prices);
    prices_close(prices);
    return tap_done();
}

#include "base/retry.h"

#include <math.h>

#include "tests/tap.h"

static const struct retry_policy policy = {
    .attempts = 6,
    .base = 2,
    .cap = 20,
    .ask_cap = 900,
};

static const struct {
    const char *why;
    int tried;
    double asked_for;
    double spread;
    double want;
} cases[] = {
    { "full jitter may be nothing", 1, 0, 0.0, 0 },
    { "half of the base", 1, 0, 0.5, 1 },
    { "it doubles", 3, 0, 0.5, 4 },
    { "up to the cap", 5, 0, 0.5, 10 },
    { "Retry-After is a floor", 1, 120, 0.5, 120 },
    { "but not a ceiling", 4, 1, 0.5, 8 },
    { "an absurd Retry-After is cut", 1, 1e9, 0.5, 900 },
    { "an endless one is cut", 1, INFINITY, 0.5, 900 },
    { "a negative one is none", 1, -5, 0.5, 1 },
    { "a NaN is none", 1, NAN, 0.5, 1 },
    { "a try before the first counts as the first", 0, 0, 0.5, 1 },
    { "then it gives up", 6, 0, 0.0, -1 },
    { "and stays so", 7, 0, 0.0, -1 },
};

static void delays_follow_the_policy(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        double got = retry_delay(&policy, cases[i].tried, cases[i].asked_for,
                                 cases[i].spread);

        ok(fabs(got - cases[i].want) < 1e-9, "%s (got %g)", cases[i].why, got);
    }
}

static void without_a_limit_it_goes_on_for_ever(void)
{
    struct retry_policy endless = { .base = 1, .cap = 60 };

    ok(retry_delay(&endless, 2000000000, 0, 0.5) == 30,
       "the two billionth try waits half the cap");
    ok(retry_delay(&endless, 1, INFINITY, 0.5) == 0.5,
       "an endless wish without a cap is no wish");
}

int main(void)
{
    delays_follow_the_policy();
    without_a_limit_it_goes_on_for_ever();
    return tap_done();
}

#include "base/retry.h"

#include <math.h>

static double own_delay(const struct retry_policy *policy, int tried,
                        double spread)
{
    /* Beyond 2^60 the doubling says nothing new and would overflow. */
    int doublings = tried < 1 ? 0 : tried > 60 ? 60 : tried - 1;
    double delay = ldexp(policy->base, doublings);

    if (policy->cap > 0 && delay > policy->cap)
        delay = policy->cap;
    return delay * spread;
}

static double asked_delay(const struct retry_policy *policy, double asked_for)
{
    /* NaN too: comparisons with it are false. */
    if (!(asked_for > 0))
        return 0;
    if (policy->ask_cap > 0 && asked_for > policy->ask_cap)
        return policy->ask_cap;
    return isfinite(asked_for) ? asked_for : 0;
}

double retry_delay(const struct retry_policy *policy, int tried,
                   double asked_for, double spread)
{
    double own;
    double asked;

    if (policy->attempts > 0 && tried >= policy->attempts)
        return -1;
    own = own_delay(policy, tried, spread);
    asked = asked_delay(policy, asked_for);
    return own > asked ? own : asked;
}

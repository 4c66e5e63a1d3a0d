#include "runner/adapt.h"
#include "tests/tap.h"

static void it_begins_at_the_ceiling_and_stays_there(void)
{
    struct adapt a;
    int i;

    adapt_init(&a, 64, 150);
    is_int(adapt_limit(&a), 64, "all that is allowed");
    for (i = 0; i < 1000; i++)
        adapt_success(&a, i, i + 0.05);
    is_int(adapt_limit(&a), 64, "never more");
}

static void one_overload_counts_once(void)
{
    struct adapt a;
    int i;

    adapt_init(&a, 100, 150);
    for (i = 0; i < 30; i++)
        adapt_overload(&a, 10, 11);
    is_int(adapt_limit(&a), 70, "30 refusals of one moment");
    adapt_overload(&a, 12, 13);
    is_int(adapt_limit(&a), 49, "one sent after the fall is news");
    for (i = 0; i < 100; i++)
        adapt_overload(&a, 20 + 2 * i, 21 + 2 * i);
    is_int(adapt_limit(&a), 1, "it never falls below one");
}

static void it_grows_by_one_a_round(void)
{
    struct adapt a;
    int i;

    adapt_init(&a, 100, 150);
    a.limit = 10;
    for (i = 0; i < 11; i++)
        adapt_success(&a, i, i + 1);
    is_int(adapt_limit(&a), 11, "a round of ten made it eleven");
    for (i = 0; i < 5000; i++)
        adapt_success(&a, i, i + 1);
    is_int(adapt_limit(&a), 100, "up to the ceiling");
}

static void it_settles_near_what_the_endpoint_bears(void)
{
    const int bears = 16;
    struct adapt a;
    double now = 0;
    int i, sum = 0;

    adapt_init(&a, 64, 150);
    for (i = 0; i < 2000; i++, now += 0.1) {
        if (adapt_limit(&a) > bears)
            adapt_overload(&a, now, now + 0.01);
        else
            adapt_success(&a, now, now + 0.1);
        if (i >= 1000)
            sum += (int)adapt_limit(&a);
    }
    ok(sum / 1000 >= 11 && sum / 1000 <= 17, "16 at once: %d on average",
       sum / 1000);
}

static void latency_counts_only_near_time_outs(void)
{
    struct adapt a;
    int i;

    adapt_init(&a, 8, 100);
    for (i = 0; i < 80; i++)
        adapt_success(&a, 1000 * i, 1000 * i + 1);
    for (i = 80; i < 160; i++)
        adapt_success(&a, 1000 * i, 1000 * i + 50);
    is_int(adapt_limit(&a), 8, "fifty times slower, but far from a time-out");
    for (i = 160; i < 168; i++)
        adapt_success(&a, 1000 * i, 1000 * i + 150);
    ok(adapt_limit(&a) < 8, "too slow: %d", (int)adapt_limit(&a));
}

int main(void)
{
    it_begins_at_the_ceiling_and_stays_there();
    one_overload_counts_once();
    it_grows_by_one_a_round();
    it_settles_near_what_the_endpoint_bears();
    latency_counts_only_near_time_outs();
    return tap_done();
}

#include "runner/limits.h"
#include "tests/tap.h"

#include <math.h>

#define START 1000.0
#define MIDNIGHT (20000 * 86400.0)

/* Asks as fast as the limits allow; the most that any 60 s held. */
static double busiest(struct limits *l, double tokens, double *asked)
{
    static double at[100000];
    double now = START, most = 0, wait;
    size_t n = 0, from = 0, i;

    while (now < START + 600 && n < ARRAY_LEN(at)) {
        wait = limits_wait(l, now, now, tokens);
        if (wait > 0) {
            now += wait;
            continue;
        }
        limits_take(l, now, now, tokens);
        at[n++] = now;
    }
    for (i = 0; i < n; i++) {
        while (at[from] <= at[i] - 59.9999)
            from++;
        most = fmax(most, (double)(i - from + 1));
    }
    *asked = (double)n;
    return most;
}

static void no_minute_holds_more_requests_than_allowed(void)
{
    static const int64_t rates[] = { 1, 2, 7, 60, 61, 500, 6000 };
    struct limits l;
    double asked, most;
    size_t i;

    for (i = 0; i < ARRAY_LEN(rates); i++) {
        limits_init(&l, rates[i], 0, 0, START, START);
        most = busiest(&l, 100, &asked);
        ok(most <= (double)rates[i], "%lld a minute: at most %.0f in one",
           (long long)rates[i], most);
        ok(asked >= 9.8 * (double)rates[i],
           "and nearly all that ten minutes allow: %.0f", asked);
    }
}

static void no_minute_holds_more_tokens_than_allowed(void)
{
    struct limits l;
    double asked, most;

    limits_init(&l, 0, 60000, 0, START, START);
    most = busiest(&l, 1000, &asked);
    ok(most <= 60, "60,000 tokens: at most 60 requests of 1,000, %.0f", most);
    ok(asked >= 560, "and nearly all that ten minutes allow: %.0f", asked);
}

static void a_request_larger_than_the_bucket_goes_when_it_is_full(void)
{
    struct limits l;

    limits_init(&l, 0, 6000, 0, START, START);
    ok(limits_wait(&l, START, START, 5000) == 0, "it goes");
    limits_take(&l, START, START, 5000);
    ok(limits_wait(&l, START, START, 1) > 40, "and leaves a debt of %.0f s",
       limits_wait(&l, START, START, 1));
}

static void what_was_not_used_comes_back(void)
{
    struct limits l;

    limits_init(&l, 0, 6000, 0, START, START);
    limits_take(&l, START, START, 300);
    ok(limits_wait(&l, START, START, 200) > 0, "the bucket is empty");
    limits_correct(&l, START, 300, 50);
    ok(limits_wait(&l, START, START, 200) == 0, "250 of 300 come back");
}

static void a_day_ends_at_midnight(void)
{
    struct limits l;
    int i;

    limits_init(&l, 0, 0, 3, START, MIDNIGHT - 100);
    for (i = 0; i < 3; i++) {
        ok(limits_wait(&l, START, MIDNIGHT - 100, 1) == 0, "%d of 3 goes", i);
        limits_take(&l, START, MIDNIGHT - 100, 1);
    }
    ok(fabs(limits_wait(&l, START, MIDNIGHT - 100, 1) - 100) < 1e-6,
       "the fourth waits for midnight");
    ok(limits_wait(&l, START, MIDNIGHT, 1) == 0, "then it goes");
}

static void the_longest_wait_is_named(void)
{
    struct limits l;
    const char *why = "";

    limits_init(&l, 6, 600, 2, START, MIDNIGHT - 100);
    ok(limits_wait_why(&l, START, MIDNIGHT - 100, 1, &why) == 0 && !*why,
       "none, no name");
    limits_take(&l, START, MIDNIGHT - 100, 1);
    ok(limits_wait_why(&l, START, MIDNIGHT - 100, 1, &why) > 0 &&
           strstr(why, "requests_per_minute"),
       "six a minute");
    limits_take(&l, START, MIDNIGHT - 100, 1);
    ok(limits_wait_why(&l, START, MIDNIGHT - 100, 1, &why) > 99 &&
           strstr(why, "requests_per_day"),
       "two a day is longer");
    limits_init(&l, 0, 60, 0, START, START);
    limits_take(&l, START, START, 60);
    ok(limits_wait_why(&l, START, START, 60, &why) > 0 &&
           strstr(why, "tokens_per_minute"),
       "tokens");
    limits_init(&l, 0, 0, 0, START, START);
    l.spacing = 10;
    limits_take(&l, START, START, 1);
    ok(limits_wait_why(&l, START, START, 1, &why) > 9 && strstr(why, "delay"),
       "a distance");
}

static void no_limits_mean_no_wait(void)
{
    struct limits l;
    int i;

    limits_init(&l, 0, 0, 0, START, START);
    for (i = 0; i < 1000; i++)
        limits_take(&l, START, START, 1e9);
    ok(limits_wait(&l, START, START, 1e9) == 0, "never");
}

int main(void)
{
    no_minute_holds_more_requests_than_allowed();
    no_minute_holds_more_tokens_than_allowed();
    a_request_larger_than_the_bucket_goes_when_it_is_full();
    what_was_not_used_comes_back();
    a_day_ends_at_midnight();
    the_longest_wait_is_named();
    no_limits_mean_no_wait();
    return tap_done();
}

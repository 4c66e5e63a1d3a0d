#include "runner/endpoint.h"

#include <math.h>

#include "tests/tap.h"

/* The tests only compare addresses of flights. */
struct flight {
    int nothing;
};
static struct flight flights[8];

static struct endpoints opened(const char *urls, int64_t concurrency)
{
    struct endpoints e;
    struct error err;

    ok(endpoints_open(&e, urls, concurrency, 150, 60, &err), "opens %s", urls);
    return e;
}

static struct error refused(void)
{
    struct error err;

    error_set(&err, ERROR_RETRY, "connection refused");
    error_code(&err, "network");
    return err;
}

static void addresses_are_separated_by_commas(void)
{
    struct endpoints e = opened("http://a:1/v1/, http://b/v1 ,http://c/v1", 4);
    struct error err;

    is_int(e.count, 3, "three");
    is_str(e.list[0].base, "http://a:1/v1", "without a last slash");
    is_str(e.list[2].base, "http://c/v1", "without blanks");
    endpoints_close(&e);
    ok(!endpoints_open(&e, " , ", 4, 150, 60, &err), "none is refused");
    is_int(err.kind, ERROR_SETUP, "as a fault of the settings");
    endpoints_close(&e);
}

static void the_least_busy_gets_the_next(void)
{
    struct endpoints e = opened("http://a/v1,http://b/v1", 2);
    struct endpoint *one;
    double wait;
    int i;

    for (i = 0; i < 4; i++) {
        one = endpoints_pick(&e, NULL, -1, 10, &wait);
        if (!one)
            break;
        is_str(one->base, i % 2 ? "http://b/v1" : "http://a/v1", "in turns");
        endpoint_sent(one, &flights[i], -1, 10);
    }
    ok(!endpoints_pick(&e, NULL, -1, 10, &wait), "two each are enough");
    ok(isinf(wait), "until one is answered");
    endpoint_landed(&e.list[1], &flights[1]);
    ok(endpoints_pick(&e, NULL, -1, 10, &wait) == &e.list[1],
       "there is room again");
    endpoints_close(&e);
}

static void the_first_of_a_group_goes_alone(void)
{
    struct endpoints e = opened("http://a/v1", 4);
    struct endpoint *a = e.list;
    double wait;

    ok(endpoints_pick(&e, NULL, 0, 10, &wait) == a, "the first goes");
    endpoint_sent(a, &flights[0], 0, 10);
    ok(!endpoints_pick(&e, NULL, 0, 11, &wait),
       "the second waits for its answer");
    ok(wait > 8 && wait < 10, "but not for ever: %.1f s", wait);
    ok(endpoints_pick(&e, NULL, -1, 11, &wait) == NULL,
       "so do those that share nothing");
    endpoint_landed(a, &flights[0]);
    ok(endpoints_pick(&e, NULL, 0, 12, &wait) == a, "now it goes");
    endpoint_sent(a, &flights[1], 0, 12);
    ok(endpoints_pick(&e, NULL, 0, 12, &wait) == a, "and the third beside it");
    endpoint_sent(a, &flights[2], 1, 12);
    ok(!endpoints_pick(&e, NULL, 1, 12, &wait),
       "another group begins alone again");
    ok(endpoints_pick(&e, NULL, 1, 12 + PRIME_WAIT, &wait) == a,
       "a slow first one is not waited for");
    endpoints_close(&e);
}

static void one_that_fails_is_left_alone_then_tried_by_one(void)
{
    struct endpoints e = opened("http://a/v1,http://b/v1", 4);
    struct endpoint *a = e.list;
    struct error why = refused();
    double wait;
    int i;

    endpoint_trouble(a, TROUBLE_DOWN, 0, 100, 0, 0.5, &why);
    for (i = 0; i < 4; i++) {
        ok(endpoints_pick(&e, NULL, -1, 100, &wait) == &e.list[1],
           "b has the work");
        endpoint_sent(&e.list[1], &flights[i], -1, 100);
    }
    ok(!endpoints_pick(&e, NULL, -1, 100, &wait), "a is not asked");
    ok(wait > 0 && wait <= 0.5, "for %.2f s", wait);
    ok(endpoints_pick(&e, NULL, -1, 101, &wait) == a, "then it is");
    endpoint_sent(a, &flights[4], -1, 101);
    ok(!endpoints_pick(&e, NULL, -1, 101, &wait), "by one request");
    endpoint_landed(a, &flights[4]);
    endpoint_well(a);
    endpoint_sent(a, &flights[4], -1, 101);
    ok(endpoints_pick(&e, NULL, -1, 101, &wait) == a, "until that is answered");
    endpoints_close(&e);
}

static void what_it_asks_for_is_granted(void)
{
    struct endpoints e = opened("http://a/v1", 4);
    struct error why = refused();
    double wait;

    endpoint_trouble(e.list, TROUBLE_BUSY, 0, 100, 20, 0.5, &why);
    ok(!endpoints_pick(&e, NULL, -1, 119, &wait), "19 s are not enough");
    endpoint_well(e.list);
    ok(!endpoints_pick(&e, NULL, -1, 119, &wait),
       "nor is an answer to an older request");
    ok(endpoints_pick(&e, NULL, -1, 120, &wait) != NULL, "20 s are");
    endpoints_close(&e);
}

/* Fails every ten seconds. */
static double gives_up_after(enum trouble kind, bool same_request)
{
    struct endpoints e = opened("http://a/v1", 4);
    struct error why = refused(), err;
    double now;
    size_t i;

    for (i = 0, now = 1000; now < 20000; now += 10, i++) {
        endpoint_trouble(e.list, kind, same_request ? 7 : i, now, 0, 0, &why);
        if (!endpoints_hopeless(&e, UINT64_MAX, now + 9, &err))
            continue;
        is_int(err.kind, ERROR_RETRY, "to be tried again later");
        is_str(err.code, "network", "with the reason's word");
        ok(strstr(err.message, "http://a/v1") != NULL, "%s", err.message);
        endpoints_close(&e);
        return now + 9 - 1000;
    }
    endpoints_close(&e);
    return -1;
}

static void patience_has_an_end(void)
{
    double after = gives_up_after(TROUBLE_DOWN, false);

    ok(after >= 60 && after < 80, "with a dead one: %.0f s", after);
    after = gives_up_after(TROUBLE_SILENT, false);
    ok(after >= 60 && after < 80, "with a silent one: %.0f s", after);
    after = gives_up_after(TROUBLE_LOADING, false);
    ok(after >= 1800 && after < 1900, "with a model that loads: %.0f s", after);
    after = gives_up_after(TROUBLE_BUSY, false);
    ok(after >= 3600 && after < 3800, "with a busy one: %.0f s", after);
    ok(gives_up_after(TROUBLE_SILENT, true) < 0,
       "one request that breaks it each time is not its end");
}

static void one_good_one_is_hope_enough(void)
{
    struct endpoints e = opened("http://a/v1,http://b/v1", 4);
    struct error why = refused(), err;
    int i;

    for (i = 0; i < 100; i++)
        endpoint_trouble(e.list, TROUBLE_DOWN, 0, 100 * i, 0, 0.5, &why);
    ok(!endpoints_hopeless(&e, UINT64_MAX, 10000, &err), "b may still answer");
    endpoints_close(&e);
}

int main(void)
{
    addresses_are_separated_by_commas();
    the_least_busy_gets_the_next();
    the_first_of_a_group_goes_alone();
    one_that_fails_is_left_alone_then_tried_by_one();
    what_it_asks_for_is_granted();
    patience_has_an_end();
    one_good_one_is_hope_enough();
    return tap_done();
}

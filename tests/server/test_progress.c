#include "server/progress.h"

#include <math.h>
#include <string.h>

#include "tests/tap.h"

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

static struct served_batch batch(void)
{
    struct served_batch b;

    memset(&b, 0, sizeof(b));
    b.status = SERVED_IN_PROGRESS;
    b.at[SERVED_IN_PROGRESS] = 1000;
    b.total = 400;
    return b;
}

static void nothing_is_known_before_the_first_answer(void)
{
    struct served_batch b = batch();
    struct served_progress p = progress_of(&b, 1010);

    ok(near(p.percent, 0) && near(p.rate, 0), "no percent, no rate");
    ok(near(p.eta, -1), "no time left either");
    b.total = 0;
    p = progress_of(&b, 1010);
    ok(near(p.percent, 0), "no division by nothing while it is validated");
}

static void the_rate_is_that_of_this_run(void)
{
    struct served_batch b = batch();
    struct served_progress p;

    b.completed = 90;
    b.failed = 10;
    b.running_since = 2000; /* a restart, long after the beginning */
    b.done_before = 60;
    p = progress_of(&b, 2020);
    ok(near(p.percent, 25), "a quarter is done, failures too");
    ok(near(p.rate, 2), "40 in 20 seconds");
    ok(near(p.eta, 150), "300 are left");
}

static void what_has_ended_has_no_time_left(void)
{
    struct served_batch b = batch();
    struct served_progress p;

    b.completed = 400;
    b.status = SERVED_COMPLETED;
    b.at[SERVED_COMPLETED] = 1100;
    p = progress_of(&b, 9e9);
    ok(near(p.percent, 100) && near(p.eta, 0), "all of it");
    ok(near(p.rate, 4), "the mean till its end, whenever one looks");
}

static void savings_are_the_cached_part_of_the_input(void)
{
    struct served_batch b = batch();

    b.input_tokens = 2000;
    b.cached_tokens = 500;
    ok(near(progress_of(&b, 1010).saved, 25), "a quarter");
}

int main(void)
{
    nothing_is_known_before_the_first_answer();
    the_rate_is_that_of_this_run();
    what_has_ended_has_no_time_left();
    savings_are_the_cached_part_of_the_input();
    return tap_done();
}

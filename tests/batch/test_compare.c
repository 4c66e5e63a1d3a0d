#include "batch/compare.h"

#include <math.h>

#include "tests/tap.h"

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9 * fmax(1, fabs(b));
}

static const struct compare_job job = { 7200, 1000, 100, 0.5 };
static const struct compare_machine machine = { 2, 500, 0.4, 876.6, 1, 0.1 };

static void power_and_wear_go_by_hours(void)
{
    struct compare_local l = compare_local(&job, &machine);

    ok(near(l.hours, 1), "7,200 at two a second are an hour");
    ok(near(l.energy, 0.5), "of half a kilowatt");
    ok(near(l.power, 0.2), "at its price");
    ok(near(l.wear, 1), "a year of a tenth of its hours wears it out");
}

static void the_cloud_counts_cached_tokens(void)
{
    struct price price = { true, 2e-6, 1e-6, 10e-6 };

    ok(near(compare_cloud(&job, &price),
            7200 * (500 * 2e-6 + 500 * 1e-6 + 100 * 10e-6)),
       "each kind at its price");
}

static void hardware_pays_by_what_is_saved(void)
{
    struct compare_local l = compare_local(&job, &machine);

    ok(near(compare_payback(&l, &machine, 100.2), 9), "876.60 / 100, up");
    ok(compare_payback(&l, &machine, 0.1) < 0, "never, where power costs more");
}

int main(void)
{
    power_and_wear_go_by_hours();
    the_cloud_counts_cached_tokens();
    hardware_pays_by_what_is_saved();
    return tap_done();
}

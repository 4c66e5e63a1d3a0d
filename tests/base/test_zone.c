#include "base/zone.h"

#include "base/file.h"
#include "tests/tap.h"

static void clocks_are_ahead_or_behind(void)
{
    static const struct {
        const char *why, *zone;
        double time, seconds;
        bool named;
    } cases[] = {
        { "nothing told is UTC", "", 0, 0, false },
        { "UTC", "UTC", 0, 0, false },
        { "ahead", "+05:30", 0, 19800, false },
        { "behind", "-08:00", 0, -28800, false },
        { "winter on the Pacific", "America/Los_Angeles", 1768500000, -28800,
          true },
        { "summer there", "America/Los_Angeles", 1784000000, -25200, true },
        { "no summer time", "Asia/Kolkata", 1784000000, 19800, true },
    };
    struct error err;
    double seconds;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        if (cases[i].named &&
            !file_exists("/usr/share/zoneinfo/Asia/Kolkata")) {
            tap_skip("%s: no time zones here", cases[i].why);
            continue;
        }
        ok(zone_offset(cases[i].zone, cases[i].time, &seconds, &err) &&
               seconds - cases[i].seconds < 1 && cases[i].seconds - seconds < 1,
           "%s", cases[i].why);
    }
}

static void what_is_no_zone_is_refused(void)
{
    static const char *const bad[] = {
        "+5", "+25:00", "../etc/passwd", "Mars/Olympus", "-08:99", "/etc/passwd"
    };
    struct error err;
    double seconds;
    size_t i;

    for (i = 0; i < ARRAY_LEN(bad); i++)
        ok(!zone_offset(bad[i], 0, &seconds, &err) && err.exit == EXIT_SETTINGS,
           "%s", bad[i]);
}

int main(void)
{
    clocks_are_ahead_or_behind();
    what_is_no_zone_is_refused();
    return tap_done();
}

#include "base/clock.h"

#include <errno.h>
#include <math.h>

static double read_clock(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double system_now(struct clock *self)
{
    (void)self;
    return read_clock(CLOCK_REALTIME);
}

double clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static double system_monotonic(struct clock *self)
{
    (void)self;
    return clock_monotonic();
}

static void system_sleep(struct clock *self, double seconds,
                         const volatile bool *wake)
{
    double end = system_monotonic(self) + seconds;
    double left = seconds;

    /* In slices: a flag set by another thread is seen within 0.2 s. */
    while (left > 0 && !flag_is_set(wake)) {
        double slice = left < 0.2 ? left : 0.2;
        struct timespec ts = { .tv_sec = 0, .tv_nsec = (long)(slice * 1e9) };

        if (nanosleep(&ts, NULL) != 0 && errno == EINTR && wake)
            return;
        left = end - system_monotonic(self);
    }
}

struct clock clock_system = {
    .now = system_now,
    .monotonic = system_monotonic,
    .sleep = system_sleep,
    .fixed = 0,
};

static double fixed_now(struct clock *self)
{
    return self->fixed;
}

static void fixed_sleep(struct clock *self, double seconds,
                        const volatile bool *wake)
{
    (void)wake;
    self->fixed += seconds;
}

struct clock clock_fixed(double t)
{
    struct clock c = {
        .now = fixed_now,
        .monotonic = fixed_now,
        .sleep = fixed_sleep,
        .fixed = t,
    };

    return c;
}

void clock_text(double t, char *out)
{
    time_t seconds = (time_t)floor(t);
    int ms = (int)((t - floor(t)) * 1000);
    struct tm tm;
    char date[24];

    if (!gmtime_r(&seconds, &tm) ||
        !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
        date[0] = '\0';
    snprintf(out, CLOCK_TEXT, "%s.%03dZ", date, ms);
}

void clock_duration(double seconds, char *out)
{
    long s = seconds > 0 ? lround(seconds) : 0;

    if (s < 60)
        snprintf(out, CLOCK_TEXT, "%ld s", s);
    else if (s < 3600)
        snprintf(out, CLOCK_TEXT, "%ld min %02ld s", s / 60, s % 60);
    else if (s < 172800)
        snprintf(out, CLOCK_TEXT, "%ld h %02ld min", s / 3600, s / 60 % 60);
    else
        snprintf(out, CLOCK_TEXT, "%ld d %02ld h", s / 86400, s / 3600 % 24);
}

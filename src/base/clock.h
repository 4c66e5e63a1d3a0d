/*
 * clock.h -- time and chance as arguments.
 *
 * A struct clock tells the time of day (for people and for tables), a
 * monotonic time (for durations and deadlines) and sleeps.  The fixed form
 * moves only when a test moves it, and its sleep advances it; no test
 * sleeps.  Leases use the database's clock, never this one.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/base.h"

struct clock {
    double (*now)(struct clock *self);       /* Unix seconds, UTC */
    double (*monotonic)(struct clock *self); /* seconds from any start */
    /* Sleeps up to seconds; returns early when *wake becomes true (wake may
     * be NULL) or a signal arrives. */
    void (*sleep)(struct clock *self, double seconds,
                  const volatile bool *wake);
    double fixed; /* the fixed form's time */
};

extern struct clock clock_system;

/* Seconds from any start, for limits on real peers (sockets, drivers), which
 * no test's clock rules. */
double clock_monotonic(void);

/* A clock that stands at t. */
struct clock clock_fixed(double t);

/* "2026-11-25T12:45:18.123Z"; out holds CLOCK_TEXT bytes. */
#define CLOCK_TEXT 32
void clock_text(double t, char *out);

/* "3 h 02 min", "45 s": for people; out holds CLOCK_TEXT bytes. */
void clock_duration(double seconds, char *out);

#endif

/*
 * window.h -- "22:00-06:00": when write-back may take place, local time.
 *
 * Pure: the time is an argument.  Begin and end alike means always; an end
 * before the begin goes over midnight.
 */
#ifndef BATCH_WINDOW_H
#define BATCH_WINDOW_H

#include "base/error.h"

struct window {
    int begin, end; /* seconds of the day */
};

/* NULL or "" is always. */
MUST_CHECK bool window_parse(const char *text, struct window *w,
                             struct error *err);
/* Seconds until it is open, 0 = it is; second is of the day, local. */
int window_wait(const struct window *w, int second);
/* The second of the day at Unix time t, local. */
int window_second(double t);

#endif

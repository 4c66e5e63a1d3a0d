/*
 * limits.h -- how fast one may ask: requests and tokens a minute, requests
 * a day.  Pure.
 *
 * Token buckets, small ones, so that no 60 seconds ever hold more than the
 * limit: a full bucket and what flows in during a minute make the limit
 * together.  A day is a UTC day.  Limits of 0 are none.
 */
#ifndef RUNNER_LIMITS_H
#define RUNNER_LIMITS_H

#include "base/base.h"

struct bucket {
    double capacity; /* 0 = no limit */
    double rate;     /* a second */
    double level;
    double at; /* when level was true; monotonic */
};

struct limits {
    struct bucket requests, tokens;
    double spacing;  /* seconds between two requests, 0 = none */
    double last;     /* monotonic: when one went; < 0 = none yet */
    int64_t per_day; /* 0 = no limit */
    int64_t day;     /* since 1970 */
    int64_t today;   /* requests asked on that day */
};

/* now is monotonic, time Unix time: here and below. */
void limits_init(struct limits *l, int64_t requests_per_minute,
                 int64_t tokens_per_minute, int64_t requests_per_day,
                 double now, double time);

/* Seconds until a request of about so many tokens may go, 0 = it may. */
double limits_wait(struct limits *l, double now, double time, double tokens);

/* The same, and which of the limits it is, in words; static, borrowed. */
double limits_wait_why(struct limits *l, double now, double time, double tokens,
                       const char **why);

/* It went. */
void limits_take(struct limits *l, double now, double time, double tokens);

/* It has turned out to be `used` tokens instead of `tokens`. */
void limits_correct(struct limits *l, double now, double tokens, double used);

#endif

#include "runner/limits.h"

#include <math.h>

#define MINUTE 60.0
#define DAY 86400.0

static void bucket_init(struct bucket *b, double limit, double capacity,
                        double now)
{
    b->capacity = capacity;
    b->rate = (limit - capacity) / MINUTE;
    b->level = capacity;
    b->at = now;
}

static void bucket_fill(struct bucket *b, double now)
{
    if (now > b->at)
        b->level = fmin(b->capacity, b->level + (now - b->at) * b->rate);
    b->at = now;
}

/* More than the bucket holds may go when it is full, and leaves a debt. */
static double bucket_wait(struct bucket *b, double now, double amount)
{
    double missing;

    if (b->capacity <= 0)
        return 0;
    bucket_fill(b, now);
    missing = fmin(amount, b->capacity) - b->level;
    /* The tolerance is for sums of fractions. */
    return missing > 1e-6 ? missing / b->rate : 0;
}

static void bucket_take(struct bucket *b, double now, double amount)
{
    if (b->capacity <= 0)
        return;
    bucket_fill(b, now);
    b->level -= amount;
}

void limits_init(struct limits *l, int64_t requests_per_minute,
                 int64_t tokens_per_minute, int64_t requests_per_day,
                 double now, double time)
{
    double rpm = (double)requests_per_minute, tpm = (double)tokens_per_minute;

    *l = (struct limits){ .per_day = requests_per_day, .last = -1 };
    l->day = (int64_t)floor(time / DAY);
    /* Half a second's worth, one at least.  The one is not taken off the
     * rate: a minute begins with it and ends before the next. */
    if (rpm > 0)
        bucket_init(&l->requests, rpm, 1 + floor(rpm / 120), now);
    if (rpm > 0)
        l->requests.rate += 1 / MINUTE;
    if (tpm > 0)
        bucket_init(&l->tokens, tpm, tpm / 20, now);
}

static void new_day(struct limits *l, double time)
{
    int64_t day = (int64_t)floor(time / DAY);

    if (day <= l->day)
        return;
    l->day = day;
    l->today = 0;
}

static void take_longer(double one, const char *words, double *wait,
                        const char **why)
{
    if (one <= *wait)
        return;
    *wait = one;
    *why = words;
}

double limits_wait_why(struct limits *l, double now, double time, double tokens,
                       const char **why)
{
    double wait = 0;

    take_longer(bucket_wait(&l->requests, now, 1),
                "requests_per_minute is reached", &wait, why);
    take_longer(bucket_wait(&l->tokens, now, tokens),
                "tokens_per_minute is reached", &wait, why);
    if (l->spacing > 0 && l->last >= 0)
        take_longer(l->last + l->spacing - now,
                    "requests keep their distance (delay)", &wait, why);
    new_day(l, time);
    if (l->per_day > 0 && l->today >= l->per_day)
        take_longer((double)(l->day + 1) * DAY - time,
                    "the requests of today are used up (requests_per_day)",
                    &wait, why);
    return wait;
}

double limits_wait(struct limits *l, double now, double time, double tokens)
{
    const char *why;

    return limits_wait_why(l, now, time, tokens, &why);
}

void limits_take(struct limits *l, double now, double time, double tokens)
{
    l->last = now;
    bucket_take(&l->requests, now, 1);
    bucket_take(&l->tokens, now, tokens);
    new_day(l, time);
    l->today++;
}

void limits_correct(struct limits *l, double now, double tokens, double used)
{
    bucket_take(&l->tokens, now, used - tokens);
}

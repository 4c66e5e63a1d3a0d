#include "base/condition.h"

#include <errno.h>
#include <math.h>
#include <time.h>

#define SECOND 1000000000L /* in nanoseconds */
#define LONGEST 1e6        /* seconds; a caller's loop begins anew */

void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static struct timespec in_seconds(double seconds)
{
    double limit = fmin(fmax(seconds, 0), LONGEST);
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)limit;
    at.tv_nsec += (long)((limit - floor(limit)) * (double)SECOND);
    at.tv_sec += at.tv_nsec / SECOND;
    at.tv_nsec %= SECOND;
    return at;
}

bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock,
                    double seconds)
{
    struct timespec until = in_seconds(seconds);

    return pthread_cond_timedwait(condition, lock, &until) != ETIMEDOUT;
}

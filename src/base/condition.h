/*
 * condition.h -- waiting on a condition for a limited time.
 *
 * POSIX conditions take their limit by CLOCK_REALTIME: when that clock is
 * set, a wait ends at once or lasts for hours.  These go by the monotonic
 * one.
 */
#ifndef BASE_CONDITION_H
#define BASE_CONDITION_H

#include <pthread.h>

#include "base/base.h"

void condition_init(pthread_cond_t *condition);

/* Waits for a signal, seconds at most; lock is held.  False: the time is
 * over.  As with any condition it may wake without a reason. */
bool condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock,
                    double seconds);

#endif

/*
 * retry.h -- when to try again: capped exponential back-off, full jitter.
 *
 * Pure: the caller brings the random number and what the other side asked
 * for, and does the sleeping.
 */
#ifndef BASE_RETRY_H
#define BASE_RETRY_H

#include "base/base.h"

struct retry_policy {
    int attempts;   /* tries in all, 0 = for ever */
    double base;    /* seconds, doubled each time */
    double cap;     /* longest own delay, 0 = none */
    double ask_cap; /* longest delay the other side may ask for, 0 = none */
};

/* Seconds to wait after try number tried (from 1) failed, or -1 to give up.
 * asked_for is Retry-After (0 = none; negative and NaN likewise): a floor,
 * capped at ask_cap.  spread is random, 0 <= spread < 1. */
double retry_delay(const struct retry_policy *policy, int tried,
                   double asked_for, double spread);

#endif

/*
 * hook.h -- a clock that doesn't sleep but does what the test wants to
 * happen meanwhile.
 */
#ifndef TESTS_DB_HOOK_H
#define TESTS_DB_HOOK_H

#include "base/clock.h"

struct hook {
    struct clock clock; /* hand this in */
    void (*act)(void *context, int sleeps);
    void *context;
    int sleeps; /* how often it was asked to sleep */
};

void hook_init(struct hook *hook, void (*act)(void *context, int sleeps),
               void *context);

#endif

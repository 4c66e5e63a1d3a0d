#include "tests/db/hook.h"

static double now(struct clock *self)
{
    (void)self;
    return clock_system.now(&clock_system);
}

static double monotonic(struct clock *self)
{
    (void)self;
    return clock_system.monotonic(&clock_system);
}

static void not_sleep(struct clock *self, double seconds,
                      const volatile bool *wake)
{
    struct hook *hook = (struct hook *)self;

    (void)seconds;
    (void)wake;
    hook->sleeps++;
    if (hook->act)
        hook->act(hook->context, hook->sleeps);
}

void hook_init(struct hook *hook, void (*act)(void *context, int sleeps),
               void *context)
{
    hook->clock = (struct clock){ .now = now,
                                  .monotonic = monotonic,
                                  .sleep = not_sleep };
    hook->act = act;
    hook->context = context;
    hook->sleeps = 0;
}

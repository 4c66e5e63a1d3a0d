#include "server/climb.h"

#include <math.h>

#define GAIN 1.05

static double best_rate(const struct climb *c)
{
    double best = 0;
    size_t i;

    for (i = 0; i < c->step_count; i++)
        if (!c->steps[i].failed)
            best = fmax(best, c->steps[i].rate);
    return best;
}

static int64_t best_step(const struct climb *c)
{
    double best = best_rate(c);
    size_t i;

    for (i = 0; i < c->step_count; i++)
        if (best > 0 && !c->steps[i].failed && c->steps[i].rate * GAIN >= best)
            return c->steps[i].concurrency;
    return 0;
}

/* A round of the step; what came of it, if it is better than before.  What
 * failed once is not tried again. */
static bool take(struct climb *c, size_t i, int64_t n, struct error *err)
{
    struct climb_step now = { .concurrency = n };

    if (i == c->step_count)
        c->steps[c->step_count++] = now;
    else if (c->steps[i].failed)
        return true;
    if (!c->measure(c->context, &now, err))
        return false;
    if (now.failed || now.rate > c->steps[i].rate)
        c->steps[i] = now;
    return true;
}

static bool pass(struct climb *c, struct error *err)
{
    int64_t n = 1;
    int idle = 0;
    double before = 0;
    size_t i;

    for (i = 0; n <= c->most && idle < 2 && i < CLIMB_STEPS; i++, n *= 2) {
        if (!take(c, i, n, err))
            return false;
        if (c->steps[i].failed)
            break;
        idle = c->steps[i].rate < before * GAIN ? idle + 1 : 0;
        before = fmax(before, c->steps[i].rate);
    }
    return true;
}

bool climb_run(struct climb *c, int64_t *best, struct error *err)
{
    int64_t before = -1;
    int i;

    c->step_count = 0;
    *best = 0;
    for (i = 0; i < CLIMB_PASSES && *best != before; i++) {
        before = i ? *best : -1;
        if (!pass(c, err))
            return false;
        *best = best_step(c);
    }
    return true;
}

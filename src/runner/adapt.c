#include "runner/adapt.h"

#include <math.h>

#define FALL 0.7
#define SLOWER 2.0
#define FORGET 1.05 /* the best round is forgotten slowly */

void adapt_init(struct adapt *a, int64_t ceiling, double slow)
{
    *a = (struct adapt){ .slow = slow, .fell_at = -INFINITY };
    a->ceiling = ceiling > 1 ? (double)ceiling : 1;
    a->limit = a->ceiling;
}

int64_t adapt_limit(const struct adapt *a)
{
    return (int64_t)(a->limit + 1e-9);
}

static void new_round(struct adapt *a)
{
    a->sum = 0;
    a->count = 0;
}

void adapt_overload(struct adapt *a, double sent, double now)
{
    if (sent < a->fell_at)
        return;
    a->limit = fmax(1, a->limit * FALL);
    a->fell_at = now;
    new_round(a);
}

/* A round is as many answers as may be in flight, eight at least. */
static void end_round(struct adapt *a, double sent, double now)
{
    double mean = a->sum / (double)a->count;
    double best = a->best;

    new_round(a);
    a->best = best > 0 ? fmin(best * FORGET, mean) : mean;
    if (a->slow > 0 && best > 0 && mean > a->slow && mean > SLOWER * best)
        adapt_overload(a, sent, now);
}

void adapt_success(struct adapt *a, double sent, double now)
{
    a->limit = fmin(a->ceiling, a->limit + 1 / a->limit);
    a->sum += now - sent;
    a->count++;
    if (a->count >= 8 && (double)a->count >= a->limit)
        end_round(a, sent, now);
}

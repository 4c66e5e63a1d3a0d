#include "server/progress.h"

static double ended_at(const struct served_batch *b, double now)
{
    return served_is_final(b->status) ? b->at[b->status] : now;
}

struct served_progress progress_of(const struct served_batch *b, double now)
{
    int64_t done = b->completed + b->failed;
    struct served_progress p = { .eta = -1 };
    double since = b->running_since, seconds;
    int64_t done_now = done - b->done_before;

    /* When it isn't running, the mean over all its time in progress. */
    if (!(since > 0)) {
        since = b->at[SERVED_IN_PROGRESS];
        done_now = done;
        now = ended_at(b, now);
    }
    seconds = now - since;
    if (b->total > 0)
        p.percent = 100.0 * (double)done / (double)b->total;
    if (since > 0 && seconds > 0 && done_now > 0)
        p.rate = (double)done_now / seconds;
    if (served_is_final(b->status))
        p.eta = 0;
    else if (p.rate > 0)
        p.eta = (double)(b->total - done) / p.rate;
    if (b->input_tokens > 0)
        p.saved = 100.0 * (double)b->cached_tokens / (double)b->input_tokens;
    return p;
}

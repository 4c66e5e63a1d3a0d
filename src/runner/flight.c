#include "runner/run.h"

#include <math.h>

/* No more than that may wait for another try, or a failing endpoint would
 * gather the whole file here. */
static size_t most_waiting(const struct run *r)
{
    return 4 * r->flight_count + 64;
}

void run_put_off(struct run *r, const struct later *what, double delay)
{
    struct later *l = &r->later[r->later_count++];

    *l = *what;
    l->due = run_now(r) + delay;
}

/* -- what is next -- */

/* The one that has waited longest; NULL when none is due. */
static struct later *due(struct run *r, double now, double *wait)
{
    struct later *first = NULL, *l;

    for (l = r->later; l < r->later + r->later_count; l++)
        if (!first || l->due < first->due)
            first = l;
    if (first && first->due > now) {
        *wait = fmin(*wait, first->due - now);
        first = NULL;
    }
    return first;
}

static bool choose(struct run *r, double now, struct later *out, double *wait)
{
    struct later *l = due(r, now, wait);

    if (l) {
        *out = *l;
        *l = r->later[--r->later_count];
        return true;
    }
    *out = (struct later){ 0 };
    return r->later_count + r->flight_count <= r->later_size &&
           r->later_count < most_waiting(r) && plan_next(&r->plan, &out->line);
}

/* -- reading it -- */

static bool load(struct run *r, struct flight *f, struct error *err)
{
    uint64_t offset = plan_offset(&r->plan, f->what.line);
    bool too_long;
    size_t len;
    char *line;

    if (offset != r->lines.next && !file_lines_seek(&r->lines, offset, err))
        return false;
    if (!file_lines_next(&r->lines, &line, &len, &too_long, err))
        return false;
    strbuf_clear(&f->text);
    f->request = (struct request){ .fault = "it is too long" };
    if (!line && too_long)
        return true;
    strbuf_add(&f->text, line ? line : "", len);
    if (!strbuf_ok(&f->text))
        return error_memory(err);
    if (!request_read(r->doc, f->text.data, f->text.len, NULL, &f->request,
                      err))
        return false;
    if (!f->request.fault && r->settings->path &&
        strcmp(f->request.path, r->settings->path) != 0)
        f->request.fault = "its url is not the batch's";
    return true;
}

/* A rough measure, corrected by the answer's usage: four bytes a token, and
 * the answers so far. */
static double expected_tokens(const struct run *r, const struct request *q)
{
    double answer = r->answer_tokens;

    if (q->max_tokens > 0)
        answer = fmin(answer, (double)q->max_tokens);
    return (double)q->body_len / 4 + answer;
}

/* -- sending -- */

static bool send(struct run *r, struct flight *f, struct error *err)
{
    struct http_request request = { .method = "POST" };
    char url[sizeof(f->endpoint->base) + 64];

    snprintf(url, sizeof(url), "%s%s", f->endpoint->base, f->request.path);
    request.url = url;
    request.body = f->request.body;
    request.body_len = f->request.body_len;
    request.timeout = r->settings->timeout;
    f->sent = run_now(r);
    if (!http_pool_submit(r->pool, &request, false, f, err))
        return false;
    r->result->asked++;
    limits_take(&r->limits, f->sent, r->clock->now(r->clock), f->tokens);
    endpoint_sent(f->endpoint, f, plan_group(&r->plan, f->what.line), f->sent);
    return true;
}

static struct flight *take_slot(struct run *r)
{
    struct flight *f = r->idle;

    if (f)
        r->idle = f->next;
    return f;
}

void flight_free(struct run *r, struct flight *f)
{
    f->endpoint = NULL;
    f->next = r->idle;
    r->idle = f;
}

/* Where the request may go now; NULL: nowhere for *wait seconds. */
static struct endpoint *clearance(struct run *r, const struct flight *f,
                                  double *wait)
{
    double now = run_now(r);
    double limited =
        limits_wait(&r->limits, now, r->clock->now(r->clock), f->tokens);

    if (limited <= 0)
        return endpoints_pick(&r->endpoints, plan_group(&r->plan, f->what.line),
                              now, wait);
    *wait = limited;
    return NULL;
}

/* A slot with the next request in it; NULL when there is none now. */
static bool get_ready(struct run *r, struct flight **out, enum flown *flown,
                      double *wait, struct error *err)
{
    struct flight *f = r->held ? r->held : take_slot(r);

    *out = NULL;
    *flown = FLOWN_LATER;
    *wait = INFINITY;
    if (!f)
        return true;
    if (!r->held && !choose(r, run_now(r), &f->what, wait)) {
        *flown = r->later_count ? FLOWN_LATER : FLOWN_NO_MORE;
        flight_free(r, f);
        return true;
    }
    *out = f;
    if (r->held)
        return true;
    r->held = f;
    if (!load(r, f, err))
        return false;
    f->tokens = expected_tokens(r, &f->request);
    return true;
}

bool flight_next(struct run *r, enum flown *flown, double *wait,
                 struct error *err)
{
    struct flight *f;

    if (!get_ready(r, &f, flown, wait, err))
        return false;
    if (!f)
        return true;
    if (f->request.fault) {
        if (!landing_refused(r, f, err))
            return false;
    } else {
        f->endpoint = clearance(r, f, wait);
        if (!f->endpoint)
            return true;
        if (!send(r, f, err))
            return false;
    }
    *flown = FLOWN;
    r->held = NULL;
    if (!f->endpoint)
        flight_free(r, f);
    return true;
}

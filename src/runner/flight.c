#include "runner/run.h"

#include <math.h>

#define MODELS_EVERY 1.0

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

/* The one of the lane that has waited longest; NULL when none is due. */
static struct later *due(struct run *r, size_t lane, double now, double *wait,
                         bool *any)
{
    struct later *first = NULL, *l;

    for (l = r->later; l < r->later + r->later_count; l++)
        if ((!first || l->due < first->due) &&
            plan_lane(&r->plan, l->line) == lane)
            first = l;
    *any = first;
    if (first && first->due > now) {
        *wait = fmin(*wait, first->due - now);
        first = NULL;
    }
    return first;
}

/* *any: the lane has some that wait. */
static bool choose(struct run *r, size_t lane, double now, struct later *out,
                   double *wait, bool *any)
{
    struct later *l = due(r, lane, now, wait, any);

    if (l) {
        *out = *l;
        *l = r->later[--r->later_count];
        return true;
    }
    *out = (struct later){ 0 };
    if (r->later_count + r->flight_count > r->later_size ||
        r->later_count >= most_waiting(r)) {
        *any = true;
        return false;
    }
    return plan_next_in(&r->plan, lane, &out->line);
}

/* -- reading it -- */

/* What the settings' owner has against it. */
static void ask_permission(struct run *r, struct flight *f)
{
    const struct runner_settings *s = r->settings;

    if (!f->request.fault && !r->masks[plan_lane(&r->plan, f->what.line)]) {
        f->request.fault = "no upstream has its model";
        f->code = "model_not_found";
    }
    if (!f->request.fault && s->allows &&
        !s->allows(s->context, &f->request, f->why, sizeof(f->why), &f->code))
        f->request.fault = f->why;
}

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
    f->code = "invalid_request_line";
    if (!line && too_long)
        return true;
    strbuf_add(&f->text, line ? line : "", len);
    if (!strbuf_ok(&f->text))
        return error_memory(err);
    if (!request_read(r->doc, f->text.data, f->text.len, NULL, &f->request,
                      err))
        return false;
    if (!f->request.fault && r->settings->ask_path) {
        f->request.path = r->settings->ask_path;
        f->request.wanted = r->settings->ask_wanted;
        return true;
    }
    if (!f->request.fault && r->settings->path &&
        strcmp(f->request.path, r->settings->path) != 0)
        f->request.fault = "its url is not the batch's";
    ask_permission(r, f);
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
    const char *const *own = r->settings->own_headers;
    char url[sizeof(f->endpoint->base) + 300];

    snprintf(url, sizeof(url), "%s%s", f->endpoint->base, f->request.path);
    request.url = url;
    request.body = f->request.body;
    request.body_len = f->request.body_len;
    request.timeout = r->settings->timeout;
    if (own)
        own += fleet_index(r->fleet, f->endpoint);
    request.headers = own;
    request.header_count = own && *own;
    f->sent = run_now(r);
    run_note_day(r, false);
    if (!http_pool_submit(r->pool, &request, false, f, err))
        return false;
    r->result->asked++;
    seat_take(r->seat, f->sent, run_day_time(r), f->tokens);
    f->number = seat_sent(r->seat, f->endpoint, f,
                          plan_group(&r->plan, f->what.line), f->sent);
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
        seat_limited(r->seat, now, run_day_time(r), f->tokens, &r->waits_for);

    if (limited > 0) {
        *wait = limited;
        return NULL;
    }
    r->waits_for = "the endpoint wants a pause";
    return seat_pick(r->seat, r->masks[plan_lane(&r->plan, f->what.line)],
                     plan_group(&r->plan, f->what.line), now, wait);
}

/* A slot with the next request of the lane in it; NULL when there is none
 * now. */
static bool get_ready(struct run *r, size_t lane, struct flight **out,
                      enum flown *flown, double *wait, struct error *err)
{
    struct flight *f = r->held[lane] ? r->held[lane] : take_slot(r);
    bool any;

    *out = NULL;
    *flown = FLOWN_LATER;
    *wait = INFINITY;
    if (!f)
        return true;
    if (!r->held[lane] && !choose(r, lane, run_now(r), &f->what, wait, &any)) {
        *flown = any ? FLOWN_LATER : FLOWN_NO_MORE;
        flight_free(r, f);
        return true;
    }
    *out = f;
    if (r->held[lane])
        return true;
    r->held[lane] = f;
    if (!load(r, f, err))
        return false;
    f->tokens = expected_tokens(r, &f->request);
    return true;
}

/* The next of one lane. */
static bool lane_next(struct run *r, size_t lane, enum flown *flown,
                      double *wait, struct error *err)
{
    struct flight *f;

    if (!get_ready(r, lane, &f, flown, wait, err))
        return false;
    if (!f)
        return true;
    *flown = FLOWN_LATER;
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
    r->held[lane] = NULL;
    if (!f->endpoint)
        flight_free(r, f);
    return true;
}

/* Who has the models; asked now and then, since they change. */
static void look_at_models(struct run *r, double now)
{
    const struct runner_settings *s = r->settings;
    const struct plan_lane *lane;
    size_t i, k;

    if (now < r->masked + MODELS_EVERY)
        return;
    r->masked = now;
    for (i = 0; i < r->plan.lane_count; i++) {
        lane = &r->plan.lanes[i];
        r->masks[i] = 0;
        for (k = 0; k < fleet_count(r->fleet); k++)
            if (!s->serves || !lane->model ||
                s->serves(s->context, k, lane->model, lane->model_len))
                r->masks[i] |= (uint64_t)1 << k;
    }
}

bool flight_next(struct run *r, enum flown *flown, double *wait,
                 struct error *err)
{
    enum flown one = FLOWN_NO_MORE;
    size_t n = r->plan.lane_count, i, lane;
    double seconds = INFINITY;

    *flown = FLOWN_NO_MORE;
    *wait = INFINITY;
    look_at_models(r, run_now(r));
    for (i = 0; i < n && one != FLOWN; i++) {
        lane = (r->turn + i) % n;
        if (!lane_next(r, lane, &one, &seconds, err))
            return false;
        *wait = fmin(*wait, seconds);
        if (one == FLOWN)
            r->turn = (lane + 1) % n;
        if (one != FLOWN_NO_MORE)
            *flown = one;
    }
    seat_wants(r->seat, *flown != FLOWN_NO_MORE);
    return true;
}

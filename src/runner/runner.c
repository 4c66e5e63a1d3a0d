#include "runner/run.h"

#include <math.h>

#include "base/log.h"

#define TELL_EVERY 0.5   /* seconds between two words of progress */
#define WAIT_TOLD 5.0    /* a shorter one is not worth a word */
#define WAIT_AGAIN 600.0 /* between two words about the same */
#define LONGEST_WAIT 0.2 /* till the stop flag is looked at again */

double run_now(const struct run *r)
{
    return r->clock->monotonic(r->clock);
}

double run_day_time(const struct run *r)
{
    return r->clock->now(r->clock) + r->settings->day_offset;
}

void run_fail(struct run *r, const struct error *err)
{
    if (r->failed)
        return;
    r->failed = true;
    r->error = *err;
}

static bool stop_wanted(const struct run *r)
{
    return r->result->stopped || (r->watch && flag_is_set(r->watch->stop));
}

/* -- the day's count -- */

static void read_day(struct run *r)
{
    long long day, count;
    struct strbuf text;
    struct error ignored;

    strbuf_init(&text, 200);
    if (r->settings->day_file && file_exists(r->settings->day_file) &&
        file_read(r->settings->day_file, &text, &ignored) &&
        sscanf(text.data, "%lld %lld", &day, &count) == 2)
        fleet_set_today(r->fleet, day, count);
    strbuf_release(&text);
}

/* Not worth failing for: at worst the endpoint says that it is enough. */
static void write_day(struct run *r, int64_t day, int64_t count)
{
    struct error err;
    char text[64];

    r->noted_day = day;
    r->day_noted = count;
    snprintf(text, sizeof(text), "%lld %lld\n", (long long)day,
             (long long)count);
    if (!file_write(r->settings->day_file, text, strlen(text), &err))
        log_warn("day_not_noted", "reason=%s", err.message);
}

/* Some are noted before they go, so that a run that is killed never leads to
 * more than the day may have; at the end as many as went. */
void run_note_day(struct run *r, bool ended)
{
    int64_t most = r->settings->requests_per_day, day, today, ahead;

    if (!r->settings->day_file || most <= 0)
        return;
    fleet_today(r->fleet, &day, &today);
    ahead = ended ? today : today + 1 + most / 200;
    if (ended || today >= r->day_noted || day != r->noted_day)
        write_day(r, day, ahead < most || ended ? ahead : most);
}

/* -- opening -- */

static bool open_files(struct run *r, const char *input, const char *output,
                       const char *errors, struct error *err)
{
    const struct runner_settings *s = r->settings;
    size_t slots = (size_t)s->concurrency * fleet_count(r->fleet);

    if (!plan_open(&r->plan, input, s->max_line, slots,
                   r->watch ? r->watch->stop : NULL, err))
        return false;
    r->result->total = (int64_t)r->plan.count;
    r->result->duplicates = (int64_t)r->plan.duplicates;
    if (!answers_open(&r->output, output, &r->plan, err) ||
        !answers_open(&r->errors, errors, &r->plan, err))
        return false;
    r->result->already = (int64_t)(r->plan.count - r->plan.undone);
    r->result->done = r->result->already;
    r->result->failed = (int64_t)r->errors.count;
    return file_lines_open(&r->lines, input, s->max_line, err);
}

/* "host,host" out of the endpoints' addresses. */
static void hosts_of(const struct fleet *f, struct strbuf *out)
{
    const char *at, *base;
    size_t i, len;

    for (i = 0; i < fleet_count(f); i++) {
        base = fleet_base(f, i);
        at = strstr(base, "://");
        at = at ? at + 3 : base;
        len = *at == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/");
        strbuf_addf(out, "%s%.*s", i ? "," : "", (int)len, at);
    }
}

static bool open_http(struct run *r, struct error *err)
{
    const struct runner_settings *s = r->settings;
    struct http_settings http = { .headers = s->headers,
                                  .header_count = s->header_count };
    struct strbuf hosts;
    bool ok;

    strbuf_init(&hosts, 64 * KIB);
    hosts_of(r->fleet, &hosts);
    http.allowed_hosts = s->allowed_hosts ? s->allowed_hosts : hosts.data;
    ok = http_open(&r->http, &http, err) &&
         http_pool_open(&r->pool, r->http, r->flight_count, s->max_answer,
                        landing, r, err);
    strbuf_release(&hosts);
    return ok;
}

/* Slots for what flies, and for a request of each lane that is held. */
static bool make_flights(struct run *r, struct error *err)
{
    size_t n = (size_t)r->settings->concurrency * fleet_count(r->fleet), i;

    r->flight_count = n;
    r->later_size = 6 * n + 64;
    r->flights = calloc(n + PLAN_LANES, sizeof(*r->flights));
    r->later = calloc(r->later_size, sizeof(*r->later));
    r->doc = json_doc_new();
    if (!r->flights || !r->later || !r->doc)
        return error_memory(err);
    for (i = 0; i < n + PLAN_LANES; i++) {
        strbuf_init(&r->flights[i].text, r->settings->max_line);
        flight_free(r, &r->flights[i]);
    }
    return true;
}

static bool open_fleet(struct run *r, struct error *err)
{
    const struct runner_settings *s = r->settings;
    struct fleet_settings own = {
        .urls = s->base_url,
        .concurrency = s->concurrency,
        .slow = s->timeout / 4,
        .patience = s->patience,
        .requests_per_minute = s->requests_per_minute,
        .tokens_per_minute = s->tokens_per_minute,
        .requests_per_day = s->requests_per_day,
        .delay = s->delay,
        .day_offset = s->day_offset,
    };

    r->fleet = s->fleet;
    if (!r->fleet && !fleet_open(&r->fleet, &own, r->clock, err))
        return false;
    read_day(r);
    return fleet_join(r->fleet, s->weight, &r->seat, err);
}

static bool open_run(struct run *r, const char *input, const char *output,
                     const char *errors, struct error *err)
{
    const struct runner_settings *s = r->settings;

    r->output.file.fd = r->errors.file.fd = r->lines.fd = -1;
    strbuf_init(&r->line, s->max_answer + MIB);
    r->answer_tokens = 500;
    r->masked = -INFINITY;
    return open_fleet(r, err) && make_flights(r, err) &&
           open_files(r, input, output, errors, err) && open_http(r, err);
}

static void close_run(struct run *r)
{
    size_t i;

    http_pool_close(r->pool);
    http_close(r->http);
    for (i = 0; r->flights && i < r->flight_count + PLAN_LANES; i++)
        strbuf_release(&r->flights[i].text);
    free(r->flights);
    free(r->later);
    json_doc_free(r->doc);
    file_lines_close(&r->lines);
    if (r->output.path)
        answers_close(&r->output);
    if (r->errors.path)
        answers_close(&r->errors);
    plan_close(&r->plan);
    fleet_leave(r->seat);
    if (!r->settings->fleet)
        fleet_close(r->fleet);
    strbuf_release(&r->line);
}

/* -- the loop -- */

static bool sync_due(struct run *r, double now, double *wait, struct error *err)
{
    struct answers *files[] = { &r->output, &r->errors };
    double due;
    size_t i;

    for (i = 0; i < ARRAY_LEN(files); i++) {
        due = answers_due(files[i], now);
        if (due == 0 && !answers_sync(files[i], err))
            return false;
        if (due > 0)
            *wait = fmin(*wait, due);
    }
    return true;
}

void run_tell(struct run *r, double now, bool anyway)
{
    const struct runner_result *result = r->result;

    if (anyway)
        run_note_day(r, true);
    if (now < r->told + TELL_EVERY && !anyway)
        return;
    r->told = now;
    if (r->watch && r->watch->progress &&
        !r->watch->progress(r->watch->context, result->done, result->failed,
                            result->total))
        r->result->stopped = true;
}

/* Nothing is under way and nothing may go: whoever looks on learns why. */
static void tell_wait(struct run *r, double now, double wait)
{
    char text[200], length[CLOCK_TEXT], until[CLOCK_TEXT];

    if (wait < WAIT_TOLD || isinf(wait) || !r->watch || !r->watch->remark ||
        (r->wait_told == r->waits_for && now < r->wait_told_at + WAIT_AGAIN))
        return;
    r->wait_told = r->waits_for;
    r->wait_told_at = now;
    clock_duration(wait, length);
    clock_text(r->clock->now(r->clock) + wait + 0.5, until); /* rounded */
    snprintf(text, sizeof(text), "waiting till %.19s UTC (%s): %s", until,
             length, r->waits_for);
    log_info("runner_waits", "seconds=%.0f reason=%s", wait, r->waits_for);
    r->watch->remark(r->watch->context, text);
}

/* Sends what may go; *wait = seconds until more may. */
static bool send_all(struct run *r, double *wait, struct error *err)
{
    enum flown flown = FLOWN;

    r->waits_for = "what failed is tried again then";
    while (flown == FLOWN && !r->failed && !stop_wanted(r))
        if (!flight_next(r, &flown, wait, err))
            return false;
    return true;
}

/* False when nobody is left for the requests of some model. */
static bool is_hoped_for(struct run *r, struct error *err)
{
    double now = run_now(r);
    size_t i;

    for (i = 0; i < r->plan.lane_count; i++)
        if (r->plan.lanes[i].undone &&
            !seat_hopeless(r->seat, r->masks[i], now, err))
            return true;
    return false;
}

/* One turn: send, wait for ends, sync. */
static bool turn(struct run *r, bool sending, struct error *err)
{
    double wait = INFINITY, until_next, now;

    if (sending && !send_all(r, &wait, err))
        return false;
    until_next = wait;
    now = run_now(r);
    if (!sync_due(r, now, &wait, err))
        return false;
    run_tell(r, now, false);
    if (r->failed || !r->plan.undone)
        return true;
    wait = fmin(wait, LONGEST_WAIT);
    if (http_pool_flying(r->pool))
        return http_pool_wait(r->pool, wait, err);
    if (sending) {
        tell_wait(r, now, until_next);
        r->clock->sleep(r->clock, wait, r->watch ? r->watch->stop : NULL);
    }
    return is_hoped_for(r, err);
}

static bool fly(struct run *r, struct error *err)
{
    while (r->plan.undone && !r->failed && !stop_wanted(r))
        if (!turn(r, true, err))
            return false;
    return true;
}

/* Stopped: what is in the air may still land, for a while. */
static bool drain(struct run *r, struct error *err)
{
    double end = run_now(r) + r->settings->drain;

    while (http_pool_flying(r->pool) && !r->failed && run_now(r) < end)
        if (!turn(r, false, err))
            return false;
    return true;
}

static bool run(struct run *r, struct error *err)
{
    struct error later;
    bool ok = fly(r, err);

    if (ok && r->plan.undone && !r->failed) {
        r->result->stopped = true;
        ok = drain(r, err);
    }
    if (ok && r->failed) {
        *err = r->error;
        ok = false;
    }
    /* What has come is kept whatever the end was. */
    if (!answers_sync(&r->output, ok ? err : &later) ||
        !answers_sync(&r->errors, ok ? err : &later))
        ok = false;
    run_tell(r, run_now(r), true);
    return ok;
}

/* -- settings -- */

static void usual(int64_t *value, int64_t standard)
{
    if (*value <= 0)
        *value = standard;
}

static void usual_seconds(double *value, double standard)
{
    if (!(*value > 0))
        *value = standard;
}

static struct runner_settings complete(const struct runner_settings *given)
{
    struct runner_settings s = *given;

    usual(&s.concurrency, 4);
    usual_seconds(&s.timeout, 600);
    usual_seconds(&s.patience, 60);
    usual_seconds(&s.drain, 10);
    usual_seconds(&s.backoff, 1);
    if (s.attempts <= 0)
        s.attempts = 5;
    if (!s.max_line)
        s.max_line = 64 * MIB;
    if (!s.max_answer)
        s.max_answer = 16 * MIB;
    return s;
}

bool runner_run(const struct runner_settings *settings, const char *input,
                const char *output, const char *errors,
                const struct provider_watch *watch, struct clock *clock,
                struct runner_result *result, struct error *err)
{
    struct runner_settings whole = complete(settings);
    struct run r = {
        .settings = &whole, .watch = watch, .clock = clock, .result = result
    };
    bool ok;

    *result = (struct runner_result){ 0 };
    ok = open_run(&r, input, output, errors, err) && run(&r, err);
    close_run(&r);
    if (ok || strcmp(err->code, "stopped") != 0)
        return ok;
    error_clear(err);
    result->stopped = true;
    return true;
}

/*
 * landing.c -- what became of a request: an answer, a refusal, another try.
 */
#include <math.h>

#include "base/jsonw.h"
#include "base/retry.h"
#include "runner/run.h"

/* Times that one request may meet a busy endpoint before that counts against
 * it: some limits are of the request alone, such as one that is larger than
 * the tokens of a minute. */
#define MOST_PUT_OFF 30
#define TOLD_AT_ONCE 100

/* -- lines -- */

/* JSON's line breaks stand between tokens only: blanks do as well. */
static void unbreak(char *text, size_t len)
{
    char *at;

    for (at = text; (at = memchr(at, '\n', len - (size_t)(at - text)));)
        *at = ' ';
    for (at = text; (at = memchr(at, '\r', len - (size_t)(at - text)));)
        *at = ' ';
}

static void begin_line(struct run *r, const struct flight *f)
{
    struct strbuf *out = &r->line;

    strbuf_clear(out);
    strbuf_addf(out,
                "{\"id\":\"batch_req_%zu\",\"custom_id\":", f->what.line + 1);
    if (f->request.custom_id) {
        strbuf_addc(out, '"');
        strbuf_add(out, f->request.custom_id, f->request.custom_id_len);
        strbuf_addc(out, '"');
    } else {
        strbuf_adds(out, "null");
    }
}

/* What the endpoint said, as it said it. */
static void add_response(struct run *r, struct http_response *response,
                         long status)
{
    struct strbuf *out = &r->line;

    unbreak(response->body.data, response->body.len);
    strbuf_addf(out,
                ",\"response\":{\"status_code\":%ld,\"request_id\":", status);
    jsonw_quote(out, response->request_id, strlen(response->request_id));
    strbuf_adds(out, ",\"body\":");
    strbuf_add(out, response->body.data, response->body.len);
    strbuf_adds(out, "},\"error\":null");
}

static void add_cause(struct strbuf *out, const char *code, const char *message)
{
    strbuf_adds(out, "{\"code\":");
    jsonw_quote(out, code, strlen(code));
    strbuf_adds(out, ",\"message\":");
    jsonw_quote(out, message, strlen(message));
    strbuf_addc(out, '}');
}

/* A refusal in our own words: status 400 makes it the request's fault. */
static void add_refusal(struct run *r, const char *code, const char *message)
{
    strbuf_adds(&r->line, ",\"response\":{\"status_code\":400,"
                          "\"request_id\":\"\",\"body\":{\"error\":");
    add_cause(&r->line, code, message);
    strbuf_adds(&r->line, "}},\"error\":null");
}

static void add_error(struct run *r, const struct error *why)
{
    strbuf_adds(&r->line, ",\"response\":null,\"error\":");
    add_cause(&r->line, why->code, why->message);
}

/* The line is whole: to its file, and the request is done. */
static bool end_line(struct run *r, const struct flight *f, bool good,
                     struct error *err)
{
    struct answers *file = good ? &r->output : &r->errors;

    /* What no provider tells: how long the model took. */
    if (!f->request.fault)
        strbuf_addf(&r->line, ",\"duration\":%.3f", run_now(r) - f->sent);
    strbuf_adds(&r->line, "}\n");
    if (!strbuf_ok(&r->line))
        return error_memory(err);
    if (!answers_add(file, r->line.data, r->line.len, run_now(r), err))
        return false;
    plan_done(&r->plan, f->what.line);
    r->result->done++;
    r->result->failed += !good;
    /* Somebody may want no more of them: the first are told at once. */
    if (!good && r->result->failed <= TOLD_AT_ONCE) {
        r->told = 0;
        run_tell(r, run_now(r), false);
    }
    return true;
}

bool landing_refused(struct run *r, const struct flight *f, struct error *err)
{
    char message[200];

    snprintf(message, sizeof(message),
             "line %zu of the request file can't be asked: %s",
             f->what.line + 1, f->request.fault);
    begin_line(r, f);
    add_refusal(r, f->code, message);
    return end_line(r, f, false, err);
}

/* -- verdicts -- */

static void learn_tokens(struct run *r, const struct flight *f,
                         const struct judgement *j)
{
    double used = (double)j->tokens;

    if (j->tokens < 0)
        return;
    seat_correct(r->seat, run_now(r), f->tokens, used);
    r->answer_tokens +=
        (fmax(0, used - (double)f->request.body_len / 4) - r->answer_tokens) /
        16;
}

static bool answered(struct run *r, struct flight *f,
                     struct http_response *response, const struct judgement *j,
                     struct error *err)
{
    seat_answered(r->seat, f->endpoint, f->sent, run_now(r));
    learn_tokens(r, f, j);
    begin_line(r, f);
    add_response(r, response, 200);
    return end_line(r, f, true, err);
}

/* No answer yet, and "not found": no model or address, not a bad request. */
static bool nobody_knows(const struct run *r, const struct judgement *j)
{
    return j->why.native == 404 && r->result->done - r->result->failed == 0;
}

static bool refused(struct run *r, struct flight *f,
                    struct http_response *response, const struct judgement *j,
                    struct error *err)
{
    if (nobody_knows(r, j)) {
        *err = j->why;
        err->kind = ERROR_SETUP;
        return error_context(err, "check base_url and model");
    }
    seat_well(r->seat, f->endpoint);
    begin_line(r, f);
    if (j->json && !j->tokens_needed && response->status >= 400)
        add_response(r, response, response->status);
    else
        add_refusal(r, j->why.code, j->why.message);
    return end_line(r, f, false, err);
}

static double next_chance(struct run *r)
{
    /* A walk over the unit interval by the golden ratio: spread well, and
     * the same in every run. */
    r->spread += 0.6180339887498949;
    r->spread -= floor(r->spread);
    return r->spread;
}

static void trouble(struct run *r, struct flight *f, enum trouble kind,
                    const struct judgement *j)
{
    seat_trouble(r->seat, f->endpoint, kind, f->what.line, run_now(r),
                 j->retry_after, next_chance(r), &j->why);
}

static bool failed(struct run *r, struct flight *f,
                   struct http_response *response, const struct judgement *j,
                   struct error *err)
{
    struct retry_policy policy = { .base = r->settings->backoff,
                                   .cap = 30,
                                   .ask_cap = 900 };

    (void)response;
    if (j->silent)
        trouble(r, f, TROUBLE_SILENT, j);
    /* No memory beside others says nothing of this request: with fewer at
     * once it may fit. */
    if (j->no_memory && seat_was_shared(r->seat, f->endpoint, f->number) &&
        f->what.put_off++ < MOST_PUT_OFF) {
        run_put_off(r, &f->what, policy.base);
        return true;
    }
    if (++f->what.tried < r->settings->attempts) {
        run_put_off(r, &f->what,
                    retry_delay(&policy, f->what.tried, j->retry_after,
                                next_chance(r)));
        return true;
    }
    begin_line(r, f);
    add_error(r, &j->why);
    return end_line(r, f, false, err);
}

static bool put_off(struct run *r, struct flight *f, enum trouble kind,
                    const struct judgement *j)
{
    trouble(r, f, kind, j);
    run_put_off(r, &f->what, 0);
    return true;
}

static bool busy(struct run *r, struct flight *f,
                 struct http_response *response, const struct judgement *j,
                 struct error *err)
{
    if (++f->what.put_off > MOST_PUT_OFF)
        return failed(r, f, response, j, err);
    return put_off(r, f, TROUBLE_BUSY, j);
}

static bool loading(struct run *r, struct flight *f,
                    struct http_response *response, const struct judgement *j,
                    struct error *err)
{
    (void)response, (void)err;
    return put_off(r, f, TROUBLE_LOADING, j);
}

static bool down(struct run *r, struct flight *f,
                 struct http_response *response, const struct judgement *j,
                 struct error *err)
{
    (void)response, (void)err;
    return put_off(r, f, TROUBLE_DOWN, j);
}

static bool stop(struct run *r, struct flight *f,
                 struct http_response *response, const struct judgement *j,
                 struct error *err)
{
    (void)r, (void)f, (void)response;
    *err = j->why;
    return false;
}

typedef bool follow(struct run *r, struct flight *f,
                    struct http_response *response, const struct judgement *j,
                    struct error *err);

static follow *const follows[] = {
    [VERDICT_ANSWER] = answered, [VERDICT_FINAL] = refused,
    [VERDICT_AGAIN] = failed,    [VERDICT_BUSY] = busy,
    [VERDICT_LOADING] = loading, [VERDICT_DOWN] = down,
    [VERDICT_STOP] = stop,
};

void landing(void *context, void *tag, struct http_response *response,
             const struct error *failure)
{
    struct run *r = context;
    struct flight *f = tag;
    struct judgement j;
    struct error err;

    judge(r->doc, response, failure, f->request.wanted, &j);
    seat_landed(r->seat, f->endpoint, f);
    if (j.overload)
        seat_overload(r->seat, f->endpoint, f->sent, run_now(r));
    if (!failure && response->rate_wait > 0)
        seat_spent(r->seat, f->endpoint, run_now(r) + response->rate_wait);
    if (!follows[j.verdict](r, f, response, &j, &err))
        run_fail(r, &err);
    flight_free(r, f);
}

#include "server/probe.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/json.h"
#include "base/jsonw.h"
#include "runner/verdict.h"
#include "server/upstream_ask.h"

#define FIRST_TOKENS 256
#define CLOSE 1.03 /* near enough between what goes and what doesn't */
#define CUT 0.9    /* counted in proportion to sent: clearly fewer */
#define ANSWER_MOST (4 * MIB)
#define ROUND_LEAST 2 /* requests of each lane of a round */
#define SHORT_TOKENS 200

struct probe {
    const struct probe_settings *s;
    struct clock *clock;
    const volatile bool *stop;
    void (*told)(void *context, const char *line);
    void *context;
    struct probe_result *out;
    struct http *http;       /* owned */
    struct json_doc *doc;    /* owned */
    double tokens_per_word;  /* learnt */
    struct climb_step *step; /* the round */
    double sum;              /* of seconds in it */
    unsigned number;         /* of the request: none is like another */
};

static void tell(struct probe *p, const char *format, ...) PRINTF_LIKE(2, 3);

static void tell(struct probe *p, const char *format, ...)
{
    char line[400];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    if (p->told)
        p->told(p->context, line);
}

static bool is_stopped(const struct probe *p, struct error *err)
{
    if (!p->stop || !flag_is_set(p->stop))
        return false;
    error_exit(err, ERROR_RETRY, EXIT_INTERRUPTED, "stopped");
    error_code(err, "stopped");
    return true;
}

static double monotonic(const struct probe *p)
{
    return p->clock->monotonic(p->clock);
}

/* A chat of so many words, each near a token. */
static bool write_body(struct probe *p, int64_t words, int64_t answer,
                       struct strbuf *out, struct error *err)
{
    struct jsonw w;
    int64_t i;

    strbuf_clear(out);
    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "model", p->out->model);
    jsonw_integer(&w, "max_tokens", answer);
    jsonw_integer(&w, "temperature", 0);
    jsonw_array(&w, "messages");
    jsonw_object(&w, NULL);
    jsonw_text(&w, "role", "user");
    jsonw_raw(&w, "content", "\"", 1);
    /* Its number first: no answer comes out of a prompt cache. */
    strbuf_addf(out, "Note %u. Count on:", ++p->number);
    for (i = 0; i < words; i++)
        strbuf_adds(out, i % 2 ? " and" : " one");
    strbuf_addc(out, '"');
    jsonw_end_object(&w);
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    return strbuf_ok(out) || error_memory(err);
}

/* -- the context -- */

struct
try {
    bool fits, cut;
    int64_t counted; /* prompt tokens as it counts, 0 = not told */
    char why[200];
};

static void note_answer(struct probe *p, const struct http_response *response,
                        const struct error *failure, int64_t words,
                        struct try *t)
{
    struct json_object *body;
    struct judgement j;
    struct error ignored;

    judge(p->doc, response, failure, "choices", &j);
    t->fits = j.verdict == VERDICT_ANSWER;
    if (!t->fits) {
        snprintf(t->why, sizeof(t->why), "%.190s", j.why.message);
        return;
    }
    body = json_parse(response->body.data, response->body.len, &ignored);
    t->counted = json_get_integer(json_get(body, "usage"), "prompt_tokens", 0);
    json_free(body);
    if (t->counted <= 0)
        return;
    if (p->tokens_per_word > 0 &&
        (double)t->counted < CUT * p->tokens_per_word * (double)words) {
        t->fits = false;
        t->cut = true;
        snprintf(t->why, sizeof(t->why),
                 "it counts %lld tokens of some %.0f: the rest was cut off",
                 (long long)t->counted, p->tokens_per_word * (double)words);
    } else {
        p->tokens_per_word = (double)t->counted / (double)words;
    }
}

static bool try_words(struct probe *p, int64_t words, struct try *t,
                      struct error *err)
{
    struct http_request request = { .method = "POST",
                                    .timeout = p->s->timeout,
                                    .stop = p->stop,
                                    .headers = &p->s->header };
    struct http_response response = { 0 };
    struct error failure;
    struct strbuf body;
    char url[1200];
    bool ok, came;

    *t = (struct try){ 0 };
    strbuf_init(&body, 64 * MIB);
    strbuf_init(&response.body, ANSWER_MOST);
    snprintf(url, sizeof(url), "%s/chat/completions", p->s->base_url);
    ok = write_body(p, words, 1, &body, err);
    if (ok) {
        request.url = url;
        request.body = body.data;
        request.body_len = body.len;
        request.header_count = p->s->header != NULL;
        came = http_send(p->http, &request, &response, &failure);
        ok = !is_stopped(p, err);
        note_answer(p, &response, came ? NULL : &failure, words, t);
    }
    strbuf_release(&body);
    strbuf_release(&response.body);
    return ok;
}

/* In tokens, as the upstream counts where it does. */
static int64_t tokens_of(const struct probe *p, int64_t words,
                         const struct try *t)
{
    double rate = p->tokens_per_word > 0 ? p->tokens_per_word : 1;

    return t->counted > 0 ? t->counted : (int64_t)((double)words * rate);
}

/* Whether so many go; notes what it says. */
static bool step_context(struct probe *p, int64_t words, bool *fits,
                         struct error *err)
{
    struct try t;

    if (!try_words(p, words, &t, err))
        return false;
    *fits = t.fits;
    if (t.fits) {
        p->out->context = tokens_of(p, words, &t);
        tell(p, "context: %lld tokens fit", (long long)p->out->context);
    } else {
        p->out->cuts = p->out->cuts || t.cut;
        snprintf(p->out->refusal, sizeof(p->out->refusal), "%s", t.why);
        tell(p, "context: some %lld tokens do not: %s",
             (long long)tokens_of(p, words, &(struct try){ 0 }), t.why);
    }
    return true;
}

static int64_t words_of(const struct probe *p, int64_t tokens)
{
    return p->tokens_per_word > 0
               ? (int64_t)((double)tokens / p->tokens_per_word)
               : tokens;
}

static bool find_context(struct probe *p, struct error *err)
{
    int64_t low = 0, high = 0, words = FIRST_TOKENS, most;
    bool fits = true;

    while (fits) {
        most = words_of(p, p->s->context_most);
        words = words < most ? words : most;
        if (!step_context(p, words, &fits, err))
            return false;
        if (fits)
            low = words;
        else
            high = words;
        if (fits && words >= words_of(p, p->s->context_most)) {
            p->out->whole_range = true;
            return true;
        }
        words *= 2;
    }
    while ((double)high > CLOSE * (double)(low ? low : 1) &&
           high - low > FIRST_TOKENS / 16) {
        words = low + (high - low) / 2;
        if (!step_context(p, words, &fits, err))
            return false;
        if (fits)
            low = words;
        else
            high = words;
    }
    return true;
}

/* -- the concurrency -- */

static void landed(void *context, void *tag, struct http_response *response,
                   const struct error *failure)
{
    struct probe *p = context;
    struct judgement j;

    judge(p->doc, response, failure, "choices", &j);
    if (j.verdict == VERDICT_ANSWER) {
        p->step->answered++;
        p->sum += monotonic(p) - *(double *)tag;
    } else {
        p->step->failed++;
        snprintf(p->out->refusal, sizeof(p->out->refusal), "%.190s",
                 j.why.message);
    }
    *(double *)tag = 0; /* free again */
}

static bool send_one(struct probe *p, struct http_pool *pool, double *slot,
                     struct strbuf *body, struct error *err)
{
    struct http_request request = { .method = "POST",
                                    .timeout = p->s->timeout,
                                    .headers = &p->s->header };
    char url[1200];

    if (!write_body(p, words_of(p, SHORT_TOKENS), p->s->answer_tokens, body,
                    err))
        return false;
    snprintf(url, sizeof(url), "%s/chat/completions", p->s->base_url);
    request.url = url;
    request.body = body->data;
    request.body_len = body->len;
    request.header_count = p->s->header != NULL;
    *slot = monotonic(p);
    return http_pool_submit(pool, &request, true, slot, err);
}

/* n at once for a while, then what is in flight lands. */
static bool fly(struct probe *p, struct http_pool *pool, double *slots,
                int64_t n, struct error *err)
{
    double began = monotonic(p);
    int64_t sent = 0, i;
    struct strbuf body;
    bool ok = true;

    strbuf_init(&body, MIB);
    while (ok) {
        for (i = 0; ok && i < n; i++) {
            if (slots[i] > 0 || (sent >= n * ROUND_LEAST &&
                                 monotonic(p) >= began + p->s->round_seconds))
                continue;
            ok = send_one(p, pool, &slots[i], &body, err);
            sent++;
        }
        ok = ok && !is_stopped(p, err);
        if (!http_pool_flying(pool))
            break;
        ok = ok && http_pool_wait(pool, 0.2, err);
    }
    p->step->rate = (double)p->step->answered / (monotonic(p) - began);
    if (p->step->answered)
        p->step->seconds = p->sum / (double)p->step->answered;
    strbuf_release(&body);
    return ok;
}

static bool run_round(void *context, struct climb_step *step, struct error *err)
{
    struct probe *p = context;
    int64_t n = step->concurrency;
    double *slots = calloc((size_t)n, sizeof(*slots));
    struct http_pool *pool = NULL;
    bool ok;

    p->step = step;
    p->sum = 0;
    ok = slots || error_memory(err);
    ok = ok &&
         http_pool_open(&pool, p->http, (size_t)n, ANSWER_MOST, landed, p,
                        err) &&
         fly(p, pool, slots, n, err);
    http_pool_close(pool);
    free(slots);
    if (ok)
        tell(p,
             "concurrency %lld: %.2f answers a second, %.2f s each, %lld "
             "failed",
             (long long)n, step->rate, step->seconds, (long long)step->failed);
    return ok;
}

static bool find_concurrency(struct probe *p, struct error *err)
{
    struct climb climb = { .measure = run_round,
                           .context = p,
                           .most = p->s->concurrency_most };
    bool ok = climb_run(&climb, &p->out->concurrency, err);

    memcpy(p->out->steps, climb.steps, sizeof(climb.steps));
    p->out->step_count = climb.step_count;
    return ok;
}

/* -- all of it -- */

static bool ask_model(struct probe *p, struct error *err)
{
    struct upstream_facts facts;
    bool ok = upstream_ask(p->http, p->s->base_url, p->s->header, p->stop,
                           &facts, err);
    size_t i;

    if (!ok)
        return error_context(err, "the upstream does not answer; is it running "
                                  "(ollama serve, llama-server -m MODEL)?");
    if (p->s->model)
        snprintf(p->out->model, sizeof(p->out->model), "%s", p->s->model);
    else if (facts.count)
        snprintf(p->out->model, sizeof(p->out->model), "%s",
                 facts.models[0].name);
    else
        ok = error_exit(err, ERROR_SETUP, EXIT_USAGE,
                        "the upstream lists no model: say --model");
    p->out->told = facts.context;
    for (i = 0; i < facts.count; i++)
        if (!strcmp(facts.models[i].name, p->out->model) &&
            facts.models[i].context > 0)
            p->out->told = facts.models[i].context;
    upstream_facts_release(&facts);
    return ok;
}

bool probe_run(const struct probe_settings *settings, struct clock *clock,
               const volatile bool *stop,
               void (*told)(void *context, const char *line), void *context,
               struct probe_result *out, struct error *err)
{
    struct probe p = { .s = settings,
                       .clock = clock,
                       .stop = stop,
                       .told = told,
                       .context = context,
                       .out = out };
    struct http_settings http = { 0 };
    struct strbuf host;
    bool ok;

    *out = (struct probe_result){ 0 };
    strbuf_init(&host, 4 * KIB);
    upstream_host(settings->base_url, &host);
    http.allowed_hosts = host.data;
    p.doc = json_doc_new();
    ok = (p.doc || error_memory(err)) && http_open(&p.http, &http, err) &&
         ask_model(&p, err) && find_context(&p, err);
    if (ok && !out->context)
        ok = error_exit(err, ERROR_RETRY, EXIT_PROVIDER,
                        "not even a short request is answered: %.300s",
                        out->refusal);
    ok = ok && find_concurrency(&p, err);
    http_close(p.http);
    json_doc_free(p.doc);
    strbuf_release(&host);
    return ok;
}

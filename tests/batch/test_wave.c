/* The scheduler of waves against a provider made of arithmetic, whose
 * counters lag and whose clock the test turns. */
#include "batch/wave.h"

#include <math.h>

#include "tests/tap.h"

#define MOST 4000

/* -- the provider -- */

struct job {
    int64_t tokens, requests;
    double sent, ends; /* ends: when it is done, or found refused */
    bool refused;
    int64_t wave, number;
};

struct world {
    struct wave_rules rules;
    int64_t limit;            /* the provider's */
    double lag;               /* so long it counts what has ended */
    double shortest, longest; /* of a batch */
    bool tells;               /* a refusal names the limit */
    int64_t per_request, batch_size, waiting;
    unsigned seed;
    double now;
    struct job jobs[MOST];
    int64_t count, refused, most_open, most_counted;
    double used, had; /* token-seconds, while work remained */
};

static double unit(struct world *w)
{
    w->seed = w->seed * 1103515245u + 12345u;
    return (double)(w->seed >> 8 & 0xffff) / 65536.0;
}

static int64_t counted(const struct world *w)
{
    int64_t sum = 0, i;

    for (i = 0; i < w->count; i++)
        if (!w->jobs[i].refused && w->jobs[i].ends + w->lag > w->now)
            sum += w->jobs[i].tokens;
    return sum;
}

static void send_job(struct world *w, int64_t requests, int64_t wave,
                     int64_t number)
{
    struct job *j = &w->jobs[w->count];
    int64_t tokens = requests * w->per_request;

    *j = (struct job){ .tokens = tokens,
                       .requests = requests,
                       .sent = w->now,
                       .wave = wave,
                       .number = number };
    j->refused = counted(w) + tokens > w->limit;
    j->ends =
        w->now +
        (j->refused ? 60 : w->shortest + unit(w) * (w->longest - w->shortest));
    w->count++;
    w->waiting -= requests;
}

/* -- the scheduler's side -- */

static struct wave_batch history[MOST];

/* What the database would say: newest first. */
static size_t look_back(const struct world *w)
{
    size_t n = 0;
    int64_t i;

    for (i = w->count; i-- > 0;) {
        const struct job *j = &w->jobs[i];
        struct wave_batch *b = &history[n++];

        *b = (struct wave_batch){ .tokens = j->tokens,
                                  .requests = j->requests,
                                  .sent_ago = w->now - j->sent,
                                  .ended_ago = -1,
                                  .wave = j->wave,
                                  .number = j->number };
        if (w->now >= j->ends) {
            b->ended_ago = w->now - j->ends;
            b->refused = j->refused;
            b->told = j->refused && w->tells ? w->limit : 0;
        } else {
            b->on_trial = w->now - j->sent < 60;
        }
    }
    return n;
}

static void give_back(struct world *w)
{
    int64_t i;

    for (i = 0; i < w->count; i++) {
        struct job *j = &w->jobs[i];

        if (!j->refused || !j->requests || w->now < j->ends)
            continue;
        w->waiting += j->requests;
        j->requests = 0;
        w->refused++;
    }
}

static void send_what_fits(struct world *w, struct wave_state *s)
{
    int64_t size, wave, number;
    double wait;

    for (;;) {
        w->rules.run_ago = w->now;
        wave_look(&w->rules, history, look_back(w), s);
        size = w->waiting > 0
                   ? wave_next_size(&w->rules, s, w->batch_size, w->waiting)
                   : 0;
        if (!size || w->count == MOST ||
            !wave_has_room(&w->rules, s, size * w->per_request, &wait))
            return;
        wave_place(&w->rules, s, size * w->per_request, &wave, &number);
        send_job(w, size, wave, number);
    }
}

static bool is_over(const struct world *w)
{
    int64_t i;

    for (i = 0; i < w->count; i++)
        if (w->now < w->jobs[i].ends)
            return false;
    return w->waiting == 0;
}

/* Looks each 30 s of its time, for at most 60 days. */
static void run(struct world *w)
{
    struct wave_state s;

    for (; w->now < 60 * 86400.0; w->now += 30) {
        give_back(w);
        send_what_fits(w, &s);
        if (s.open > w->most_open)
            w->most_open = s.open;
        if (counted(w) > w->most_counted)
            w->most_counted = counted(w);
        if (w->waiting > 0) {
            w->used += (double)counted(w) * 30;
            w->had += (double)w->limit * w->rules.share * 30;
        }
        if (is_over(w))
            return;
    }
}

/* -- tests -- */

static struct world world;

static struct world *make(int64_t articles, bool one_by_one)
{
    world = (struct world){
        .rules = { .tokens = 10000000, .share = 0.9, .one_by_one = one_by_one },
        .limit = 10000000,
        .shortest = 7200,
        .longest = 7200,
        .per_request = 2800,
        .batch_size = 1000,
        .waiting = articles,
        .seed = 1,
    };
    return &world;
}

static void twelve_thousand_articles_make_twelve_jobs(void)
{
    struct world *w = make(12000, false);
    int64_t i, whole = 0;

    run(w);
    is_int(w->count, 12, "12 jobs when rolling");
    for (i = 0; i < w->count; i++)
        whole += w->jobs[i].requests == 1000;
    is_int(whole, 12, "of 1,000 each");
    is_int(w->refused, 0, "none refused");
    ok(w->most_counted <= 9000000, "never over the safe budget");
    is_int(w->jobs[11].wave, 4, "in four waves");
    is_int(w->jobs[11].number, 3, "the third of its wave");
}

static void waiting_for_waves_makes_fifteen(void)
{
    struct world *w = make(12000, true);
    int64_t i, sum = 0, sizes[16] = { 0 }, n = 0;

    run(w);
    is_int(w->count, 15, "15 jobs when waves are waited for");
    for (i = 0; i < w->count; i++) {
        sum += w->jobs[i].requests;
        if (w->jobs[i].wave == 1 && n < 16)
            sizes[n++] = w->jobs[i].requests;
    }
    is_int(sum, 12000, "every article once");
    is_int(n, 4, "a full wave is four jobs");
    is_int(sizes[3], 214, "the last of them fills it: 3,214 in all");
    is_int(w->jobs[14].wave, 4, "four waves");
    ok(w->jobs[4].sent >= w->jobs[0].ends, "the second begins after the first");
}

static void the_budget_is_in_use_while_work_remains(void)
{
    static const struct {
        const char *why;
        double lag, shortest, longest;
        int64_t told, per_request, batch_size;
        int most; /* refused, of 150 and more */
    } cases[] = {
        { "alike batches", 0, 7200, 7200, 10000000, 2800, 1000, 3 },
        { "unlike ones", 0, 7200, 14400, 10000000, 2800, 1000, 3 },
        { "counters lag two minutes", 100, 7200, 14400, 10000000, 2800, 1000,
          3 },
        { "counters lag nine minutes", 540, 7200, 14400, 10000000, 2800, 1000,
          3 },
        { "the limit is learned", 0, 7200, 14400, 0, 2800, 1000, 3 },
        { "the limit is learned and lags", 500, 7200, 14400, 0, 1700, 500, 3 },
        { "set too high", 500, 7200, 14400, 50000000, 2800, 1000, 5 },
        { "the usual batch", 60, 7200, 14400, 10000000, 3300, 500, 3 },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *w = make(120000, false);

        w->lag = cases[i].lag;
        w->shortest = cases[i].shortest;
        w->longest = cases[i].longest;
        w->rules.tokens = cases[i].told;
        w->per_request = cases[i].per_request;
        w->batch_size = cases[i].batch_size;
        w->tells = true;
        run(w);
        ok(w->waiting == 0, "%s: all is done", cases[i].why);
        ok(w->used >= 0.95 * w->had, "%s: 95 %% of the safe budget in use",
           cases[i].why);
        ok(w->refused <= cases[i].most, "%s: no more than %d are refused",
           cases[i].why, cases[i].most);
        tap_note("%s: %.1f %% in use, %lld refused, %lld jobs", cases[i].why,
                 100 * w->used / w->had, (long long)w->refused,
                 (long long)w->count);
    }
}

static void a_refusal_without_a_number_halves(void)
{
    const struct wave_rules rules = { .share = 0.9 };
    const struct wave_batch batches[] = {
        { .tokens = 4000, .sent_ago = 100, .ended_ago = 40, .refused = true },
        { .tokens = 6000, .sent_ago = 500, .ended_ago = -1 },
    };
    struct wave_state s;
    double wait;

    wave_look(&rules, batches, ARRAY_LEN(batches), &s);
    is_int(s.limit, 5000, "half of what was tried");
    is_int(s.in_use, 6000, "what runs stays counted");
    ok(!wave_has_room(&rules, &s, 1, &wait), "nothing goes till it has ended");
}

static void a_refusal_that_nothing_explains_is_our_count(void)
{
    const struct wave_rules rules = { .share = 0.9 };
    const struct wave_batch batches[] = {
        { .tokens = 600,
          .sent_ago = 100,
          .ended_ago = 40,
          .refused = true,
          .told = 3000 },
        { .tokens = 600, .sent_ago = 101, .ended_ago = -1 },
        { .tokens = 600, .sent_ago = 102, .ended_ago = -1 },
    };
    struct wave_state s;
    double wait;

    wave_look(&rules, batches, ARRAY_LEN(batches), &s);
    is_int(s.limit, 1800, "what was tried, as we count it");
    ok(!wave_has_room(&rules, &s, 600, &wait), "not once more");
    ok(s.lag <= 0, "it is no lag");
}

static void a_refusal_at_the_door_holds_everybody(void)
{
    const struct wave_rules rules = { .tokens = 100000, .share = 0.9 };
    const struct wave_batch batches[] = {
        { .tokens = 4000, .sent_ago = -1, .ended_ago = -1, .held = 120 },
        { .tokens = 6000, .sent_ago = 500, .ended_ago = -1 },
    };
    struct wave_state s;
    double wait = 0;

    wave_look(&rules, batches, ARRAY_LEN(batches), &s);
    ok(!wave_has_room(&rules, &s, 1, &wait) && wait >= 120,
       "for as long as it was told to wait");
}

static void limits_of_jobs_and_trials_hold(void)
{
    struct wave_rules rules = { .share = 0.9, .jobs = 2 };
    const struct wave_batch batches[] = {
        { .tokens = 1, .sent_ago = 1, .ended_ago = -1, .on_trial = true },
        { .tokens = 1, .sent_ago = 2, .ended_ago = -1, .on_trial = true },
        { .tokens = 1, .sent_ago = 3, .ended_ago = -1, .on_trial = true },
    };
    struct wave_state s;
    double wait;

    wave_look(&rules, batches, 2, &s);
    ok(!wave_has_room(&rules, &s, 1, &wait), "two jobs at once, two are open");
    rules.jobs = 0;
    wave_look(&rules, batches, 2, &s);
    ok(wave_has_room(&rules, &s, 1, &wait), "a third one on trial");
    wave_look(&rules, batches, 3, &s);
    ok(!wave_has_room(&rules, &s, 1, &wait),
       "no fourth while no limit is known");
}

static void a_batch_larger_than_all_goes_alone(void)
{
    const struct wave_rules rules = { .tokens = 1000, .share = 0.9 };
    struct wave_state s;
    double wait;

    wave_look(&rules, NULL, 0, &s);
    ok(wave_has_room(&rules, &s, 5000, &wait), "rather than wait for ever");
}

static void names_can_be_read_back(void)
{
    char name[WAVE_NAME];
    int64_t wave, number;

    wave_name(1, 1, 1769903999, name);
    is_str(name, "wave01_batch001_20260131T235959Z", "wave, number, time");
    wave_name_read(name, &wave, &number);
    ok(wave == 1 && number == 1, "and back");
    wave_name(123, 4567, 0, name);
    wave_name_read(name, &wave, &number);
    ok(wave == 123 && number == 4567, "beyond two digits too");
    wave_name_read("holiday", &wave, &number);
    ok(wave == 0 && number == 0, "another name is none");
}

int main(void)
{
    twelve_thousand_articles_make_twelve_jobs();
    waiting_for_waves_makes_fifteen();
    the_budget_is_in_use_while_work_remains();
    a_refusal_without_a_number_halves();
    a_refusal_that_nothing_explains_is_our_count();
    a_refusal_at_the_door_holds_everybody();
    limits_of_jobs_and_trials_hold();
    a_batch_larger_than_all_goes_alone();
    names_can_be_read_back();
    return tap_done();
}

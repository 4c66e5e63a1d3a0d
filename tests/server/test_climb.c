#include "server/climb.h"

#include <string.h>

#include "tests/tap.h"

#define ROUNDS 64

/* A server by its rates at 1, 2, 4 ... at once; 0 = it fails with so many. */
struct server {
    double rates[CLIMB_STEPS];
    const char *slow; /* a mark for each round in its order: by how much it is
                         slower than it should be, in tenths; then no more */
    int rounds;
};

static bool round_of(void *context, struct climb_step *step, struct error *err)
{
    struct server *s = context;
    int i = 0;
    char mark = '0';

    (void)err;
    while ((1 << i) < step->concurrency)
        i++;
    if ((size_t)s->rounds < strlen(s->slow))
        mark = s->slow[s->rounds];
    s->rounds++;
    step->rate = s->rates[i] * (1 - (mark - '0') / 10.0);
    step->answered = 10;
    step->failed = s->rates[i] > 0 ? 0 : 1;
    return s->rounds <= ROUNDS;
}

static const struct {
    const char *why;
    double rates[CLIMB_STEPS];
    const char *slow;
    int64_t most, best;
} cases[] = {
    { "four seats, quiet", { 50, 100, 200, 200, 200 }, "", 64, 4 },
    { "the round of four was slow", { 50, 100, 200, 200, 200 }, "0090", 64, 4 },
    { "two in a row were: the second climb goes on",
      { 50, 100, 200, 400, 400, 400 },
      "0099",
      64,
      8 },
    { "the first climb was slow as a whole",
      { 50, 100, 200, 200, 200 },
      "55555",
      64,
      4 },
    { "the first climb got slower and slower",
      { 50, 100, 200, 400, 800, 800, 800 },
      "01357",
      64,
      16 },
    { "slow in all rounds but one",
      { 50, 100, 200, 200, 200 },
      "9999999099",
      64,
      4 },
    { "one seat", { 50, 50, 50 }, "", 64, 1 },
    { "each round slower than the one before", { 50, 40, 30 }, "", 64, 1 },
    { "a twentieth more doesn't pay", { 50, 100, 104, 104 }, "", 64, 2 },
    { "no more than allowed", { 50, 100, 200, 400 }, "", 4, 4 },
    { "one is allowed", { 50, 100 }, "", 1, 1 },
    { "eight are refused", { 50, 100, 200, 0, 800 }, "", 64, 4 },
    { "even one is refused", { 0 }, "", 64, 0 },
};

static void the_right_step_is_found_whatever_else_the_machine_does(void)
{
    struct error err;
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct server s = { .slow = cases[i].slow };
        struct climb c = { .measure = round_of,
                           .context = &s,
                           .most = cases[i].most };
        int64_t best = -1;

        memcpy(s.rates, cases[i].rates, sizeof(s.rates));
        ok(climb_run(&c, &best, &err), "%s: it ends", cases[i].why);
        is_int(best, cases[i].best, "%s: %lld", cases[i].why,
               (long long)cases[i].best);
    }
}

static void what_was_refused_is_not_asked_again(void)
{
    struct server s = { .rates = { 50, 100, 0 }, .slow = "" };
    struct climb c = { .measure = round_of, .context = &s, .most = 64 };
    struct error err;
    int64_t best;

    ok(climb_run(&c, &best, &err), "it ends");
    is_int(s.rounds, 5, "1, 2, 4, then 1 and 2 again");
    is_int(c.step_count, 3, "three steps");
    is_int(c.steps[2].failed, 1, "the last of them failed");
}

static void a_server_that_never_agrees_is_left(void)
{
    struct server s = { .rates = { 100, 100 }, .slow = "091882773664" };
    struct climb c = { .measure = round_of, .context = &s, .most = 2 };
    struct error err;
    int64_t best;

    ok(climb_run(&c, &best, &err), "it ends");
    ok(s.rounds <= 2 * CLIMB_PASSES, "after %d rounds", s.rounds);
}

static void an_error_ends_it(void)
{
    struct server s = { .rates = { 1 }, .slow = "", .rounds = ROUNDS };
    struct climb c = { .measure = round_of, .context = &s, .most = 64 };
    struct error err;
    int64_t best;

    ok(!climb_run(&c, &best, &err), "with the round's error");
}

int main(void)
{
    the_right_step_is_found_whatever_else_the_machine_does();
    what_was_refused_is_not_asked_again();
    a_server_that_never_agrees_is_left();
    an_error_ends_it();
    return tap_done();
}

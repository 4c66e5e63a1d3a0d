#include "runner/fleet.h"

#include <math.h>

#include "tests/tap.h"

/* Only addresses of flights are compared. */
struct flight {
    int nothing;
};
static struct flight flights[200];

static struct fleet *opened(int64_t concurrency)
{
    struct fleet_settings s = { .urls = "http://a/v1,http://b/v1",
                                .concurrency = concurrency,
                                .slow = 100,
                                .patience = 60 };
    struct fleet *f;
    struct error err;

    ok(fleet_open(&f, &s, &clock_system, &err), "a fleet of two");
    return f;
}

/* Sends what the seat may send to endpoint a; how many that are. */
static int fill(struct seat *seat, double now)
{
    struct endpoint *e;
    double wait;
    int n = 0;

    while ((e = seat_pick(seat, 1, -1, now, &wait))) {
        seat_sent(seat, e, &flights[n], -1, now);
        n++;
    }
    return n;
}

static struct seat *joined(struct fleet *f, double weight)
{
    struct seat *seat;
    struct error err;

    ok(fleet_join(f, weight, &seat, &err), "a run");
    return seat;
}

static void shares_go_by_weight(void)
{
    static const struct {
        int64_t concurrency;
        double a, b;
        int want_a, want_b;
        const char *why;
    } cases[] = {
        { 8, 1, 1, 4, 4, "halves" },
        { 9, 1, 1, 5, 4, "what is left over goes to the older" },
        { 10, 3, 1, 7, 3, "one each, the rest by weight" },
        { 8, 1000, 1, 7, 1, "the least has one" },
        { 2, 1000, 1, 1, 1, "also where there is little" },
    };
    struct seat *a, *b;
    struct fleet *f;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        f = opened(cases[i].concurrency);
        a = joined(f, cases[i].a);
        b = joined(f, cases[i].b);
        is_int(fill(a, 10), cases[i].want_a, "%s", cases[i].why);
        is_int(fill(b, 10), cases[i].want_b, "%s", cases[i].why);
        fleet_leave(a);
        fleet_leave(b);
        fleet_close(f);
    }
}

static void what_nobody_wants_is_anybodys(void)
{
    struct fleet *f = opened(8);
    struct seat *a = joined(f, 1), *b = joined(f, 1);
    struct fleet_state state;
    struct endpoint *e;
    double wait;

    e = seat_pick(a, 1, -1, 10, &wait);
    seat_wants(b, false);
    is_int(fill(a, 10), 8, "the only one that wants has all");
    seat_wants(b, true);
    is_int(fill(b, 10), 0, "a late one waits till something lands");
    seat_landed(a, e, &flights[0]);
    is_int(fill(a, 10), 0, "whose place is not taken again");
    is_int(fill(b, 10), 1, "but is the late one's");
    seat_landed(b, e, &flights[0]);
    fleet_leave(a);
    fleet_look(f, 0, &state);
    is_int(state.flying, 0, "who leaves leaves nothing in flight");
    is_int(fill(b, 10), 8, "and its share");
    fleet_leave(b);
    fleet_close(f);
}

static void more_runs_than_room_take_turns(void)
{
    struct fleet *f = opened(1);
    struct seat *seats[3];
    struct endpoint *e;
    int had[3] = { 0 }, i, second;
    double wait;

    for (i = 0; i < 3; i++)
        seats[i] = joined(f, 1);
    for (second = 0; second < 6; second++)
        for (i = 0; i < 3; i++) {
            e = seat_pick(seats[i], 1, -1, second, &wait);
            if (!e)
                continue;
            had[i]++;
            seat_sent(seats[i], e, &flights[i], -1, second);
            seat_landed(seats[i], e, &flights[i]);
        }
    for (i = 0; i < 3; i++)
        is_int(had[i], 2, "two of six seconds each");
    for (i = 0; i < 3; i++)
        fleet_leave(seats[i]);
    fleet_close(f);
}

static void only_who_has_the_model_is_asked(void)
{
    struct fleet *f = opened(4);
    struct seat *a = joined(f, 1);
    struct error err, why;
    struct endpoint *e;
    double wait;

    e = seat_pick(a, 2, -1, 10, &wait);
    ok(e && fleet_index(f, e) == 1, "the second");
    ok(!seat_pick(a, 0, -1, 10, &wait), "none");
    error_set(&why, ERROR_RETRY, "connection refused");
    e = seat_pick(a, 1, -1, 10, &wait);
    seat_trouble(a, e, TROUBLE_DOWN, 0, 10, 0, 0, &why);
    seat_trouble(a, e, TROUBLE_DOWN, 0, 30, 0, 0, &why);
    ok(seat_hopeless(a, 1, 100, &err), "the first is given up");
    ok(!seat_hopeless(a, 2, 100, &err), "for another model there is hope");
    fleet_is_well(f, 0);
    ok(!seat_hopeless(a, 1, 100, &err), "somebody else found it well");
    fleet_leave(a);
    fleet_close(f);
}

static void two_runs_prime_each_for_itself(void)
{
    struct fleet *f = opened(8);
    struct seat *a = joined(f, 1), *b = joined(f, 1);
    struct endpoint *e;
    double wait;

    e = seat_pick(a, 1, 1, 10, &wait);
    seat_sent(a, e, &flights[0], 1, 10);
    ok(!seat_pick(a, 1, 1, 10, &wait), "its first request goes alone");
    ok(seat_pick(b, 1, 1, 10, &wait), "the number means another group here");
    fleet_leave(a);
    e = seat_pick(b, 1, 1, 10, &wait);
    ok(e, "a run that leaves holds nobody up");
    fleet_leave(b);
    fleet_close(f);
}

int main(void)
{
    shares_go_by_weight();
    what_nobody_wants_is_anybodys();
    more_runs_than_room_take_turns();
    only_who_has_the_model_is_asked();
    two_runs_prime_each_for_itself();
    return tap_done();
}

#include "batch/life.h"
#include "tests/tap.h"

static void every_name_parses_back(void)
{
    enum batch_status status;
    int i;

    for (i = 0; i < BATCH_STATUSES; i++) {
        const char *name = batch_status_name((enum batch_status)i);

        ok(batch_status_parse(name, &status) && (int)status == i, "%s", name);
    }
    ok(!batch_status_parse("Closed", &status), "names are exact");
}

static bool leads(enum batch_status from, enum batch_status to, int depth)
{
    size_t i;

    if (from == to)
        return true;
    if (!depth)
        return false;
    for (i = 0; i < batch_transition_count; i++)
        if (batch_transitions[i].from == from &&
            leads(batch_transitions[i].to, to, depth - 1))
            return true;
    return false;
}

static void every_status_is_reached_and_left(void)
{
    int i;

    for (i = 0; i < BATCH_STATUSES; i++) {
        const char *name = batch_status_name((enum batch_status)i);

        ok(leads(BATCH_CLAIMED, (enum batch_status)i, 8), "%s is reached",
           name);
        ok(leads((enum batch_status)i, BATCH_CLOSED, 8), "%s comes to an end",
           name);
    }
}

static void only_closed_has_no_way_out(void)
{
    int i, j, ways;

    for (i = 0; i < BATCH_STATUSES; i++) {
        ways = 0;
        for (j = 0; j < BATCH_STATUSES; j++)
            ways += batch_may_go((enum batch_status)i, (enum batch_status)j) !=
                    NULL;
        is_int(ways == 0, i == BATCH_CLOSED, "%s",
               batch_status_name((enum batch_status)i));
    }
}

static void nothing_is_sent_twice_by_the_table(void)
{
    ok(!batch_may_go(BATCH_SUBMITTED, BATCH_CREATING),
       "a submitted batch is never created again");
    ok(!batch_may_go(BATCH_UNKNOWN, BATCH_CREATING),
       "an unknown one waits for a person");
    ok(!batch_may_go(BATCH_BUILT, BATCH_SUBMITTED),
       "the intent comes before the request");
}

int main(void)
{
    every_name_parses_back();
    every_status_is_reached_and_left();
    only_closed_has_no_way_out();
    nothing_is_sent_twice_by_the_table();
    return tap_done();
}

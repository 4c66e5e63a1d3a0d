#include "base/crew.h"

#include "tests/tap.h"

static void square(void *context, void *job)
{
    int *number = job;

    *number = *number * *number + *(const int *)context;
}

static void jobs_come_back_in_order(void)
{
    int numbers[100], add = 1, i, next = 0;
    struct crew *crew = NULL;
    struct error err;
    bool in_order = true;
    int *job;

    ok(crew_new(&crew, 3, square, &add, &err), "a crew");
    ok(crew_size(crew) >= 1 && crew_size(crew) <= 3, "of no more than asked");
    ok(!crew_take(crew), "has no job yet");
    for (i = 0; i < 100; i++) {
        if (crew_is_full(crew)) {
            job = crew_take(crew);
            in_order =
                in_order && job == &numbers[next] && *job == next * next + 1;
            next++;
        }
        numbers[i] = i;
        crew_put(crew, &numbers[i]);
    }
    while ((job = crew_take(crew))) {
        in_order = in_order && job == &numbers[next] && *job == next * next + 1;
        next++;
    }
    ok(in_order, "jobs are done and come back in order");
    is_int(next, 100, "all of them");
    crew_put(crew, &numbers[0]);
    crew_free(crew);
    ok(numbers[0] == 2, "freeing waits for the job in hand");
}

int main(void)
{
    jobs_come_back_in_order();
    return tap_done();
}

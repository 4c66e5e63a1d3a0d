#include "base/task.h"

#include "tests/tap.h"

static void add(void *context, void *job)
{
    int *sum = context;

    *sum += *(int *)job;
    *(int *)job = -1;
}

static void jobs_come_back_done(void)
{
    struct task *task = NULL;
    struct error err;
    int sum = 0, jobs[100], i;

    if (!ok(task_new(&task, add, &sum, &err), "a thread starts"))
        return;
    ok(!task_take(task), "nothing in hand, nothing back");
    for (i = 0; i < 100; i++) {
        jobs[i] = i;
        task_start(task, &jobs[i]);
        if (task_take(task) != &jobs[i] || jobs[i] != -1)
            break;
    }
    is_int(i, 100, "each job comes back done");
    is_int(sum, 99 * 100 / 2, "every one was done once");
    jobs[0] = 7;
    task_start(task, &jobs[0]);
    task_free(task);
    is_int(jobs[0], -1, "the last one is waited for");
    task_free(NULL);
}

int main(void)
{
    jobs_come_back_done();
    return tap_done();
}

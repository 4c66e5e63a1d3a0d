#include "base/thread_pool.h"

#include <pthread.h>
#include <string.h>

#include "tests/tap.h"

/* What the jobs of a test have seen, and a gate that holds them. */
struct scene {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool open;
    int begun, ended, waiting, done;
    int order[100];
    int told_to_stop;
    struct thread_pool *pool;
};

struct job {
    struct scene *scene;
    int number;
};

static void scene_init(struct scene *s, bool open)
{
    memset(s, 0, sizeof(*s));
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->moved, NULL);
    s->open = open;
}

static void scene_release(struct scene *s)
{
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->moved);
}

static void *begin(void *context)
{
    struct scene *s = context;

    pthread_mutex_lock(&s->lock);
    s->begun++;
    pthread_mutex_unlock(&s->lock);
    return s;
}

static void end(void *own)
{
    struct scene *s = own;

    pthread_mutex_lock(&s->lock);
    s->ended++;
    pthread_mutex_unlock(&s->lock);
}

static void run(void *context, void *own, void *job)
{
    struct scene *s = context;
    struct job *j = job;

    pthread_mutex_lock(&s->lock);
    s->waiting++;
    pthread_cond_broadcast(&s->moved);
    while (!s->open)
        pthread_cond_wait(&s->moved, &s->lock);
    s->waiting--;
    if (own == context && j->scene == s)
        s->order[s->done++ % 100] = j->number;
    s->told_to_stop += flag_is_set(thread_pool_stop(s->pool));
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
}

static bool open_pool(struct scene *s, size_t threads, size_t waiting)
{
    struct thread_pool_settings settings = { .threads = threads,
                                             .waiting = waiting,
                                             .job_size = sizeof(struct job),
                                             .run = run,
                                             .begin = begin,
                                             .end = end,
                                             .context = s };
    struct error err;

    return thread_pool_open(&s->pool, &settings, &err);
}

static bool put(struct scene *s, int number)
{
    struct job job = { s, number };

    return thread_pool_put(s->pool, &job);
}

static void wait_till(struct scene *s, const int *count, int want)
{
    pthread_mutex_lock(&s->lock);
    while (*count != want)
        pthread_cond_wait(&s->moved, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static void open_gate(struct scene *s)
{
    pthread_mutex_lock(&s->lock);
    s->open = true;
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&s->lock);
}

static void one_thread_works_in_order(void)
{
    struct scene s;
    bool in_order = true, taken = true;
    int i;

    scene_init(&s, true);
    ok(open_pool(&s, 1, 100), "a thread");
    for (i = 0; i < 100; i++)
        taken = taken && put(&s, i);
    ok(taken, "100 jobs find room");
    wait_till(&s, &s.done, 100);
    for (i = 0; i < 100; i++)
        in_order = in_order && s.order[i] == i;
    ok(in_order, "each is done, in its turn");
    ok(!flag_is_set(thread_pool_stop(s.pool)), "nobody is told to stop");
    thread_pool_close(s.pool);
    ok(s.begun == 1 && s.ended == 1, "its own was made and ended");
    scene_release(&s);
}

static void several_work_at_once_and_no_more_wait_than_may(void)
{
    struct scene s;
    int i, taken = 0;

    scene_init(&s, false);
    ok(open_pool(&s, 3, 4), "three threads, four places");
    for (i = 0; i < 3; i++) {
        taken += put(&s, i);
        wait_till(&s, &s.waiting, i + 1);
    }
    is_int(taken, 3, "three are worked at, at once");
    for (i = 0; i < 10; i++)
        taken += put(&s, i);
    is_int(taken, 7, "four wait, the others find no room");
    open_gate(&s);
    wait_till(&s, &s.done, 7);
    ok(put(&s, 7), "then there is room again");
    thread_pool_close(s.pool);
    is_int(s.done, 8, "what was taken is done, the last one too");
    is_int(s.ended, 3, "each thread ends what it has");
    scene_release(&s);
}

static void *close_it(void *context)
{
    struct scene *s = context;

    thread_pool_close(s->pool);
    return NULL;
}

static void closing_tells_those_who_work_and_wait(void)
{
    struct scene s;
    pthread_t closer;
    int i;

    scene_init(&s, false);
    ok(open_pool(&s, 1, 10), "a thread that is held");
    for (i = 0; i < 5; i++)
        (void)!put(&s, i);
    wait_till(&s, &s.waiting, 1);
    if (pthread_create(&closer, NULL, close_it, &s) != 0)
        return;
    while (!flag_is_set(thread_pool_stop(s.pool)))
        ; /* till the closing has begun */
    ok(!put(&s, 9), "nothing more is taken");
    open_gate(&s);
    pthread_join(closer, NULL);
    ok(s.done == 5 && s.told_to_stop == 5, "five are run, and told to stop");
    scene_release(&s);
}

int main(void)
{
    one_thread_works_in_order();
    several_work_at_once_and_no_more_wait_than_may();
    closing_tells_those_who_work_and_wait();
    thread_pool_close(NULL);
    return tap_done();
}

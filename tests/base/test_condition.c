#include "base/condition.h"
#include "tests/tap.h"

struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t come;
    bool is_here;
};

static void *come(void *context)
{
    struct meeting *m = context;

    pthread_mutex_lock(&m->lock);
    m->is_here = true;
    pthread_cond_signal(&m->come);
    pthread_mutex_unlock(&m->lock);
    return NULL;
}

static void a_wait_ends_without_a_signal(struct meeting *m)
{
    static const double limits[] = { 0.01, 0, -1 };
    size_t i;

    pthread_mutex_lock(&m->lock);
    for (i = 0; i < ARRAY_LEN(limits); i++) {
        /* Until it wakes for no other reason than its time. */
        while (condition_wait(&m->come, &m->lock, limits[i]))
            ;
        ok(!m->is_here, "%g seconds end", limits[i]);
    }
    pthread_mutex_unlock(&m->lock);
}

static void a_signal_ends_the_longest_wait(struct meeting *m)
{
    pthread_t other;
    bool in_time = true;

    pthread_mutex_lock(&m->lock);
    if (!ok(pthread_create(&other, NULL, come, m) == 0, "a thread")) {
        pthread_mutex_unlock(&m->lock);
        return;
    }
    while (in_time && !m->is_here)
        in_time = condition_wait(&m->come, &m->lock, 1e18);
    pthread_mutex_unlock(&m->lock);
    ok(m->is_here && in_time, "the signal came, and no limit");
    pthread_join(other, NULL);
}

int main(void)
{
    struct meeting m = { .is_here = false };

    pthread_mutex_init(&m.lock, NULL);
    condition_init(&m.come);
    a_wait_ends_without_a_signal(&m);
    a_signal_ends_the_longest_wait(&m);
    pthread_cond_destroy(&m.come);
    pthread_mutex_destroy(&m.lock);
    return tap_done();
}

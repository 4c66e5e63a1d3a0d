#include "base/thread_pool.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

struct thread_pool {
    struct thread_pool_settings s;
    pthread_t *threads; /* owned */
    size_t thread_count;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    volatile bool stop;
    char *ring; /* owned; of jobs */
    size_t first, count;
};

static char *job_at(const struct thread_pool *p, size_t i)
{
    return p->ring + (p->first + i) % p->s.waiting * p->s.job_size;
}

/* Sleeps till there is one.  False = it is to end. */
static bool take(struct thread_pool *p, void *job)
{
    bool found;

    pthread_mutex_lock(&p->lock);
    while (!p->count && !flag_is_set(&p->stop))
        pthread_cond_wait(&p->wake, &p->lock);
    found = p->count > 0;
    if (found) {
        memcpy(job, job_at(p, 0), p->s.job_size);
        p->first = (p->first + 1) % p->s.waiting;
        p->count--;
    }
    pthread_mutex_unlock(&p->lock);
    return found;
}

static void *work(void *context)
{
    struct thread_pool *p = context;
    void *own = p->s.begin ? p->s.begin(p->s.context) : NULL;
    _Alignas(max_align_t) char job[THREAD_POOL_JOB];

    while (take(p, job))
        p->s.run(p->s.context, own, job);
    if (p->s.end)
        p->s.end(own);
    return NULL;
}

bool thread_pool_put(struct thread_pool *p, const void *job)
{
    bool room;

    pthread_mutex_lock(&p->lock);
    room = p->count < p->s.waiting && !flag_is_set(&p->stop);
    if (room) {
        memcpy(job_at(p, p->count++), job, p->s.job_size);
        pthread_cond_signal(&p->wake);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

const volatile bool *thread_pool_stop(const struct thread_pool *p)
{
    return &p->stop;
}

bool thread_pool_open(struct thread_pool **out,
                      const struct thread_pool_settings *settings,
                      struct error *err)
{
    struct thread_pool *p = calloc(1, sizeof(*p));

    *out = p;
    if (!p)
        return error_memory(err);
    assert(settings->job_size <= THREAD_POOL_JOB && settings->waiting > 0);
    p->s = *settings;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    p->ring = calloc(p->s.waiting, p->s.job_size);
    p->threads = calloc(p->s.threads, sizeof(*p->threads));
    if (!p->ring || !p->threads)
        return error_memory(err);
    for (; p->thread_count < p->s.threads; p->thread_count++)
        if (pthread_create(&p->threads[p->thread_count], NULL, work, p) != 0)
            return error_set(err, ERROR_RETRY, "cannot start another thread");
    return true;
}

void thread_pool_close(struct thread_pool *p)
{
    size_t i;

    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    flag_set(&p->stop, true);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (i = 0; i < p->thread_count; i++)
        pthread_join(p->threads[i], NULL);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->wake);
    free(p->threads);
    free(p->ring);
    free(p);
}

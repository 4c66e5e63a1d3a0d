/*
 * thread_pool.h -- some threads that do the jobs handed to them, first come,
 * first served.
 *
 * For what must not hold up who hands it over: thread_pool_put() never waits.
 * A job is a few bytes, copied; so many may wait and no more.  Each that was
 * taken is run, also while the pool is closed: *thread_pool_stop() tells it
 * then to end soon.  (crew.h gives jobs back in their order.)
 */
#ifndef BASE_THREAD_POOL_H
#define BASE_THREAD_POOL_H

#include "base/error.h"

#define THREAD_POOL_JOB 64 /* bytes of a job, at most */

struct thread_pool;

struct thread_pool_settings {
    size_t threads;
    size_t waiting;  /* jobs */
    size_t job_size; /* bytes */
    /* own: the thread's, job: its to change, till run returns. */
    void (*run)(void *context, void *own, void *job);
    /* What each thread has for itself; both NULL = nothing. */
    void *(*begin)(void *context);
    void (*end)(void *own);
    void *context; /* borrowed */
};

MUST_CHECK bool thread_pool_open(struct thread_pool **pool,
                                 const struct thread_pool_settings *settings,
                                 struct error *err);
/* False: too many wait, or it is being closed. */
MUST_CHECK bool thread_pool_put(struct thread_pool *pool, const void *job);
/* Set when it is being closed; valid till then. */
const volatile bool *thread_pool_stop(const struct thread_pool *pool);
/* Runs what waits, and ends the threads; NULL is fine. */
void thread_pool_close(struct thread_pool *pool);

#endif

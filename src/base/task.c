#include "base/task.h"

#include <pthread.h>

struct task {
    task_function *run; /* static */
    void *context;      /* borrowed */
    void *job;          /* borrowed: the one in hand */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    bool at_work, quit;
};

static void *work(void *self)
{
    struct task *t = self;

    pthread_mutex_lock(&t->lock);
    while (!t->quit) {
        if (!t->at_work) {
            pthread_cond_wait(&t->change, &t->lock);
            continue;
        }
        pthread_mutex_unlock(&t->lock);
        t->run(t->context, t->job);
        pthread_mutex_lock(&t->lock);
        t->at_work = false;
        pthread_cond_broadcast(&t->change);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

bool task_new(struct task **task, task_function *run, void *context,
              struct error *err)
{
    struct task *t = calloc(1, sizeof(*t));

    *task = NULL;
    if (!t)
        return error_memory(err);
    t->run = run;
    t->context = context;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->change, NULL);
    if (pthread_create(&t->thread, NULL, work, t) != 0) {
        free(t);
        return error_set(err, ERROR_RETRY, "no thread can be started");
    }
    *task = t;
    return true;
}

void task_free(struct task *t)
{
    if (!t)
        return;
    (void)task_take(t);
    pthread_mutex_lock(&t->lock);
    t->quit = true;
    pthread_cond_broadcast(&t->change);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->change);
    free(t);
}

void task_start(struct task *t, void *job)
{
    pthread_mutex_lock(&t->lock);
    t->job = job;
    t->at_work = true;
    pthread_cond_broadcast(&t->change);
    pthread_mutex_unlock(&t->lock);
}

void *task_take(struct task *t)
{
    void *job;

    pthread_mutex_lock(&t->lock);
    while (t->at_work)
        pthread_cond_wait(&t->change, &t->lock);
    job = t->job;
    t->job = NULL;
    pthread_mutex_unlock(&t->lock);
    return job;
}

#include "base/crew.h"

#include <unistd.h>

struct crew {
    struct task *tasks[CREW_MOST]; /* owned */
    size_t size;
    uint64_t put, taken; /* jobs, so far */
};

static size_t processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n > 1 ? (size_t)n : 1;
}

bool crew_new(struct crew **out, size_t most, task_function *run, void *context,
              struct error *err)
{
    struct crew *crew = calloc(1, sizeof(*crew));
    size_t wanted = processors();

    *out = NULL;
    if (!crew)
        return error_memory(err);
    if (wanted > most)
        wanted = most;
    if (wanted > CREW_MOST)
        wanted = CREW_MOST;
    for (; crew->size < wanted; crew->size++)
        if (!task_new(&crew->tasks[crew->size], run, context, err)) {
            crew_free(crew);
            return false;
        }
    *out = crew;
    return true;
}

void crew_free(struct crew *crew)
{
    if (!crew)
        return;
    while (crew->size)
        task_free(crew->tasks[--crew->size]);
    free(crew);
}

size_t crew_size(const struct crew *crew)
{
    return crew->size;
}

bool crew_is_full(const struct crew *crew)
{
    return crew->put - crew->taken == crew->size;
}

bool crew_is_idle(const struct crew *crew)
{
    return crew->put == crew->taken;
}

void crew_put(struct crew *crew, void *job)
{
    task_start(crew->tasks[crew->put++ % crew->size], job);
}

void *crew_take(struct crew *crew)
{
    if (crew_is_idle(crew))
        return NULL;
    return task_take(crew->tasks[crew->taken++ % crew->size]);
}

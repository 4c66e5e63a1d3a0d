/*
 * crew.h -- several threads (task.h); jobs are taken back in the order in
 * which they were handed over.
 *
 * One more job than there are threads keeps all of them busy: while the
 * oldest is taken back and another filled, the others work.
 */
#ifndef BASE_CREW_H
#define BASE_CREW_H

#include "base/task.h"

#define CREW_MOST 8

struct crew;

/* As many threads as there are processors, at most `most`. */
MUST_CHECK bool crew_new(struct crew **crew, size_t most, task_function *run,
                         void *context, struct error *err);
/* Waits for the jobs in hand; NULL is fine. */
void crew_free(struct crew *crew);
size_t crew_size(const struct crew *crew);
/* All threads have a job. */
bool crew_is_full(const struct crew *crew);
bool crew_is_idle(const struct crew *crew); /* none has */
/* It may not be full. */
void crew_put(struct crew *crew, void *job);
/* The oldest, once it is done; NULL when there is none. */
void *crew_take(struct crew *crew);

#endif

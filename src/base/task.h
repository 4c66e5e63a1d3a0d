/*
 * task.h -- one thread that does one job at a time, handed over and taken
 * back.
 *
 * A job belongs to the thread from task_start() to task_take(): the caller
 * touches neither it nor what it uses in between.  That is all the
 * synchronisation there is.
 */
#ifndef BASE_TASK_H
#define BASE_TASK_H

#include "base/error.h"

struct task;
typedef void task_function(void *context, void *job);

MUST_CHECK bool task_new(struct task **task, task_function *run, void *context,
                         struct error *err);
/* Waits for the job in hand; NULL is fine. */
void task_free(struct task *task);
/* None may be in hand. */
void task_start(struct task *task, void *job);
/* The job that was handed over, once it is done; NULL when there is none. */
void *task_take(struct task *task);

#endif

/*
 * bench.h -- one line a measurement, as a ratio to a floor of the same run.
 *
 * bench_run() repeats the work until a quarter of a second of processor
 * time has gone by (a busy machine doesn't count), five times, and prints
 * median MB/s (10^6) and, where a floor was named
 * before, how many times the floor's time it takes.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stddef.h>

typedef void bench_work(void *context);

/* The fastest and the slowest run are printed too.  Returns the median's
 * seconds for one call of work, which handles bytes bytes. */
double bench_run(const char *name, bench_work *work, void *context,
                 size_t bytes);

/* Later lines are compared with so many seconds for each byte. */
void bench_floor(const char *name, double seconds, size_t bytes);

void bench_title(const char *title);

/* Keeps a result alive. */
extern volatile size_t bench_sink;

#endif

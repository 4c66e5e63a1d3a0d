#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 5
#define ROUND_SECONDS 0.25

volatile size_t bench_sink;

static double floor_per_byte;
static const char *floor_name = "";

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Asking for the time takes longer than some work: calls are made in
 * lots. */
static double one_round(bench_work *work, void *context)
{
    double start = now();
    double spent = 0;
    size_t calls = 0, lot = 1;

    while (spent < ROUND_SECONDS) {
        size_t i;

        for (i = 0; i < lot; i++)
            work(context);
        calls += lot;
        spent = now() - start;
        if (spent < ROUND_SECONDS / 50)
            lot *= 2;
    }
    return spent / (double)calls;
}

double bench_run(const char *name, bench_work *work, void *context,
                 size_t bytes)
{
    double seconds[ROUNDS];
    double megabytes = (double)bytes / 1e6;
    double median;
    int i;

    work(context);
    for (i = 0; i < ROUNDS; i++)
        seconds[i] = one_round(work, context);
    qsort(seconds, ROUNDS, sizeof(seconds[0]), by_size);
    median = seconds[ROUNDS / 2];
    printf("  %-44s %9.1f MB/s  (%.1f to %.1f)", name, megabytes / median,
           megabytes / seconds[ROUNDS - 1], megabytes / seconds[0]);
    if (floor_per_byte > 0)
        printf("  %.1f x %s", median / ((double)bytes * floor_per_byte),
               floor_name);
    printf("\n");
    return median;
}

void bench_floor(const char *name, double seconds, size_t bytes)
{
    floor_name = name;
    floor_per_byte = bytes ? seconds / (double)bytes : 0;
}

void bench_title(const char *title)
{
    printf("%s\n", title);
}

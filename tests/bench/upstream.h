/*
 * upstream.h -- a fixed answer after a fixed time, in a process of its own.
 */
#ifndef TESTS_BENCH_UPSTREAM_H
#define TESTS_BENCH_UPSTREAM_H

#include <stddef.h>
#include <sys/types.h>

struct upstream {
    pid_t pid;
    char base_url[64];
};

/* Answers with so many bytes of content. */
void upstream_start(struct upstream *u, double latency, size_t content);
void upstream_stop(struct upstream *u);

#endif

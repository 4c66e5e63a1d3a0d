/*
 * progress.h -- how far a batch is, for people.  Pure: time is an argument.
 */
#ifndef SERVER_PROGRESS_H
#define SERVER_PROGRESS_H

#include "server/state.h"

struct served_progress {
    double percent; /* 0 ... 100 */
    double rate;    /* requests a second in this run, 0 = unknown */
    double eta;     /* seconds, -1 = unknown */
    double saved;   /* percent of the input tokens that were cached */
};

struct served_progress progress_of(const struct served_batch *b, double now);

#endif

/*
 * plan.h -- what the waiting records would cost and take, by each way.
 *
 * Pure arithmetic over counted inputs, so that the same figures come from a
 * database's rows and from numbers on the command line.
 */
#ifndef BATCH_PLAN_H
#define BATCH_PLAN_H

#include "batch/price.h"
#include "batch/worker.h"

struct plan_input {
    int64_t records;
    double shared_tokens; /* of each request: system message, schema */
    double text_tokens;   /* of each request, on average */
    double output_low, output_expected, output_high; /* of each answer */
    int64_t sampled;        /* texts counted, 0 = told */
    int64_t answers_known;  /* answers that output_* is taken from */
    double per_minute;      /* realtime requests */
    double per_day;         /* realtime requests, 0 = no limit */
    double local_rate;      /* records a second at a model of one's own */
    int64_t enqueued_limit; /* tokens in flight, 0 = none known */
    double enqueued_share;  /* of it that is used, 0 = the usual */
    int64_t batch_size;     /* records in one batch at most, 0 = no limit */
};

enum plan_way { PLAN_BATCH, PLAN_REALTIME, PLAN_DAILY, PLAN_LOCAL, PLAN_WAYS };
extern const char *const plan_way_names[PLAN_WAYS];

struct plan_row {
    bool possible; /* the figures needed for it are known */
    bool priced;
    double low, expected, high;       /* money */
    double seconds_low, seconds_high; /* < 0 = not known */
};

struct plan {
    double input_tokens, output_tokens; /* in all, expected */
    int64_t waves;        /* rounds under the limit; 0 = no limit known */
    int64_t wave_records; /* of one round at most */
    int64_t batches;      /* that all waves are split into */
    struct plan_row rows[PLAN_WAYS];
};

void plan_make(const struct plan_input *in, const struct prices *prices,
               const char *model, struct plan *out);

/* Fills what the database can tell: records, tokens, answers so far. */
MUST_CHECK bool plan_look(struct worker *w, struct plan_input *in,
                          struct error *err);
/* The same of other records: by these statements. */
MUST_CHECK bool plan_look_at(struct worker *w, const char *count_statement,
                             const char *sample_statement,
                             struct plan_input *in, struct error *err);

#endif

/*
 * wave.h -- how much may be sent now: pure, time is told.
 *
 * A provider lets so many prompt tokens wait at once (a model's "enqueued
 * tokens") and so many batches be open.  Kept under a share of that, 90 %
 * unless told otherwise; the next batch goes as soon as there is room for
 * it, not when all have ended (one_by_one: when all have).  What is decided
 * comes from the batches on record alone, so that it survives restarts and
 * several workers share one limit.
 *
 * Learned: a refusal that names the limit (token_limit_exceeded) sets it;
 * one that names none halves what was tried.  One that comes although there
 * was room means that the provider still counts what has ended: such tokens
 * are held as used for longer, twice what was tried and more, from 5 minutes
 * on (users report hours: community.openai.com/t/1027303).  Where nothing
 * has ended, it counts more than we do, and what was tried is the limit.  No
 * more than three batches are on trial at once, after a refusal one.
 *
 * A gap that is too small for a whole batch is filled with a smaller one
 * where that saves a round, and not for a few records.
 *
 * A wave is what fits under the limit together; names say which
 * ("wave01_batch001_20260131T235959Z").
 */
#ifndef BATCH_WAVE_H
#define BATCH_WAVE_H

#include "base/base.h"

#define WAVE_NAME 64

struct wave_rules {
    int64_t tokens;  /* enqueued-token limit by the settings, 0 = none told */
    double share;    /* of it that may be used, 0..1 */
    int64_t jobs;    /* open batches at once, 0 = no limit */
    bool one_by_one; /* the next wave only when the last has ended */
    double run_ago;  /* seconds since the run began: waves count from there */
};

/* A batch of the last days at the same account and model. */
struct wave_batch {
    int64_t tokens, requests;
    double sent_ago;      /* seconds; < 0 = not sent yet */
    double ended_ago;     /* < 0 = not ended */
    bool refused;         /* over the limit: it never ran */
    bool on_trial;        /* sent, and not known to be taken */
    double held;          /* refused at the door: not to be sent for so long */
    int64_t told;         /* the limit that the refusal named, 0 = none */
    int64_t wave, number; /* 0 = not named */
};

struct wave_state {
    int64_t limit;  /* 0 = none known */
    int64_t budget; /* the share of it */
    int64_t in_use; /* tokens that the provider counts, as far as we know */
    int64_t open;   /* batches */
    int64_t on_trial, trials; /* batches not known to be taken; the most */
    double lag;               /* so long it counts what has ended */
    double wait;              /* seconds in which nothing may be sent */
    int64_t refused;
    double per_request;   /* tokens of one, on average; 0 = not known */
    int64_t wave, number; /* of the batch sent last, 0 = none in this run */
    int64_t wave_tokens;  /* of that wave so far */
    bool draining;        /* one_by_one: it has begun to end */
};

/* batches: newest first. */
void wave_look(const struct wave_rules *rules, const struct wave_batch *batches,
               size_t count, struct wave_state *out);

/* May a batch of so many tokens go now?  *wait: else when to ask again, 0 =
 * when a batch has ended. */
bool wave_has_room(const struct wave_rules *rules, const struct wave_state *s,
                   int64_t tokens, double *wait);

/* How many of the waiting records to put into the next batch; 0 = none now. */
int64_t wave_next_size(const struct wave_rules *rules,
                       const struct wave_state *s, int64_t batch_size,
                       int64_t waiting);

/* Which wave a batch of so many tokens belongs to, and its number there. */
void wave_place(const struct wave_rules *rules, const struct wave_state *s,
                int64_t tokens, int64_t *wave, int64_t *number);

/* "wave01_batch001_20260131T235959Z"; time is Unix time. */
void wave_name(int64_t wave, int64_t number, double time, char out[WAVE_NAME]);
/* Both 0: it is no such name. */
void wave_name_read(const char *name, int64_t *wave, int64_t *number);

#endif

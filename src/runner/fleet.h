/*
 * fleet.h -- the endpoints that several runs share.
 *
 * What one endpoint bears (adapt.h), its health and the rate limits are one
 * truth for all runs.  Each run has a seat: its share of an endpoint goes by
 * its weight among the runs that have something to send, and is one request
 * at least, so that nobody starves; what nobody else wants is anybody's.
 * Where an endpoint bears fewer requests than there are runs, they take
 * turns, a second each.
 *
 * Safe from several threads.
 */
#ifndef RUNNER_FLEET_H
#define RUNNER_FLEET_H

#include "base/clock.h"
#include "runner/endpoint.h"
#include "runner/limits.h"

struct fleet;
struct seat;

struct fleet_settings {
    const char *urls; /* separated by commas */
    int64_t concurrency;
    double slow, patience; /* endpoint.h */
    int64_t requests_per_minute, tokens_per_minute, requests_per_day;
    double delay;
    double day_offset; /* seconds that the place of the day is ahead of UTC */
};

/* clock is borrowed. */
MUST_CHECK bool fleet_open(struct fleet **f, const struct fleet_settings *s,
                           struct clock *clock, struct error *err);
/* After the last seat was left. */
void fleet_close(struct fleet *f);

size_t fleet_count(const struct fleet *f);
const char *fleet_base(const struct fleet *f, size_t i); /* ".../v1" */
size_t fleet_index(const struct fleet *f, const struct endpoint *e);

/* For people. */
struct fleet_state {
    int64_t flying, room;
    bool troubled;
};
void fleet_look(struct fleet *f, size_t i, struct fleet_state *out);
/* Somebody else found out that it answers. */
void fleet_is_well(struct fleet *f, size_t i);

MUST_CHECK bool fleet_join(struct fleet *f, double weight, struct seat **seat,
                           struct error *err);
/* What it has in flight is over. */
void fleet_leave(struct seat *seat);
/* Whether it has anything to send; a new one has. */
void seat_wants(struct seat *seat, bool wants);

/* endpoint.h, for one seat; among: a bit an endpoint. */
struct endpoint *seat_pick(struct seat *seat, uint64_t among, int64_t group,
                           double now, double *wait);
/* A number that tells later whether the request had company, 0 = it has. */
uint64_t seat_sent(struct seat *seat, struct endpoint *e, struct flight *f,
                   int64_t group, double now);
void seat_landed(struct seat *seat, struct endpoint *e, const struct flight *f);
bool seat_hopeless(struct seat *seat, uint64_t among, double now,
                   struct error *err);
/* Whether other requests were in flight beside that one at any time. */
bool seat_was_shared(struct seat *seat, const struct endpoint *e,
                     uint64_t number);

/* An answer came. */
void seat_answered(struct seat *seat, struct endpoint *e, double sent,
                   double now);
void seat_well(struct seat *seat, struct endpoint *e);
void seat_overload(struct seat *seat, struct endpoint *e, double sent,
                   double now);
void seat_trouble(struct seat *seat, struct endpoint *e, enum trouble trouble,
                  size_t request, double now, double retry_after, double spread,
                  const struct error *why);

/* Its headers say that nothing more may come for so long. */
void seat_spent(struct seat *seat, struct endpoint *e, double until);

/* limits.h */
double seat_limited(struct seat *seat, double now, double time, double tokens,
                    const char **why);
void seat_take(struct seat *seat, double now, double time, double tokens);
void seat_correct(struct seat *seat, double now, double tokens, double used);
/* The day's count, to be noted. */
void fleet_today(struct fleet *f, int64_t *day, int64_t *count);
void fleet_set_today(struct fleet *f, int64_t day, int64_t count);

#endif

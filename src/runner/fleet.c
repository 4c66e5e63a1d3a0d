#include "runner/fleet.h"

#include <math.h>
#include <pthread.h>

struct seat {
    struct fleet *fleet;
    double weight;
    bool wants;
    int64_t number;
    int64_t flying[ENDPOINTS_MOST];
    struct seat *next;
};

struct fleet {
    pthread_mutex_t lock;
    struct endpoints endpoints;
    struct limits limits;
    struct seat *seats; /* of all runs; the oldest first */
    int64_t numbers;
    const struct seat *primes[ENDPOINTS_MOST]; /* whose request is alone */
};

bool fleet_open(struct fleet **out, const struct fleet_settings *s,
                struct clock *clock, struct error *err)
{
    struct fleet *f = calloc(1, sizeof(*f));

    *out = f;
    if (!f)
        return error_memory(err);
    pthread_mutex_init(&f->lock, NULL);
    limits_init(&f->limits, s->requests_per_minute, s->tokens_per_minute,
                s->requests_per_day, clock->monotonic(clock),
                clock->now(clock) + s->day_offset);
    f->limits.spacing = s->delay;
    return endpoints_open(&f->endpoints, s->urls, s->concurrency, s->slow,
                          s->patience, err);
}

void fleet_close(struct fleet *f)
{
    if (!f)
        return;
    endpoints_close(&f->endpoints);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

size_t fleet_count(const struct fleet *f)
{
    return f->endpoints.count;
}

const char *fleet_base(const struct fleet *f, size_t i)
{
    return f->endpoints.list[i].base;
}

size_t fleet_index(const struct fleet *f, const struct endpoint *e)
{
    return (size_t)(e - f->endpoints.list);
}

void fleet_look(struct fleet *f, size_t i, struct fleet_state *out)
{
    const struct endpoint *e = &f->endpoints.list[i];

    pthread_mutex_lock(&f->lock);
    out->flying = e->flying;
    out->room = endpoint_room(e);
    out->troubled = e->trouble != TROUBLE_NONE;
    pthread_mutex_unlock(&f->lock);
}

void fleet_is_well(struct fleet *f, size_t i)
{
    struct endpoint *e = &f->endpoints.list[i];

    pthread_mutex_lock(&f->lock);
    /* Only what concerns reaching it: a list of models is no answer. */
    if (e->trouble == TROUBLE_DOWN)
        endpoint_well(e);
    pthread_mutex_unlock(&f->lock);
}

/* -- seats -- */

bool fleet_join(struct fleet *f, double weight, struct seat **out,
                struct error *err)
{
    struct seat *seat = calloc(1, sizeof(*seat)), **link;

    *out = seat;
    if (!seat)
        return error_memory(err);
    seat->fleet = f;
    seat->weight = weight > 0 ? weight : 1;
    seat->wants = true;
    pthread_mutex_lock(&f->lock);
    seat->number = ++f->numbers & INT32_MAX;
    for (link = &f->seats; *link; link = &(*link)->next)
        ;
    *link = seat;
    pthread_mutex_unlock(&f->lock);
    return true;
}

void fleet_leave(struct seat *seat)
{
    struct fleet *f = seat ? seat->fleet : NULL;
    struct seat **link;
    size_t i;

    if (!seat)
        return;
    pthread_mutex_lock(&f->lock);
    for (link = &f->seats; *link != seat; link = &(*link)->next)
        ;
    *link = seat->next;
    for (i = 0; i < f->endpoints.count; i++) {
        f->endpoints.list[i].flying -= seat->flying[i];
        if (f->primes[i] == seat) {
            f->endpoints.list[i].by = NULL;
            f->primes[i] = NULL;
        }
    }
    pthread_mutex_unlock(&f->lock);
    free(seat);
}

void seat_wants(struct seat *seat, bool wants)
{
    if (seat->wants == wants)
        return;
    pthread_mutex_lock(&seat->fleet->lock);
    seat->wants = wants;
    pthread_mutex_unlock(&seat->fleet->lock);
}

/* -- shares -- */

/* How many at once the seat may have of `room`, with its neighbours. */
static int64_t share(const struct fleet *f, const struct seat *seat,
                     int64_t room, double now)
{
    const struct seat *one;
    double sum = 0;
    int64_t count = 0, mine = 0, floor_sum = 0, part, turn;

    for (one = f->seats; one; one = one->next)
        if (one->wants || one == seat) {
            mine = one == seat ? count : mine;
            sum += one->weight;
            count++;
        }
    if (count <= 1)
        return room;
    if (room < count) {
        turn = (int64_t)now % count;
        return (mine - turn + count) % count < room;
    }
    for (one = f->seats; one; one = one->next) {
        if (!one->wants && one != seat)
            continue;
        part = (int64_t)((double)(room - count) * one->weight / sum);
        floor_sum += part + 1;
    }
    part = 1 + (int64_t)((double)(room - count) * seat->weight / sum);
    /* What rounding left goes to the first seats, one each. */
    return part + (mine < room - floor_sum);
}

struct endpoint *seat_pick(struct seat *seat, uint64_t among, int64_t group,
                           double now, double *wait)
{
    struct fleet *f = seat->fleet;
    int64_t room[ENDPOINTS_MOST];
    struct endpoint *e;
    size_t i;

    pthread_mutex_lock(&f->lock);
    for (i = 0; i < f->endpoints.count; i++)
        room[i] =
            among >> i & 1
                ? share(f, seat, endpoint_room(&f->endpoints.list[i]), now) -
                      seat->flying[i]
                : 0;
    if (group >= 0)
        group |= seat->number << 32;
    e = endpoints_pick(&f->endpoints, room, group, now, wait);
    pthread_mutex_unlock(&f->lock);
    return e;
}

uint64_t seat_sent(struct seat *seat, struct endpoint *e, struct flight *flight,
                   int64_t group, double now)
{
    struct fleet *f = seat->fleet;
    size_t i = fleet_index(f, e);
    uint64_t number;

    pthread_mutex_lock(&f->lock);
    seat->flying[i]++;
    if (group >= 0)
        group |= seat->number << 32;
    endpoint_sent(e, flight, group, now);
    if (e->by == flight)
        f->primes[i] = seat;
    number = e->flying > 1 ? 0 : e->sent;
    pthread_mutex_unlock(&f->lock);
    return number;
}

void seat_landed(struct seat *seat, struct endpoint *e,
                 const struct flight *flight)
{
    struct fleet *f = seat->fleet;

    pthread_mutex_lock(&f->lock);
    seat->flying[fleet_index(f, e)]--;
    endpoint_landed(e, flight);
    pthread_mutex_unlock(&f->lock);
}

bool seat_was_shared(struct seat *seat, const struct endpoint *e,
                     uint64_t number)
{
    bool shared;

    pthread_mutex_lock(&seat->fleet->lock);
    shared = !number || e->sent != number;
    pthread_mutex_unlock(&seat->fleet->lock);
    return shared;
}

/* -- health -- */

bool seat_hopeless(struct seat *seat, uint64_t among, double now,
                   struct error *err)
{
    bool hopeless;

    pthread_mutex_lock(&seat->fleet->lock);
    hopeless = endpoints_hopeless(&seat->fleet->endpoints, among, now, err);
    pthread_mutex_unlock(&seat->fleet->lock);
    return hopeless;
}

void seat_answered(struct seat *seat, struct endpoint *e, double sent,
                   double now)
{
    pthread_mutex_lock(&seat->fleet->lock);
    adapt_success(&e->adapt, sent, now);
    endpoint_well(e);
    pthread_mutex_unlock(&seat->fleet->lock);
}

void seat_well(struct seat *seat, struct endpoint *e)
{
    pthread_mutex_lock(&seat->fleet->lock);
    endpoint_well(e);
    pthread_mutex_unlock(&seat->fleet->lock);
}

void seat_overload(struct seat *seat, struct endpoint *e, double sent,
                   double now)
{
    pthread_mutex_lock(&seat->fleet->lock);
    adapt_overload(&e->adapt, sent, now);
    pthread_mutex_unlock(&seat->fleet->lock);
}

void seat_trouble(struct seat *seat, struct endpoint *e, enum trouble trouble,
                  size_t request, double now, double retry_after, double spread,
                  const struct error *why)
{
    pthread_mutex_lock(&seat->fleet->lock);
    endpoint_trouble(e, trouble, request, now, retry_after, spread, why);
    pthread_mutex_unlock(&seat->fleet->lock);
}

void seat_spent(struct seat *seat, struct endpoint *e, double until)
{
    pthread_mutex_lock(&seat->fleet->lock);
    if (until > e->spent)
        e->spent = until;
    pthread_mutex_unlock(&seat->fleet->lock);
}

/* -- limits -- */

double seat_limited(struct seat *seat, double now, double time, double tokens,
                    const char **why)
{
    double wait;

    pthread_mutex_lock(&seat->fleet->lock);
    wait = limits_wait_why(&seat->fleet->limits, now, time, tokens, why);
    pthread_mutex_unlock(&seat->fleet->lock);
    return wait;
}

void seat_take(struct seat *seat, double now, double time, double tokens)
{
    pthread_mutex_lock(&seat->fleet->lock);
    limits_take(&seat->fleet->limits, now, time, tokens);
    pthread_mutex_unlock(&seat->fleet->lock);
}

void seat_correct(struct seat *seat, double now, double tokens, double used)
{
    pthread_mutex_lock(&seat->fleet->lock);
    limits_correct(&seat->fleet->limits, now, tokens, used);
    pthread_mutex_unlock(&seat->fleet->lock);
}

void fleet_today(struct fleet *f, int64_t *day, int64_t *count)
{
    pthread_mutex_lock(&f->lock);
    *day = f->limits.day;
    *count = f->limits.today;
    pthread_mutex_unlock(&f->lock);
}

void fleet_set_today(struct fleet *f, int64_t day, int64_t count)
{
    pthread_mutex_lock(&f->lock);
    if (day == f->limits.day && count > f->limits.today)
        f->limits.today = count;
    pthread_mutex_unlock(&f->lock);
}

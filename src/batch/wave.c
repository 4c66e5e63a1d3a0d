#include "batch/wave.h"

#include <math.h>
#include <time.h>

#define FIRST_TRIALS 3  /* batches at once, before a limit is known */
#define FIRST_LAG 300.0 /* seconds */
#define LONGEST_FACTOR 16
#define LONGEST_LAG 21600.0
#define FILL_FROM 0.05   /* a smaller gap than that of the budget is left */
#define FORGET 1209600.0 /* a limit that was learned so long ago */

/* -- what a refusal teaches -- */

static bool was_open_at(const struct wave_batch *b, double ago)
{
    return !b->refused && b->sent_ago >= ago &&
           (b->ended_ago < 0 || b->ended_ago < ago);
}

/* Tokens that were rightly counted when batch number `at` was refused. */
static int64_t used_at(const struct wave_batch *batches, size_t count,
                       size_t at)
{
    int64_t used = 0;
    size_t i;

    for (i = 0; i < count; i++)
        if (i != at && was_open_at(&batches[i], batches[at].sent_ago))
            used += batches[i].tokens;
    return used;
}

/* How long before that moment the batch had ended whose tokens, with those
 * of all that ended later, explain the refusal; < 0 = no such. */
static double lag_behind(const struct wave_batch *batches, size_t count,
                         size_t at, int64_t missing)
{
    double when = batches[at].sent_ago, last = -1;
    size_t i, n, best;

    for (n = 0; n < count && missing > 0; n++) {
        best = count;
        for (i = 0; i < count; i++) {
            double ended = batches[i].ended_ago;

            /* Ended before, later ones first, each once. */
            if (i == at || batches[i].refused || ended < when || ended <= last)
                continue;
            if (best == count || ended < batches[best].ended_ago)
                best = i;
        }
        if (best == count)
            break;
        last = batches[best].ended_ago;
        missing -= batches[best].tokens;
    }
    return missing > 0 ? -1 : last - when;
}

/* Limits of 0 are none. */
static int64_t smaller(int64_t limit, int64_t other)
{
    return limit > 0 && limit < other ? limit : other;
}

static void learn_limit(const struct wave_batch *batches, size_t count,
                        struct wave_state *out)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const struct wave_batch *b = &batches[i];

        if (!b->refused || b->sent_ago > FORGET)
            continue;
        out->refused++;
        if (b->told > 0) {
            out->limit = smaller(out->limit, b->told);
            return; /* the newest word holds */
        }
        if (!out->limit)
            out->limit = (used_at(batches, count, i) + b->tokens) / 2;
    }
}

/* From the oldest refusal on: each too short a lag makes the next step a
 * longer one. */
static void learn_lag(const struct wave_batch *batches, size_t count,
                      struct wave_state *out)
{
    double factor = 1, lag;
    int64_t used, own = 0; /* the limit as we count */
    size_t i;

    for (i = out->limit ? count : 0; i-- > 0;) {
        const struct wave_batch *b = &batches[i];

        used = b->refused ? used_at(batches, count, i) + b->tokens : 0;
        if (!b->refused || b->sent_ago > FORGET || used > out->limit)
            continue;
        lag = lag_behind(batches, count, i, out->limit - used + 1);
        if (lag < 0 || lag > LONGEST_LAG) {
            /* Nothing explains it but that it counts more than we do. */
            own = smaller(own, used);
            continue;
        }
        lag = fmin(fmax(FIRST_LAG, lag * factor), LONGEST_LAG);
        out->lag = fmax(out->lag, lag);
        factor = fmin(2 * factor, LONGEST_FACTOR);
    }
    if (own)
        out->limit = smaller(out->limit, own);
}

/* -- what is out -- */

static bool is_counted(const struct wave_batch *b, const struct wave_state *s)
{
    if (b->refused || b->sent_ago < 0)
        return false;
    return b->ended_ago < 0 || b->ended_ago < s->lag;
}

static void count_open(const struct wave_batch *b, struct wave_state *out)
{
    if (b->sent_ago < 0 || b->ended_ago >= 0)
        return;
    out->open++;
    if (b->on_trial)
        out->on_trial++;
}

static void count_out(const struct wave_batch *batches, size_t count,
                      struct wave_state *out)
{
    int64_t tokens = 0, requests = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        const struct wave_batch *b = &batches[i];

        count_open(b, out);
        if (is_counted(b, out))
            out->in_use += b->tokens;
        out->wait = fmax(out->wait, b->held);
        tokens += b->requests > 0 ? b->tokens : 0;
        requests += b->requests > 0 ? b->requests : 0;
    }
    if (requests > 0)
        out->per_request = (double)tokens / (double)requests;
}

/* The newest batch that was taken later than the newest that was refused:
 * the limits as known hold. */
static int64_t trials_of(const struct wave_batch *batches, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (batches[i].refused && batches[i].sent_ago <= FORGET)
            return 1;
        if (batches[i].sent_ago >= 0 && !batches[i].on_trial)
            break;
    }
    return FIRST_TRIALS;
}

/* -- waves -- */

static bool is_of_wave(const struct wave_batch *b, int64_t wave,
                       const struct wave_rules *rules, bool open)
{
    return b->wave == wave && b->sent_ago >= 0 &&
           (open || b->sent_ago <= rules->run_ago);
}

/* The wave sent last, unless it is another run's and all of it has ended. */
static void find_wave(const struct wave_rules *rules,
                      const struct wave_batch *batches, size_t count,
                      struct wave_state *out)
{
    bool open = out->open > 0;
    int64_t ended = 0;
    size_t i;

    for (i = 0; i < count; i++)
        if (batches[i].wave > out->wave &&
            is_of_wave(&batches[i], batches[i].wave, rules, open))
            out->wave = batches[i].wave;
    for (i = 0; i < count && out->wave; i++) {
        const struct wave_batch *b = &batches[i];

        if (!is_of_wave(b, out->wave, rules, open))
            continue;
        if (b->number > out->number)
            out->number = b->number;
        if (b->refused)
            continue;
        out->wave_tokens += b->tokens;
        ended += b->ended_ago >= 0;
    }
    out->draining = ended > 0 && open;
}

void wave_look(const struct wave_rules *rules, const struct wave_batch *batches,
               size_t count, struct wave_state *out)
{
    memset(out, 0, sizeof(*out));
    out->limit = rules->tokens;
    learn_limit(batches, count, out);
    learn_lag(batches, count, out);
    count_out(batches, count, out);
    out->trials = trials_of(batches, count);
    out->budget = (int64_t)floor((double)out->limit * rules->share);
    find_wave(rules, batches, count, out);
}

/* -- what may go -- */

/* Tokens that fit now; INT64_MAX without a limit. */
static int64_t room_now(const struct wave_rules *rules,
                        const struct wave_state *s)
{
    int64_t used = s->in_use;

    if (!s->budget)
        return INT64_MAX;
    if (rules->one_by_one && s->open > 0 && s->wave_tokens > used)
        used = s->wave_tokens;
    return s->budget > used ? s->budget - used : 0;
}

static bool is_shut(const struct wave_rules *rules, const struct wave_state *s)
{
    return s->wait > 0 || (rules->jobs > 0 && s->open >= rules->jobs) ||
           s->on_trial >= s->trials || (rules->one_by_one && s->draining);
}

bool wave_has_room(const struct wave_rules *rules, const struct wave_state *s,
                   int64_t tokens, double *wait)
{
    *wait = s->wait;
    if (is_shut(rules, s))
        return false;
    /* One that is larger than all that may be goes alone: the provider's
     * word on it is worth more than waiting for ever. */
    return tokens <= room_now(rules, s) || (s->in_use == 0 && s->open == 0);
}

/* Are there fewer rounds to go when the gaps are filled? */
static bool filling_pays(const struct wave_state *s, double whole,
                         int64_t batch_size, int64_t waiting)
{
    double side_by_side = floor((double)s->budget / whole);
    double batches = ceil((double)waiting / (double)batch_size);
    double tokens = (double)waiting * s->per_request;

    return ceil(tokens / (double)s->budget) < ceil(batches / side_by_side);
}

int64_t wave_next_size(const struct wave_rules *rules,
                       const struct wave_state *s, int64_t batch_size,
                       int64_t waiting)
{
    int64_t room = room_now(rules, s), most = batch_size, fits;
    double whole;

    if (waiting < most)
        most = waiting;
    if (is_shut(rules, s))
        return 0;
    if (room == INT64_MAX || s->per_request <= 0)
        return most;
    fits = (int64_t)floor((double)room / s->per_request + 1e-9);
    if (fits >= most)
        return most;
    whole = (double)batch_size * s->per_request;
    /* No whole one ever fits, or each wave is filled to the brim. */
    if (whole > (double)s->budget || rules->one_by_one)
        return fits;
    if ((double)room < FILL_FROM * (double)s->budget ||
        !filling_pays(s, whole, batch_size, waiting))
        return 0;
    return fits;
}

void wave_place(const struct wave_rules *rules, const struct wave_state *s,
                int64_t tokens, int64_t *wave, int64_t *number)
{
    bool full = s->budget > 0 && s->wave_tokens + tokens > s->budget;
    bool over = rules->one_by_one && s->open == 0;

    *wave = s->wave ? s->wave : 1;
    *number = s->number + 1;
    if (!s->wave || (!full && !over))
        return;
    ++*wave;
    *number = 1;
}

void wave_name(int64_t wave, int64_t number, double time, char out[WAVE_NAME])
{
    char when[32] = "";
    time_t t = (time_t)time;
    struct tm tm;

    if (gmtime_r(&t, &tm))
        strftime(when, sizeof(when), "_%Y%m%dT%H%M%SZ", &tm);
    snprintf(out, WAVE_NAME, "wave%02lld_batch%03lld%s", (long long)wave,
             (long long)number, when);
}

void wave_name_read(const char *name, int64_t *wave, int64_t *number)
{
    long long w, n;

    *wave = *number = 0;
    if (sscanf(name, "wave%9lld_batch%9lld", &w, &n) != 2 || w < 1 || n < 1)
        return;
    *wave = w;
    *number = n;
}

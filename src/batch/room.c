#include "batch/room.h"

#include "base/log.h"
#include "batch/store.h"
#include "batch/wave.h"

#define HISTORY 2000
/* A batch that is still being looked at by then is taken as accepted. */
#define LONGEST_TRIAL 900.0
/* Until a room that nothing is known to free is asked about again, at most:
 * what frees it is seen by a look at another batch. */
#define ASK_AGAIN 60.0

struct room {
    struct wave_rules rules;
    struct wave_state state;
};

struct history {
    struct wave_batch *batches; /* owned */
    size_t count;
};

static double ago(const struct db_rows *row, size_t column)
{
    double seconds;

    if (db_rows_is_null(row, column))
        return -1;
    seconds = db_rows_real(row, column);
    return seconds > 0 ? seconds : 0;
}

static const char *word(const struct db_rows *row, size_t column)
{
    const char *text = db_rows_text(row, column, NULL);

    return text ? text : "";
}

static bool is_before_sending(enum batch_status status)
{
    return status < BATCH_CREATING;
}

static void read_times(const struct db_rows *row, enum batch_status status,
                       struct wave_batch *b)
{
    b->sent_ago = ago(row, 7);
    b->ended_ago = ago(row, 8);
    if (is_before_sending(status)) {
        b->sent_ago = b->ended_ago = -1;
        if (strcmp(word(row, 2), "rate_limit") == 0 &&
            !db_rows_is_null(row, 9) && db_rows_real(row, 9) < 0)
            b->held = -db_rows_real(row, 9);
    } else if (b->sent_ago < 0 && status != BATCH_CLOSED) {
        b->sent_ago = 0; /* about to be made, or perhaps made */
    }
}

static bool read_row(void *context, const struct db_rows *row,
                     struct error *err)
{
    struct history *history = context;
    struct wave_batch *b = &history->batches[history->count];
    enum batch_status status;

    (void)err;
    if (history->count >= HISTORY || !batch_status_parse(word(row, 0), &status))
        return true;
    *b = (struct wave_batch){ .tokens = db_rows_integer(row, 4),
                              .requests = db_rows_integer(row, 5) };
    read_times(row, status, b);
    b->refused =
        b->ended_ago >= 0 && strcmp(word(row, 2), "token_limit_exceeded") == 0;
    b->told = b->refused ? db_rows_integer(row, 6) : 0;
    b->on_trial = status == BATCH_CREATING ||
                  (status == BATCH_SUBMITTED && b->sent_ago < LONGEST_TRIAL &&
                   remote_status_of(word(row, 1)) <= REMOTE_VALIDATING);
    wave_name_read(word(row, 3), &b->wave, &b->number);
    history->count++;
    return true;
}

static void set_rules(const struct worker *w, const struct provider *p,
                      struct wave_rules *rules)
{
    const struct batch_settings *s = w->settings.batch;
    const struct provider_settings *own = p->settings;

    *rules = (struct wave_rules){
        .tokens = own->max_enqueued_tokens > 0 ? own->max_enqueued_tokens
                                               : s->max_enqueued_tokens,
        .share = s->enqueued_share,
        .jobs = own->max_jobs > 0 ? own->max_jobs : p->ops->limits.jobs,
        .one_by_one = s->wait_for_waves,
        .run_ago = w->clock->now(w->clock) - w->started,
    };
}

static bool read_history(struct db *db, const struct provider *p,
                         const char *model, const char *key,
                         struct history *history, struct error *err)
{
    const struct db_value values[] = {
        db_integer("count", HISTORY),   db_text("host", p->host),
        db_text("account", p->account), db_text("model", model),
        db_text("key", key ? key : ""),
    };

    history->count = 0;
    history->batches = calloc(HISTORY, sizeof(*history->batches));
    if (!history->batches)
        return error_memory(err);
    return db_each(db, "wave_history", values, ARRAY_LEN(values), read_row,
                   history, NULL, err);
}

/* What holds for the section's account and model now, batch `key` left out
 * (NULL = none). */
static bool read_room(struct worker *w, struct db *db, struct provider *p,
                      const char *model, const char *key, struct room *room,
                      struct error *err)
{
    struct history history = { 0 };
    bool ok;

    memset(room, 0, sizeof(*room));
    set_rules(w, p, &room->rules);
    /* A model of one's own counts no enqueued tokens. */
    if (p->ops->caps & PROVIDER_RUNS_HERE)
        room->rules.tokens = room->rules.jobs = 0;
    ok = read_history(db, p, model, key, &history, err);
    if (ok)
        wave_look(&room->rules, history.batches, history.count, &room->state);
    if (p->ops->caps & PROVIDER_RUNS_HERE)
        room->state.trials = INT64_MAX;
    free(history.batches);
    return ok;
}

bool room_for_claim(struct worker *w, int64_t waiting, int64_t *size,
                    struct error *err)
{
    struct provider *p;
    struct room room;

    *size = 0;
    if (!worker_provider(w, w->settings.section, &p, err) ||
        !read_room(w, w->db, p, p->settings->model ? p->settings->model : "",
                   NULL, &room, err))
        return false;
    *size = wave_next_size(&room.rules, &room.state,
                           w->settings.batch->batch_size, waiting);
    return true;
}

bool room_of_batch(struct worker *w, struct provider *p, const char *model,
                   int64_t *tokens, struct error *err)
{
    struct room room;

    *tokens = 0;
    if (!read_room(w, w->db, p, model, NULL, &room, err))
        return false;
    *tokens = room.state.budget;
    return true;
}

static double next_ask(const struct worker *w, double wait)
{
    double look = w->settings.batch->check_interval;

    if (wait <= 0)
        wait = look < ASK_AGAIN ? look : ASK_AGAIN;
    return wait < ASK_AGAIN ? wait : ASK_AGAIN;
}

bool room_ask(struct worker *w, const struct batch *b, bool *open, double *wait,
              struct error *err)
{
    struct provider *p;
    struct room room;

    if (!worker_provider_of(w, b, &p, err) ||
        !read_room(w, w->db, p, b->model, b->key, &room, err))
        return false;
    *open = wave_has_room(&room.rules, &room.state, b->request_tokens, wait);
    *wait = next_ask(w, *wait);
    return true;
}

static bool no_room(const struct worker *w, const struct batch *b,
                    const struct room *room, double wait, struct error *err)
{
    error_exit(err, ERROR_RETRY, EXIT_RUNNING,
               "batch %s waits for room at the provider: %lld of %lld tokens "
               "are in use by %lld batches",
               b->key, (long long)room->state.in_use,
               (long long)room->state.budget, (long long)room->state.open);
    error_code(err, "room");
    err->retry_after = next_ask(w, wait);
    return false;
}

bool room_reserve(struct worker *w, struct db *db, struct batch *b,
                  struct error *err)
{
    struct provider *p;
    struct room room;
    int64_t wave, number;
    double wait;

    if (!worker_provider_of(w, b, &p, err) ||
        !store_lock(db, "vitae room", err) ||
        !read_room(w, db, p, b->model, b->key, &room, err))
        return false;
    if (!wave_has_room(&room.rules, &room.state, b->request_tokens, &wait))
        return no_room(w, b, &room, wait, err);
    if (!b->wave[0]) {
        wave_place(&room.rules, &room.state, b->request_tokens, &wave, &number);
        wave_name(wave, number, w->clock->now(w->clock), b->wave);
    }
    return true;
}

#include "server/announce.h"

#include <pthread.h>
#include <string.h>

#include "base/log.h"

#define LOOK_EVERY 0.5

struct announcer {
    struct state *st;                       /* borrowed */
    const struct notify_settings *settings; /* borrowed */
    pthread_t thread;
    volatile bool quit;
};

/* One notice, with copies of what it needs. */
struct telling {
    struct served_batch *b; /* stays until the state is closed */
    enum notify_way way;
    char id[STATE_ID + 8], type[32];
    struct strbuf data, subject, text;
    double at;
};

static double now_of(const struct announcer *a)
{
    struct clock *clock = state_clock(a->st);

    return clock->now(clock);
}

/* -- writing -- */

/* subject and text are initialised. */
static void write_news(const struct served_batch *b, struct strbuf *subject,
                       struct strbuf *text)
{
    const char *status = served_status_names[b->status];

    strbuf_addf(subject, "vitae: %s %s, %lld of %lld answered", b->id, status,
                (long long)b->completed, (long long)b->total);
    if (b->failed)
        strbuf_addf(subject, ", %lld failed", (long long)b->failed);
    strbuf_addf(text,
                "The batch %s is %s.\n\n"
                "Requests:       %lld\nAnswered:       %lld\n"
                "Failed:         %lld\n"
                "Took:           %.0f seconds\n"
                "Input tokens:   %lld\nOutput tokens:  %lld\n",
                b->id, status, (long long)b->total, (long long)b->completed,
                (long long)b->failed,
                b->at[b->status] - b->at[SERVED_VALIDATING],
                (long long)b->input_tokens, (long long)b->output_tokens);
    if (b->has_output)
        strbuf_addf(text, "\nAnswers:        GET /v1/files/%s/content\n",
                    b->output);
    if (b->has_errors)
        strbuf_addf(text, "Errors:         GET /v1/files/%s/content\n",
                    b->errors);
}

/* Locked by the caller. */
static void write_telling(struct telling *t)
{
    const struct served_batch *b = t->b;
    struct jsonw w;

    snprintf(t->id, sizeof(t->id), "evt_%s", b->id + strlen("batch_"));
    snprintf(t->type, sizeof(t->type), "batch.%s",
             served_status_names[b->status]);
    t->at = b->at[b->status];
    jsonw_init(&w, &t->data);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "id", b->id);
    jsonw_text(&w, "status", served_status_names[b->status]);
    jsonw_object(&w, "request_counts");
    jsonw_integer(&w, "total", b->total);
    jsonw_integer(&w, "completed", b->completed);
    jsonw_integer(&w, "failed", b->failed);
    jsonw_end_object(&w);
    jsonw_end_object(&w);
    write_news(b, &t->subject, &t->text);
}

/* -- choosing -- */

/* Something that is to be told now; locked by the caller. */
static bool find(struct announcer *a, double now, struct telling *t)
{
    struct served_batch *b;
    size_t i;
    int way;

    for (i = 0; i < state_batch_count(a->st); i++) {
        b = state_batch_at(a->st, i);
        if (!b->untold || !served_is_final(b->status))
            continue;
        for (way = 0; way < NOTIFY_WAYS; way++)
            if (b->untold >> way & 1 && now >= b->tell_at[way] &&
                notify_wants(a->settings, (enum notify_way)way)) {
                t->b = b;
                t->way = (enum notify_way)way;
                return true;
            }
    }
    return false;
}

/* What became of it. */
static void note(struct announcer *a, const struct telling *t, bool ok,
                 const struct error *why)
{
    struct served_batch *b = t->b;
    struct error err;
    double delay = -1;

    state_lock(a->st);
    if (!ok && why->kind == ERROR_RETRY)
        delay = notify_delay(++b->tell_tries[t->way]);
    if (delay >= 0)
        b->tell_at[t->way] = now_of(a) + delay;
    else
        b->untold &= ~((int64_t)1 << t->way);
    state_unlock(a->st);
    if (ok)
        log_info("told", "batch=%s way=%s event=%s", b->id,
                 notify_way_names[t->way], t->type);
    else
        log_warn(delay >= 0 ? "telling_failed" : "telling_given_up",
                 "batch=%s way=%s reason=%s", b->id, notify_way_names[t->way],
                 why->message);
    if (delay < 0 && !state_save_batch(a->st, b, &err))
        log_failure("batch_not_saved", "batch=%s reason=%s", b->id,
                    err.message);
}

static bool tell_one(struct announcer *a)
{
    struct telling t = { 0 };
    struct notice notice;
    struct error err;
    bool found, ok;

    strbuf_init(&t.data, 64 * KIB);
    strbuf_init(&t.subject, 4 * KIB);
    strbuf_init(&t.text, 64 * KIB);
    state_lock(a->st);
    found = find(a, now_of(a), &t);
    if (found)
        write_telling(&t);
    state_unlock(a->st);
    if (found) {
        notice = (struct notice){ t.id,        t.type,         t.at,
                                  t.data.data, t.subject.data, t.text.data };
        ok =
            notify_send(a->settings, t.way, &notice, now_of(a), &a->quit, &err);
        if (ok || !flag_is_set(&a->quit))
            note(a, &t, ok, &err);
    }
    strbuf_release(&t.data);
    strbuf_release(&t.subject);
    strbuf_release(&t.text);
    return found;
}

static void *announce(void *context)
{
    struct announcer *a = context;
    struct clock *clock = state_clock(a->st);

    while (!flag_is_set(&a->quit))
        if (!tell_one(a))
            clock->sleep(clock, LOOK_EVERY, &a->quit);
    return NULL;
}

bool announcer_open(struct announcer **out, struct state *st,
                    const struct notify_settings *settings, struct error *err)
{
    struct announcer *a;
    unsigned ways = 0;
    int way;

    *out = NULL;
    if (!notify_check(settings, err))
        return false;
    for (way = 0; way < NOTIFY_WAYS; way++)
        if (notify_wants(settings, (enum notify_way)way))
            ways |= 1u << way;
    state_set_ways(st, ways);
    if (!ways)
        return true;
    a = calloc(1, sizeof(*a));
    if (!a)
        return error_memory(err);
    a->st = st;
    a->settings = settings;
    if (pthread_create(&a->thread, NULL, announce, a) != 0) {
        free(a);
        return error_set(err, ERROR_RETRY, "cannot start another thread");
    }
    *out = a;
    return true;
}

void announcer_close(struct announcer *a)
{
    if (!a)
        return;
    flag_set(&a->quit, true);
    pthread_join(a->thread, NULL);
    free(a);
}

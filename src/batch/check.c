#include "batch/check.h"

#include <pthread.h>

#include "base/digest.h"

#define CONTENTS_CEILING (128 * MIB)
#define TEXTS_CEILING (256 * MIB)

bool chunk_init(struct chunk *c, struct worker *w, struct batch *b,
                struct items *items, struct error *err)
{
    memset(c, 0, sizeof(*c));
    strbuf_init(&c->contents, CONTENTS_CEILING);
    strbuf_init(&c->texts, TEXTS_CEILING);
    c->list = calloc(CHUNK_ANSWERS, sizeof(*c->list));
    if (!c->list)
        return error_memory(err);
    return writeback_new(&c->wb, w, b, items, err);
}

void chunk_release(struct chunk *c)
{
    writeback_free(c->wb);
    strbuf_release(&c->contents);
    strbuf_release(&c->texts);
    free(c->list);
    c->wb = NULL;
    c->list = NULL;
}

struct checker {
    struct worker *w; /* borrowed: only its values are used */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
    struct chunk *chunk; /* borrowed: the one in hand */
    double now;
    bool at_work, quit;
};

static void set_outcome(struct waiting *v, const char *code, const char *detail,
                        bool our_try)
{
    snprintf(v->code, sizeof(v->code), "%s", code);
    snprintf(v->detail, sizeof(v->detail), "%s", detail);
    v->our_try = our_try;
}

static bool text_changed(const struct waiting *v, const char *text)
{
    char hex[DIGEST_HEX];

    digest_of(text, v->text_len, hex);
    return strncmp(hex, v->item->hash, 32) != 0;
}

static bool check_answer(struct checker *k, struct chunk *c, struct waiting *v,
                         struct error *err)
{
    const char *text = c->texts.data + v->text;
    enum values_outcome outcome;
    char detail[256] = "";

    v->code[0] = '\0';
    if (!v->has_text) {
        set_outcome(v, "gone", "the record is gone", true);
        return true;
    }
    if (text_changed(v, text)) {
        set_outcome(v, "text_changed", "the record's text changed meanwhile",
                    false);
        return true;
    }
    if (!values_read(k->w->values, c->contents.data + v->content, v->len, text,
                     v->text_len, k->now, &outcome, detail, err))
        return false;
    if (outcome != VALUES_OK && outcome != VALUES_REPAIRED) {
        set_outcome(v, values_outcome_names[outcome], detail, true);
        return true;
    }
    return writeback_add(c->wb, v->item, err);
}

static void check_chunk(struct checker *k, struct chunk *c)
{
    size_t i;

    c->ok = true;
    for (i = 0; c->ok && i < c->count; i++)
        c->ok = check_answer(k, c, &c->list[i], &c->err);
}

static void *run(void *context)
{
    struct checker *k = context;

    pthread_mutex_lock(&k->lock);
    while (!k->quit) {
        if (!k->at_work) {
            pthread_cond_wait(&k->change, &k->lock);
            continue;
        }
        pthread_mutex_unlock(&k->lock);
        check_chunk(k, k->chunk);
        pthread_mutex_lock(&k->lock);
        k->at_work = false;
        pthread_cond_broadcast(&k->change);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

bool checker_new(struct checker **checker, struct worker *w, struct error *err)
{
    struct checker *k = calloc(1, sizeof(*k));

    *checker = NULL;
    if (!k)
        return error_memory(err);
    k->w = w;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->change, NULL);
    if (pthread_create(&k->thread, NULL, run, k) != 0) {
        free(k);
        return error_set(err, ERROR_RETRY, "no thread can be started");
    }
    *checker = k;
    return true;
}

void checker_free(struct checker *k)
{
    if (!k)
        return;
    (void)checker_take(k);
    pthread_mutex_lock(&k->lock);
    k->quit = true;
    pthread_cond_broadcast(&k->change);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    pthread_mutex_destroy(&k->lock);
    pthread_cond_destroy(&k->change);
    free(k);
}

void checker_start(struct checker *k, struct chunk *c, double now)
{
    pthread_mutex_lock(&k->lock);
    k->chunk = c;
    k->now = now;
    k->at_work = true;
    pthread_cond_broadcast(&k->change);
    pthread_mutex_unlock(&k->lock);
}

struct chunk *checker_take(struct checker *k)
{
    struct chunk *c;

    pthread_mutex_lock(&k->lock);
    while (k->at_work)
        pthread_cond_wait(&k->change, &k->lock);
    c = k->chunk;
    k->chunk = NULL;
    pthread_mutex_unlock(&k->lock);
    return c;
}

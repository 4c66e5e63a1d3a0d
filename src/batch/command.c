#include "batch/command.h"

#include <stdarg.h>
#include <stdlib.h>
#include <strings.h>

#include "base/log.h"
#include "base/text.h"
#include "batch/cancel.h"
#include "batch/claim.h"
#include "batch/step.h"
#include "batch/store.h"

#define ANSWER 512
#define SIZE_MAX_ROWS 50000

struct command {
    int64_t id; /* 0 = none */
    char word[17];
    char argument[256];
    char answer[ANSWER];
    bool answered; /* in the transaction of its work */
    bool later;    /* can't be done now */
};

static void say(struct command *c, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct command *c, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(c->answer, sizeof(c->answer), format, list);
    va_end(list);
    utf8_trim_cut(c->answer);
}

/* --------------------------------------------------------------- answers */

static bool lost(int64_t id, struct error *err)
{
    error_exit(err, ERROR_RETRY, EXIT_DATABASE,
               "another worker answers command %lld", (long long)id);
    error_code(err, "lease");
    return false;
}

static bool answer(struct db *db, int64_t id, const char *worker,
                   const char *state, const char *text, int64_t *changed,
                   struct error *err)
{
    const struct db_value values[] = {
        db_integer("id", id),
        db_text("worker", worker),
        db_text("state", state),
        db_text("answer", text),
    };

    return db_run(db, "command_answer", values, ARRAY_LEN(values), changed,
                  err);
}

struct asked {
    int64_t id;
    const char *worker;
};

/* Within the transaction that claims. */
static bool answer_claim(struct db *db, void *context, const char *text,
                         struct error *err)
{
    const struct asked *asked = context;
    int64_t changed = 0;

    if (!answer(db, asked->id, asked->worker, "done", text, &changed, err))
        return false;
    return changed == 1 || lost(asked->id, err);
}

/* -------------------------------------------------------------- the words */

/* Is it how [provider] itself is called? */
static bool is_unnamed(struct worker *w, const char *name)
{
    const struct provider_settings *p =
        w->settings.provider(w->settings.context, "");

    return p && p->name && strcasecmp(p->name, name) == 0;
}

static bool is_known(struct worker *w, const char *name)
{
    return is_unnamed(w, name) ||
           w->settings.provider(w->settings.context, name);
}

/* "500 openai", either or none, in any order. */
static bool parse_submit(struct worker *w, const struct command *c,
                         int64_t *count, char *provider, size_t size,
                         struct error *err)
{
    char copy[sizeof(c->argument)], *at = NULL, *word, *end;
    const char *own = w->settings.section;
    long n;

    snprintf(copy, sizeof(copy), "%s", c->argument);
    snprintf(provider, size, "%s", own ? own : "");
    for (word = strtok_r(copy, " \t,", &at); word;
         word = strtok_r(NULL, " \t,", &at)) {
        n = strtol(word, &end, 10);
        if (*end)
            snprintf(provider, size, "%s", is_unnamed(w, word) ? "" : word);
        else if (n < 1 || n > SIZE_MAX_ROWS)
            return error_set(err, ERROR_REJECT,
                             "a batch has 1 to %d records, not %ld",
                             SIZE_MAX_ROWS, n);
        else
            *count = n;
    }
    if (is_known(w, provider))
        return true;
    return error_set(err, ERROR_REJECT,
                     "this worker's settings have no provider %s", provider);
}

static bool do_submit(struct worker *w, struct command *c, struct error *err)
{
    int64_t count = w->settings.batch->batch_size;
    struct asked asked = { c->id, w->name };
    char provider[BATCH_WORD];
    struct batch b;

    if (!parse_submit(w, c, &count, provider, sizeof(provider), err) ||
        !claim_asked(w, provider, count, answer_claim, &asked, &b, err))
        return false;
    c->answered = true;
    if (b.key[0])
        worker_drop(w, &b);
    return true;
}

/* The batch that the argument names. */
static bool find(struct worker *w, const struct command *c, struct batch *b,
                 struct error *err)
{
    bool found = false;

    if (!c->argument[0])
        return error_set(err, ERROR_REJECT,
                         "say which batch in the column argument: its "
                         "batch_key or batch_id");
    if (!store_find(w->db, c->argument, b, &found, err))
        return false;
    return found ||
           error_set(err, ERROR_REJECT, "no batch has the id %s", c->argument);
}

static void say_batch(struct command *c, const struct batch *b)
{
    say(c, "batch %s is %s: %lld of %lld answered, %lld written", b->key,
        batch_status_name(b->status),
        (long long)(b->completed_count + b->failed_count),
        (long long)b->request_count, (long long)b->done_count);
}

static bool check_one(struct worker *w, struct command *c, struct error *err)
{
    enum crank_end end = CRANK_CLOSED;
    struct batch b;

    if (!find(w, c, &b, err) ||
        (b.status != BATCH_CLOSED && !crank(w, &b, CRANK_LOOK_NOW, &end, err)))
        return false;
    c->later = end == CRANK_STOPPED;
    if (end == CRANK_TAKEN)
        say(c, "batch %s is in the hands of %s, who looks at it", b.key,
            b.worker);
    else
        say_batch(c, &b);
    return true;
}

static bool check_all(struct worker *w, struct command *c, struct error *err)
{
    struct batch_keys keys = { 0 };
    size_t i, closed = 0, taken = 0, failed = 0;
    struct error first;
    bool ok, found;

    error_clear(&first);
    ok = store_open_batches(w->db, &keys, err);
    for (i = 0; ok && i < keys.count && !worker_should_stop(w); i++) {
        enum crank_end end = CRANK_CLOSED;
        struct batch b;

        ok = store_find(w->db, keys.keys[i], &b, &found, err);
        if (!ok || !found)
            continue;
        if (crank(w, &b, CRANK_LOOK_NOW, &end, err)) {
            closed += end == CRANK_CLOSED;
            taken += end == CRANK_TAKEN;
        } else if (failed++ == 0) {
            first = *err;
        }
    }
    c->later = i < keys.count;
    say(c,
        "%zu batches looked at: %zu closed, %zu in other hands, %zu failed%s%s",
        i, closed, taken, failed, failed ? ": " : "",
        failed ? first.message : "");
    batch_keys_release(&keys);
    return ok;
}

static bool do_check(struct worker *w, struct command *c, struct error *err)
{
    if (!c->argument[0] || strcasecmp(c->argument, "all") == 0)
        return check_all(w, c, err);
    return check_one(w, c, err);
}

static bool do_cancel(struct worker *w, struct command *c, struct error *err)
{
    bool taken = false, ok = true;
    struct batch b;

    if (!find(w, c, &b, err))
        return false;
    if (b.status == BATCH_CLOSED) {
        say_batch(c, &b);
        return true;
    }
    if (!worker_take(w, &b, &taken, err))
        return false;
    if (!taken) {
        c->later = true;
        say(c, "waits: batch %s is in the hands of %s", b.key, b.worker);
        return true;
    }
    /* Whoever comes second finds it ended. */
    if (b.status <= BATCH_SUBMITTED)
        ok = cancel_batch(w, &b, err);
    worker_drop(w, &b);
    if (ok)
        say_batch(c, &b);
    return ok;
}

static bool is_everybody(const char *argument)
{
    return !argument[0] || strcasecmp(argument, "all") == 0;
}

/* In force since the INSERT: there is only an answer to give. */
static bool do_pause(struct worker *w, struct command *c, struct error *err)
{
    bool pause = strcmp(c->word, "pause") == 0;

    (void)err;
    if (!is_everybody(c->argument) && !is_known(w, c->argument))
        say(c,
            "in force, but this worker's settings have no provider %s: is it "
            "spelled right?",
            c->argument);
    else if (pause)
        say(c, "nothing new is sent; what was sent is collected");
    else
        say(c, "new batches are sent again");
    return true;
}

static const struct {
    const char *word;
    bool (*run)(struct worker *, struct command *, struct error *);
} words[] = {
    { "submit", do_submit }, { "check", do_check },  { "cancel", do_cancel },
    { "pause", do_pause },   { "resume", do_pause },
};

/* ------------------------------------------------------------- the round */

static void trim(const char *from, char *out, size_t size)
{
    size_t len;

    from += strspn(from, " \t\r\n");
    len = strlen(from);
    while (len && strchr(" \t\r\n", from[len - 1]))
        len--;
    snprintf(out, size, "%.*s", (int)len, from);
}

static bool read_command(void *context, const struct db_rows *row,
                         struct error *err)
{
    struct command *c = context;
    const char *word = db_rows_text(row, 1, NULL);
    const char *argument = db_rows_text(row, 2, NULL);
    char trimmed[sizeof(c->word)];

    (void)err;
    c->id = db_rows_integer(row, 0);
    trim(word ? word : "", trimmed, sizeof(trimmed));
    ascii_lower(trimmed, c->word, sizeof(c->word));
    trim(argument ? argument : "", c->argument, sizeof(c->argument));
    return true;
}

static bool next(struct worker *w, int64_t after, struct command *c,
                 struct error *err)
{
    const struct db_value values[] = {
        db_integer("count", 1),
        db_integer("after", after),
        db_text("worker", w->name),
        db_real("lease", w->settings.batch->lease),
    };

    memset(c, 0, sizeof(*c));
    return db_each(w->db, "command_next", values, ARRAY_LEN(values),
                   read_command, c, NULL, err);
}

static bool take(struct worker *w, const struct command *c, bool *taken,
                 struct error *err)
{
    const struct db_value values[] = {
        db_integer("id", c->id),
        db_text("worker", w->name),
        db_real("lease", w->settings.batch->lease),
    };
    int64_t changed = 0;

    if (!db_run(w->db, "command_take", values, ARRAY_LEN(values), &changed,
                err))
        return false;
    *taken = changed == 1;
    return true;
}

static bool put_back(struct worker *w, const struct command *c,
                     struct error *err)
{
    const struct db_value values[] = {
        db_integer("id", c->id),
        db_text("worker", w->name),
        db_text("answer", c->answer),
    };

    return db_run(w->db, "command_later", values, ARRAY_LEN(values), NULL, err);
}

static bool execute(struct worker *w, struct command *c, struct error *err)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i].word, c->word) == 0)
            return words[i].run(w, c, err);
    return error_set(err, ERROR_REJECT,
                     "there is no command %s: submit, check, cancel, pause, "
                     "resume",
                     c->word);
}

/* What a command met is its answer, and the worker goes on; what may pass is
 * tried again by the next round. */
static bool settle(struct worker *w, struct command *c, bool ok,
                   struct error *err)
{
    if (!ok && err->kind != ERROR_REJECT && err->exit == EXIT_DATABASE &&
        strcmp(err->code, "lease") != 0)
        return false;
    if (!ok && err->kind == ERROR_RETRY) {
        c->later = true;
        say(c, "waits: %s", err->message);
    } else if (!ok) {
        say(c, "%s", err->message);
    }
    log_info("command", "id=%lld command=%s state=%s answer=%s",
             (long long)c->id, c->word,
             c->later ? "later"
             : ok     ? "done"
                      : "failed",
             c->answer);
    if (c->answered)
        return true;
    if (c->later)
        return put_back(w, c, err);
    return answer(w->db, c->id, w->name, ok ? "done" : "failed", c->answer,
                  NULL, err);
}

bool command_run_all(struct worker *w, int64_t *count, struct error *err)
{
    struct command c = { 0 };
    bool taken = false;

    while (!worker_should_stop(w)) {
        if (!next(w, c.id, &c, err))
            return false;
        if (c.id == 0)
            return true;
        if (!take(w, &c, &taken, err))
            return false;
        if (!taken)
            continue;
        if (!settle(w, &c, execute(w, &c, err), err))
            return false;
        if (count && !c.later)
            ++*count;
    }
    return true;
}

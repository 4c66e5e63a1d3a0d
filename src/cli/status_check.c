#include "cli/status_check.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/jsonw.h"
#include "base/strbuf.h"
#include "batch/budget.h"
#include "batch/pause.h"
#include "batch/source.h"
#include "batch/store.h"
#include "cli/cli_settings.h"
#include "cli/report.h"

/* As monitoring counts; 2 is otherwise a usage error. */
enum level { LEVEL_OK, LEVEL_WARNING, LEVEL_CRITICAL };
static const char *const level_names[] = { "OK", "WARNING", "CRITICAL" };

#define FINDINGS_MAX 200

struct finding {
    enum level level;
    const char *word;      /* static: for programs */
    char batch[BATCH_KEY]; /* "" = of no batch */
    char message[600];
};

struct check {
    struct cli *cli;
    struct db *db;
    const struct monitor_settings *limits;
    struct finding *list; /* owned, FINDINGS_MAX */
    size_t count, more;   /* more: not in the list */
    enum level worst;
    struct store_backlog backlog;
    bool has_source, paused;
    int64_t dead;
    double day, month;
};

static void add_finding(struct check *c, enum level level, const char *word,
                        const char *batch, const char *format, ...)
    PRINTF_LIKE(5, 6);

static void add_finding(struct check *c, enum level level, const char *word,
                        const char *batch, const char *format, ...)
{
    struct finding *f = &c->list[c->count];
    va_list list;

    if (level > c->worst)
        c->worst = level;
    if (c->count == FINDINGS_MAX) {
        c->more++;
        return;
    }
    c->count++;
    f->level = level;
    f->word = word;
    snprintf(f->batch, sizeof(f->batch), "%s", batch ? batch : "");
    va_start(list, format);
    vsnprintf(f->message, sizeof(f->message), format, list);
    va_end(list);
    utf8_trim_cut(f->message);
}

static double real_or(const struct db_rows *row, size_t column, double missing)
{
    return db_rows_is_null(row, column) ? missing : db_rows_real(row, column);
}

/* ---------------------------------------------------------------- batches */

/* Columns of sql/monitor_batches.sql. */
enum {
    OPEN_KEY,
    OPEN_STATUS,
    OPEN_DUE, /* seconds since, as the next two */
    OPEN_WINDOW,
    OPEN_AGE,
    OPEN_FAILURES,
    OPEN_CODE,
    OPEN_SECTION,
    OPEN_PROVIDER,
    OPEN_STUCK,
};

static bool look_at_batch(void *context, const struct db_rows *row,
                          struct error *err)
{
    struct check *c = context;
    const char *key = db_rows_text(row, OPEN_KEY, NULL);
    const char *status = db_rows_text(row, OPEN_STATUS, NULL);
    const char *code = db_rows_text(row, OPEN_CODE, NULL);
    double due = real_or(row, OPEN_DUE, real_or(row, OPEN_AGE, 0));
    double window = real_or(row, OPEN_WINDOW, -1);
    int64_t failures = db_rows_integer(row, OPEN_FAILURES);
    const char *stuck = db_rows_text(row, OPEN_STUCK, NULL);
    char since[CLOCK_TEXT];

    (void)err;
    /* Known even where the user's table is not. */
    c->backlog.open++;
    clock_duration(due, since);
    if (status && strcmp(status, "unknown") == 0)
        add_finding(
            c, LEVEL_CRITICAL, "unknown", key,
            "batch %s is unknown: look at the provider, then vitae cancel %s",
            key, key);
    else if (stuck)
        add_finding(c, LEVEL_CRITICAL, "stuck", key, "batch %s %s: %s", key,
                    status && strcmp(status, "downloaded") == 0
                        ? "has its answers, which can't be written back"
                        : "is not sent",
                    stuck);
    else if (due > c->limits->overdue)
        add_finding(c, LEVEL_CRITICAL, "overdue", key,
                    "batch %s (%s) has been due for %s: does a worker run?",
                    key, status, since);
    clock_duration(window, since);
    if (window > c->limits->overdue && status &&
        strcmp(status, "submitted") == 0)
        add_finding(c, LEVEL_CRITICAL, "past_window", key,
                    "batch %s is %s past its time at the provider", key, since);
    if (c->limits->check_failures && failures >= c->limits->check_failures)
        add_finding(c, LEVEL_WARNING, "check_failures", key,
                    "batch %s: %lld looks in a row failed (%s)", key,
                    (long long)failures, code ? code : "no reason");
    return true;
}

static bool look_at_batches(struct check *c, struct error *err)
{
    return db_each(c->db, "monitor_batches", NULL, 0, look_at_batch, c, NULL,
                   err);
}

/* --------------------------------------------------------------- commands */

static bool look_at_asked(void *context, const struct db_rows *row,
                          struct error *err)
{
    struct check *c = context;
    double age = real_or(row, 1, 0);
    char since[CLOCK_TEXT];

    (void)err;
    clock_duration(age, since);
    if (age > c->limits->overdue)
        add_finding(c, LEVEL_WARNING, "commands_wait", NULL,
                    "%lld commands wait, the oldest for %s: does a worker run?",
                    (long long)db_rows_integer(row, 0), since);
    return true;
}

static bool look_at_commands(struct check *c, struct error *err)
{
    struct strbuf who;
    bool ok;

    strbuf_init(&who, 16 * KIB);
    ok = db_each(c->db, "monitor_commands", NULL, 0, look_at_asked, c, NULL,
                 err) &&
         pause_text(c->db, &who, err);
    c->paused = ok && who.len;
    if (c->paused)
        add_finding(c, LEVEL_WARNING, "paused", NULL, "paused: %s", who.data);
    strbuf_release(&who);
    return ok;
}

/* ---------------------------------------------------------------- records */

static bool read_real(void *context, const struct db_rows *row,
                      struct error *err)
{
    (void)err;
    *(double *)context = real_or(row, 0, -1);
    return true;
}

static bool look_at_dead(struct check *c, struct error *err)
{
    double dead = 0;

    if (!db_each(c->db, "monitor_dead", NULL, 0, read_real, &dead, NULL, err))
        return false;
    c->dead = (int64_t)dead;
    if (c->dead > c->limits->max_dead)
        add_finding(
            c, LEVEL_WARNING, "dead", NULL,
            "%lld records were given up; vitae status tells why, vitae retry "
            "takes them up again",
            (long long)c->dead);
    return true;
}

static bool look_at_progress(struct check *c, struct error *err)
{
    bool work = c->backlog.open || c->backlog.waiting;
    char since[CLOCK_TEXT];
    double age = -1;

    if (!db_each(c->db, "monitor_progress", NULL, 0, read_real, &age, NULL,
                 err))
        return false;
    if (!work || c->paused || c->limits->no_progress <= 0)
        return true;
    clock_duration(age, since);
    if (age < 0)
        add_finding(c, LEVEL_WARNING, "no_progress", NULL,
                    "%lld records wait and nothing was ever submitted",
                    (long long)c->backlog.waiting);
    else if (age > c->limits->no_progress)
        add_finding(c, LEVEL_CRITICAL, "no_progress", NULL,
                    "nothing went on for %s, though %lld records wait and %lld "
                    "batches are open",
                    since, (long long)c->backlog.waiting,
                    (long long)c->backlog.open);
    return true;
}

static bool look_at_backlog(struct check *c, struct error *err)
{
    const struct source_settings *s = &c->cli->values->source;
    char since[CLOCK_TEXT], limit[CLOCK_TEXT];
    double age = -1;

    if (!source_names(c->db, s, err)) {
        if (err->kind == ERROR_RETRY)
            return false;
        add_finding(c, LEVEL_CRITICAL, "source", NULL, "%s", err->message);
        return true;
    }
    c->has_source = true;
    if (!store_backlog(c->db, STORE_COUNT_ALL, &c->backlog, err))
        return false;
    if (c->limits->backlog_age <= 0 || !s->changed_column ||
        !s->changed_column[0])
        return true;
    if (!db_each(c->db, "monitor_oldest", NULL, 0, read_real, &age, NULL, err))
        return false;
    clock_duration(age, since);
    clock_duration(c->limits->backlog_age, limit);
    if (age > c->limits->backlog_age)
        add_finding(c, LEVEL_WARNING, "backlog_age", NULL,
                    "a record has been waiting for %s, more than %s", since,
                    limit);
    return true;
}

/* ------------------------------------------------------------------ money */

static void look_at_limit(struct check *c, const char *what, double spent,
                          double limit)
{
    if (limit <= 0)
        return;
    if (spent >= limit)
        add_finding(c, LEVEL_CRITICAL, "budget", NULL,
                    "the budget of %s is reached: %.2f of %.2f", what, spent,
                    limit);
    else if (spent * 100 >= limit * c->limits->budget_percent)
        add_finding(c, LEVEL_WARNING, "budget", NULL,
                    "the budget of %s is nearly reached: %.2f of %.2f", what,
                    spent, limit);
}

static bool look_at_money(struct check *c, struct error *err)
{
    const struct batch_settings *s = &c->cli->values->batch;
    double now = c->cli->clock->now(c->cli->clock);

    if (!budget_spent(c->db, now, &c->day, &c->month, err))
        return false;
    look_at_limit(c, "a day (batch.max_cost_day)", c->day, s->max_cost_day);
    look_at_limit(c, "a month (batch.max_cost_month)", c->month,
                  s->max_cost_month);
    return true;
}

/* ---------------------------------------------------------------- telling */

static int by_level(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;

    if (x->level != y->level)
        return x->level < y->level ? 1 : -1;
    return strcmp(x->message, y->message);
}

static void tell(const struct check *c, struct strbuf *out)
{
    size_t i;

    strbuf_addf(out,
                "%s: %zu findings, %lld records wait, %lld batches are open"
                " | waiting=%lld open=%lld dead=%lld cost_day=%.4f"
                " cost_month=%.4f\n",
                level_names[c->worst], c->count + c->more,
                (long long)c->backlog.waiting, (long long)c->backlog.open,
                (long long)c->backlog.waiting, (long long)c->backlog.open,
                (long long)c->dead, c->day, c->month);
    for (i = 0; i < c->count; i++)
        strbuf_addf(out, "%s: %s\n", level_names[c->list[i].level],
                    c->list[i].message);
    if (c->more)
        strbuf_addf(out, "and %zu more\n", c->more);
}

static void tell_json(const struct check *c, struct strbuf *out)
{
    struct jsonw json;
    size_t i;

    jsonw_init(&json, out);
    jsonw_object(&json, NULL);
    jsonw_text(&json, "state", level_names[c->worst]);
    jsonw_array(&json, "findings");
    for (i = 0; i < c->count; i++) {
        const struct finding *f = &c->list[i];

        jsonw_object(&json, NULL);
        jsonw_text(&json, "level", level_names[f->level]);
        jsonw_text(&json, "finding", f->word);
        jsonw_text(&json, "batch_key", f->batch[0] ? f->batch : NULL);
        jsonw_text(&json, "message", f->message);
        jsonw_end_object(&json);
    }
    jsonw_end_array(&json);
    jsonw_integer(&json, "more_findings", (int64_t)c->more);
    jsonw_integer(&json, "waiting", c->backlog.waiting);
    jsonw_integer(&json, "open_batches", c->backlog.open);
    jsonw_integer(&json, "dead", c->dead);
    jsonw_real(&json, "cost_day", c->day);
    jsonw_real(&json, "cost_month", c->month);
    jsonw_end_object(&json);
    strbuf_addc(out, '\n');
}

static bool (*const looks[])(struct check *, struct error *) = {
    look_at_batches, look_at_commands, look_at_dead,
    look_at_backlog, look_at_progress, look_at_money,
};

bool status_check(struct cli *cli, struct db *db, struct error *err)
{
    struct check c = { .cli = cli, .db = db, .limits = &cli->values->monitor };
    struct strbuf out;
    bool ok = true;
    size_t i;

    c.list = calloc(FINDINGS_MAX, sizeof(*c.list));
    if (!c.list)
        return error_memory(err);
    strbuf_init(&out, 4 * MIB);
    for (i = 0; ok && i < ARRAY_LEN(looks); i++)
        ok = looks[i](&c, err);
    if (ok) {
        qsort(c.list, c.count, sizeof(*c.list), by_level);
        (cli->json ? tell_json : tell)(&c, &out);
        ok = report_print(&out, err);
        cli->exit = (enum exit_code)c.worst;
    }
    strbuf_release(&out);
    free(c.list);
    return ok;
}

/*
 * page_scores.c -- how a job's scores are spread, and why rows failed: added
 * up as the answers come, so that looking again costs only what is new.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "server/page_answers.h"

#define LINE_MOST (64 * MIB)
#define TALLIES 16 /* jobs that are remembered */
#define SCALES 16  /* columns */
#define STEPS 21
#define REASONS 16
#define EXAMPLES 10

struct scale {
    size_t column; /* of the profile */
    double min;
    size_t steps;
    int64_t count[STEPS];
    double sum;
};

struct reason {
    const char *words; /* static */
    int64_t count;
    uint64_t rows[EXAMPLES]; /* the first */
};

struct page_tally {
    struct page_tally *next;
    char batch[STATE_ID];
    uint64_t offsets[2]; /* output, errors: what is counted */
    struct scale scales[SCALES];
    size_t scale_count;
    struct reason reasons[REASONS];
    size_t reason_count;
    int64_t done, failed;
};

void page_tallies_free(struct page_tally *list)
{
    struct page_tally *next;

    for (; list; list = next) {
        next = list->next;
        free(list);
    }
}

/* Of this batch, first in the list; the one not asked for longest goes. */
static struct page_tally *tally_of(struct page_tally **list, const char *batch)
{
    struct page_tally **at, *t = NULL;
    size_t n = 0;

    for (at = list; *at && !t; at = t ? at : &(*at)->next)
        if (!strcmp((*at)->batch, batch))
            t = *at;
    if (t) {
        *at = t->next;
    } else {
        t = calloc(1, sizeof(*t));
        if (!t)
            return NULL;
        snprintf(t->batch, sizeof(t->batch), "%s", batch);
    }
    t->next = *list;
    *list = t;
    for (at = list; *at && n < TALLIES; n++)
        at = &(*at)->next;
    page_tallies_free(*at);
    *at = NULL;
    return t;
}

/* -- counting -- */

/* Whole numbers between few bounds are scores. */
static void find_scales(struct page_tally *t, const struct profile *p)
{
    const struct column *c;
    size_t i;

    t->scale_count = 0;
    for (i = 0; i < p->column_count && t->scale_count < SCALES; i++) {
        c = &p->columns[i];
        if (c->type != COLUMN_NUMBER || !c->bounded || c->max - c->min < 2 ||
            c->max - c->min > STEPS - 1)
            continue;
        t->scales[t->scale_count++] = (struct scale){
            .column = i,
            .min = c->min,
            .steps = (size_t)(c->max - c->min) + 1,
        };
    }
}

static void count_scores(struct page_tally *t, const struct values *values)
{
    const struct value *v;
    struct scale *s;
    size_t i;
    double step;

    for (i = 0; i < t->scale_count; i++) {
        s = &t->scales[i];
        v = values_at(values, s->column);
        if (v->state != VALUE_NUMBER)
            continue;
        step = v->number - s->min + 0.5;
        if (step < 0 || step >= (double)s->steps)
            continue;
        s->count[(size_t)step]++;
        s->sum += v->number;
    }
}

static void count_failure(struct page_tally *t, const char *why, uint64_t row)
{
    struct reason *r;
    size_t i;

    for (i = 0; i < t->reason_count; i++)
        if (!strcmp(t->reasons[i].words, why))
            break;
    if (i == REASONS)
        i--;
    else if (i == t->reason_count)
        t->reasons[t->reason_count++] = (struct reason){ .words = why };
    r = &t->reasons[i];
    if (r->count < EXAMPLES)
        r->rows[r->count] = row;
    r->count++;
}

static bool count_line(struct page_tally *t, struct page_reader *r,
                       const char *line, size_t len, struct error *err)
{
    enum page_outcome outcome;
    const char *why;
    uint64_t row;

    if (!page_read_answer(r, line, len, NULL, 0, &outcome, &row, &why, err))
        return false;
    if (outcome == PAGE_DONE) {
        t->done++;
        count_scores(t, r->values);
    } else {
        t->failed++;
        count_failure(t, why, row);
    }
    return true;
}

static bool count_file(struct page_tally *t, struct page_reader *r,
                       const char *path, uint64_t *offset,
                       const volatile bool *stop, struct error *err)
{
    struct file_lines lines = { .fd = -1 };
    bool ok, too_long;
    char *line;
    size_t len;

    if (file_size(path) <= (off_t)*offset)
        return true;
    ok = file_lines_open(&lines, path, LINE_MOST, err) &&
         file_lines_seek(&lines, *offset, err);
    while (ok) {
        if (flag_is_set(stop))
            ok = error_set(err, ERROR_RETRY, "the server is shutting down");
        ok = ok && file_lines_next(&lines, &line, &len, &too_long, err);
        if (!ok || (!line && !too_long) || lines.last_unended)
            break;
        if (line)
            ok = count_line(t, r, line, len, err);
        *offset = lines.next;
    }
    file_lines_close(&lines);
    return ok;
}

static bool count_new(struct page *p, struct page_tally *t,
                      const struct page_job *job, struct page_reader *r,
                      struct error *err)
{
    const char *ids[2] = { job->output, job->errors };
    char path[STATE_PATH];
    size_t i;

    if (!t->offsets[0])
        find_scales(t, r->profile);
    for (i = 0; i < 2; i++) {
        state_path(page_state(p), ids[i], path);
        if (!count_file(t, r, path, &t->offsets[i], page_stop(p), err))
            return false;
    }
    return true;
}

/* -- telling -- */

static void write_scale(const struct scale *s, const struct profile *p,
                        struct jsonw *w)
{
    int64_t total = 0, above;
    size_t i;

    for (i = 0; i < s->steps; i++)
        total += s->count[i];
    jsonw_object(w, NULL);
    jsonw_text(w, "column", p->columns[s->column].name);
    jsonw_integer(w, "count", total);
    if (total)
        jsonw_real(w, "mean", s->sum / (double)total);
    else
        jsonw_null(w, "mean");
    jsonw_array(w, "steps");
    for (i = 0, above = total; i < s->steps; i++) {
        jsonw_object(w, NULL);
        jsonw_integer(w, "score", (int64_t)(s->min + (double)i));
        jsonw_integer(w, "count", s->count[i]);
        jsonw_integer(w, "at_or_above", above);
        jsonw_end_object(w);
        above -= s->count[i];
    }
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static void write_reason(const struct reason *r, struct jsonw *w)
{
    int64_t i;

    jsonw_object(w, NULL);
    jsonw_text(w, "reason", r->words);
    jsonw_integer(w, "count", r->count);
    jsonw_array(w, "rows");
    for (i = 0; i < r->count && i < EXAMPLES; i++)
        jsonw_integer(w, NULL, (int64_t)r->rows[i]);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static void write_tally(const struct page_tally *t, const struct profile *p,
                        struct strbuf *out)
{
    struct jsonw w;
    size_t i;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_integer(&w, "done", t->done);
    jsonw_integer(&w, "failed", t->failed);
    jsonw_array(&w, "scores");
    for (i = 0; i < t->scale_count; i++)
        write_scale(&t->scales[i], p, &w);
    jsonw_end_array(&w);
    jsonw_array(&w, "failures");
    for (i = 0; i < t->reason_count; i++)
        write_reason(&t->reasons[i], &w);
    jsonw_end_array(&w);
    jsonw_end_object(&w);
}

static bool tell(struct page *p, const struct page_job *job, struct strbuf *out,
                 struct error *err)
{
    struct clock *clock = state_clock(page_state(p));
    struct page_reader reader;
    struct page_tally *t;
    bool ok;

    ok = page_reader_open(&reader, job->profile, clock->now(clock), err);
    page_lock(p);
    t = ok ? tally_of(page_tallies(p), job->batch) : NULL;
    if (ok)
        ok = t ? count_new(p, t, job, &reader, err) : error_memory(err);
    if (ok && t)
        write_tally(t, reader.profile, out);
    page_unlock(p);
    page_reader_close(&reader);
    return ok;
}

static void scores(struct exchange *x)
{
    struct page_job job;
    struct strbuf out;
    struct error err;

    if (!page_find_job(x, &job))
        return;
    strbuf_init(&out, MIB);
    if (tell(api_of(x)->page, &job, &out, &err)) {
        api_reply(x, &out);
        return;
    }
    api_failure(x, &err);
    strbuf_release(&out);
}

void page_scores(struct exchange *x)
{
    page_later(x, scores);
}

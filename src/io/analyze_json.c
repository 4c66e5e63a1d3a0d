/*
 * analyze_json.c -- an analysis for programs.
 */
#include "base/jsonw.h"
#include "io/analyze.h"

static void add_scores(struct jsonw *w, const char *name,
                       const struct analysis_scores *s)
{
    jsonw_object(w, name);
    if (s->name[0])
        jsonw_text(w, "name", s->name);
    jsonw_integer(w, "count", s->count);
    if (s->count) {
        jsonw_real(w, "min", s->min);
        jsonw_real(w, "max", s->max);
        jsonw_real(w, "mean", analysis_mean(s));
        jsonw_real(w, "deviation", analysis_deviation(s));
    }
    jsonw_end_object(w);
}

static void add_histogram(struct jsonw *w, const struct analysis *a)
{
    struct analysis_row rows[ANALYZE_ROWS];
    size_t count = analysis_histogram(a, rows), i;

    jsonw_array(w, "histogram");
    for (i = 0; i < count; i++) {
        jsonw_object(w, NULL);
        jsonw_text(w, "scores", rows[i].label);
        jsonw_integer(w, "count", rows[i].count);
        jsonw_real(w, "percent", rows[i].percent);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void add_drift(struct jsonw *w, const struct analysis *a)
{
    struct analysis_drift d;
    double means[ANALYZE_PARTS];
    size_t count = analysis_course(a, means), i;

    analysis_drift(a, &d);
    jsonw_object(w, "drift");
    if (d.known) {
        jsonw_real(w, "change", d.change);
        jsonw_bool(w, "beyond_chance", d.real);
    }
    jsonw_array(w, "means");
    for (i = 0; i < count; i++)
        jsonw_real(w, NULL, means[i]);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static void add_tokens(struct jsonw *w, const struct analysis *a)
{
    double n = (double)a->with_usage;
    int64_t all = a->input_tokens + a->output_tokens;

    jsonw_object(w, "tokens");
    jsonw_integer(w, "told_by", a->with_usage);
    jsonw_integer(w, "prompt", a->input_tokens);
    jsonw_integer(w, "completion", a->output_tokens);
    jsonw_integer(w, "total", all);
    if (a->with_usage)
        jsonw_real(w, "per_request", (double)all / n);
    if (a->with_cached) {
        jsonw_text(w, "baseline",
                   "prompt tokens of the lines that tell cached tokens, had "
                   "each been read in full");
        jsonw_integer(w, "baseline_tokens", a->cached_of);
        jsonw_integer(w, "cached", a->cached_tokens);
        jsonw_real(w, "savings_pct", analysis_saving(a));
    }
    jsonw_end_object(w);
}

static void add_times(struct jsonw *w, const struct analysis *a)
{
    if (!a->timed)
        return;
    jsonw_object(w, "seconds");
    jsonw_integer(w, "told_by", a->timed);
    jsonw_real(w, "mean", a->time_sum / (double)a->timed);
    jsonw_real(w, "p50", analysis_time(a, 50));
    jsonw_real(w, "p90", analysis_time(a, 90));
    jsonw_real(w, "p95", analysis_time(a, 95));
    jsonw_real(w, "p99", analysis_time(a, 99));
    jsonw_real(w, "max", a->time_max);
    if (analysis_speed(a) >= 0)
        jsonw_real(w, "tokens_per_second", analysis_speed(a));
    jsonw_end_object(w);
}

static void add_errors(struct jsonw *w, const struct analysis *a)
{
    size_t i, j;

    jsonw_array(w, "errors");
    for (i = 0; i < a->group_count; i++) {
        const struct analysis_group *g = &a->groups[i];

        jsonw_object(w, NULL);
        jsonw_text(w, "code", g->code);
        jsonw_text(w, "message", g->message);
        jsonw_integer(w, "count", g->count);
        jsonw_array(w, "examples");
        for (j = 0; j < ANALYZE_EXAMPLES && g->examples[j][0]; j++)
            jsonw_text(w, NULL, g->examples[j]);
        jsonw_end_array(w);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    if (a->ungrouped)
        jsonw_integer(w, "other_errors", a->ungrouped);
}

static void add_broken(struct jsonw *w, const struct analysis *a)
{
    size_t i;

    jsonw_integer(w, "broken", a->broken);
    jsonw_array(w, "broken_lines");
    for (i = 0; (int64_t)i < a->broken && i < ANALYZE_BROKEN; i++) {
        jsonw_object(w, NULL);
        jsonw_integer(w, "line", (int64_t)a->broken_lines[i].line);
        jsonw_text(w, "why", a->broken_lines[i].why);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_integer(w, "ids_twice", (int64_t)a->twins);
}

void analysis_json(const struct analysis *a, struct strbuf *out)
{
    struct jsonw w;
    size_t i;

    jsonw_init(&w, out);
    jsonw_object(&w, NULL);
    jsonw_integer(&w, "total", a->total);
    jsonw_integer(&w, "succeeded", a->succeeded);
    jsonw_integer(&w, "failed", a->failed);
    jsonw_real(&w, "success_pct", analysis_success_rate(a));
    add_broken(&w, a);
    add_scores(&w, "scores", &a->scores);
    jsonw_integer(&w, "without_score", a->unscored);
    add_histogram(&w, a);
    jsonw_array(&w, "parts");
    for (i = 0; i < a->part_count; i++)
        add_scores(&w, NULL, &a->parts[i]);
    jsonw_end_array(&w);
    add_drift(&w, a);
    add_tokens(&w, a);
    add_times(&w, a);
    add_errors(&w, a);
    jsonw_end_object(&w);
    strbuf_addc(out, '\n');
}

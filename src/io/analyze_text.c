/*
 * analyze_text.c -- an analysis for people.
 */
#include "base/progress.h"
#include "base/text.h"
#include "io/analyze.h"

#define BAR 40

static void number(struct strbuf *out, const char *title, int64_t n)
{
    struct strbuf text;

    strbuf_init(&text, 64);
    progress_number(n, &text);
    strbuf_addf(out, "%-16s%14s", title, text.data);
    strbuf_release(&text);
}

static void number_line(struct strbuf *out, const char *title, int64_t n)
{
    number(out, title, n);
    strbuf_addc(out, '\n');
}

static void share_line(struct strbuf *out, const char *title, int64_t n,
                       double percent)
{
    number(out, title, n);
    strbuf_addf(out, "  %5.1f %%\n", percent);
}

static void totals(const struct analysis *a, struct strbuf *out)
{
    double rate = analysis_success_rate(a);
    size_t i;

    number_line(out, "results", a->total);
    share_line(out, "succeeded", a->succeeded, rate);
    share_line(out, "failed", a->failed, a->total ? 100 - rate : 0);
    if (a->broken)
        number_line(out, "broken lines", a->broken);
    for (i = 0; (int64_t)i < a->broken && i < ANALYZE_BROKEN; i++)
        strbuf_addf(out, "    line %llu: %s\n",
                    (unsigned long long)a->broken_lines[i].line,
                    a->broken_lines[i].why);
    if (a->broken > ANALYZE_BROKEN)
        strbuf_adds(out, "    ...\n");
    if (a->twins)
        number_line(out, "ids twice", (int64_t)a->twins);
    for (i = 0; i < a->twins && i < ANALYZE_TWINS; i++)
        strbuf_addf(out, "    line %u has the id of line %u\n",
                    a->twin_lines[i].line, a->twin_lines[i].first);
}

static void bars(const struct analysis *a, struct strbuf *out)
{
    struct analysis_row rows[ANALYZE_ROWS];
    size_t count = analysis_histogram(a, rows), i, j, width;
    int64_t most = 1;

    for (i = 0; i < count; i++)
        if (rows[i].count > most)
            most = rows[i].count;
    for (i = 0; i < count; i++) {
        width =
            (size_t)((double)BAR * (double)rows[i].count / (double)most + 0.5);
        strbuf_addf(out, "%10s ", rows[i].label);
        for (j = 0; j < BAR; j++)
            strbuf_addc(out, j < width ? '#' : ' ');
        strbuf_addf(out, " %9lld  %5.1f %%\n", (long long)rows[i].count,
                    rows[i].percent);
    }
}

static void scores(const struct analysis *a, struct strbuf *out)
{
    const struct analysis_scores *s = &a->scores;
    size_t i;

    if (!a->succeeded)
        return;
    strbuf_adds(out, "\nScores\n");
    number_line(out, "with a number", s->count);
    number_line(out, "without", a->unscored);
    if (!s->count)
        return;
    strbuf_addf(out, "min %g, max %g, mean %.4g, deviation %.4g\n\n", s->min,
                s->max, analysis_mean(s), analysis_deviation(s));
    bars(a, out);
    if (a->part_count)
        strbuf_addf(out, "\n%-24s%10s%8s%8s%8s\n", "part", "count", "min",
                    "mean", "max");
    for (i = 0; i < a->part_count; i++)
        strbuf_addf(out, "%-24s%10lld%8g%8.2f%8g\n", a->parts[i].name,
                    (long long)a->parts[i].count, a->parts[i].min,
                    analysis_mean(&a->parts[i]), a->parts[i].max);
}

static void drift(const struct analysis *a, struct strbuf *out)
{
    struct analysis_drift d;
    double means[ANALYZE_PARTS];
    size_t count = analysis_course(a, means), i;

    analysis_drift(a, &d);
    if (!d.known)
        return;
    strbuf_adds(out, "\nOver the run, in the order of the file\n");
    for (i = 0; i < count; i++)
        strbuf_addf(out, "%s%.2f", i ? "  " : "means   ", means[i]);
    if (d.real)
        strbuf_addf(out,
                    "\ndrift   %+.2f from the first to the last, more than "
                    "chance explains\n",
                    d.change);
    else
        strbuf_adds(out, "\ndrift   none that chance wouldn't explain\n");
}

static void tokens(const struct analysis *a, struct strbuf *out)
{
    double n = (double)a->with_usage;

    strbuf_adds(out, "\nTokens\n");
    if (a->with_usage < a->total)
        number_line(out, "not told by", a->total - a->with_usage);
    if (!a->with_usage)
        return;
    number(out, "prompt", a->input_tokens);
    strbuf_addf(out, "%12.1f a request\n", (double)a->input_tokens / n);
    number(out, "completion", a->output_tokens);
    strbuf_addf(out, "%12.1f a request\n", (double)a->output_tokens / n);
    number(out, "total", a->input_tokens + a->output_tokens);
    strbuf_addf(out, "%12.1f a request\n",
                (double)(a->input_tokens + a->output_tokens) / n);
    if (!a->with_cached) {
        strbuf_adds(out, "saving          not known: no line tells how many "
                         "tokens were cached\n");
        return;
    }
    number_line(out, "cached", a->cached_tokens);
    strbuf_addf(out,
                "saving          %14.1f %% of the baseline: the %lld prompt "
                "tokens of the\n"
                "                %lld lines that tell, had each been read in "
                "full\n",
                analysis_saving(a), (long long)a->cached_of,
                (long long)a->with_cached);
}

static void times(const struct analysis *a, struct strbuf *out)
{
    static const double percents[] = { 50, 90, 95, 99 };
    size_t i;

    if (!a->timed)
        return;
    strbuf_addf(out, "\nSeconds a request (%lld lines tell)\nmean %.3f",
                (long long)a->timed, a->time_sum / (double)a->timed);
    for (i = 0; i < ARRAY_LEN(percents); i++)
        strbuf_addf(out, ", p%g %.3f", percents[i],
                    analysis_time(a, percents[i]));
    strbuf_addf(out, ", max %.3f\n", a->time_max);
    if (analysis_speed(a) >= 0)
        strbuf_addf(out, "%.1f completion tokens a second of a request\n",
                    analysis_speed(a));
}

static const struct analysis_group *largest(const struct analysis *a,
                                            const bool *told)
{
    const struct analysis_group *best = NULL;
    size_t i;

    for (i = 0; i < a->group_count; i++)
        if (!told[i] && (!best || a->groups[i].count > best->count))
            best = &a->groups[i];
    return best;
}

static void errors(const struct analysis *a, struct strbuf *out)
{
    bool told[ANALYZE_GROUPS] = { false };
    const struct analysis_group *g;
    size_t i;

    if (!a->failed)
        return;
    strbuf_adds(out, "\nErrors\n");
    while ((g = largest(a, told))) {
        told[g - a->groups] = true;
        strbuf_addf(out, "%9lld  %s%s%s\n", (long long)g->count, g->code,
                    g->message[0] ? ": " : "", g->message);
        for (i = 0; i < ANALYZE_EXAMPLES && g->examples[i][0]; i++)
            strbuf_addf(out, "%s%s", i ? ", " : "           e.g. ",
                        g->examples[i]);
        if (i)
            strbuf_addc(out, '\n');
    }
    if (a->ungrouped)
        strbuf_addf(out, "%9lld  others\n", (long long)a->ungrouped);
}

/* Names and messages come from outside: nothing that moves a terminal. */
static void disarm(struct strbuf *out)
{
    size_t i;

    for (i = 0; i < out->len; i++)
        if ((unsigned char)out->data[i] < ' ' && out->data[i] != '\n')
            out->data[i] = '?';
}

void analysis_text(const struct analysis *a, struct strbuf *out)
{
    totals(a, out);
    scores(a, out);
    drift(a, out);
    tokens(a, out);
    times(a, out);
    errors(a, out);
    disarm(out);
}

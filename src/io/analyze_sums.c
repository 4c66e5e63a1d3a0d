/*
 * analyze_sums.c -- what follows from the sums: pure.
 */
#include <math.h>

#include "io/analyze.h"

double analysis_success_rate(const struct analysis *a)
{
    return a->total ? 100 * (double)a->succeeded / (double)a->total : 0;
}

double analysis_mean(const struct analysis_scores *s)
{
    return s->count ? s->sum / (double)s->count : 0;
}

double analysis_deviation(const struct analysis_scores *s)
{
    double n = (double)s->count, mean = analysis_mean(s);
    double variance =
        s->count > 1 ? (s->squares - n * mean * mean) / (n - 1) : 0;

    return variance > 0 ? sqrt(variance) : 0;
}

double analysis_saving(const struct analysis *a)
{
    return a->cached_of ? 100 * (double)a->cached_tokens / (double)a->cached_of
                        : -1;
}

double analysis_time(const struct analysis *a, double percent)
{
    double wanted = ceil((double)a->timed * percent / 100);
    int64_t seen = 0;
    double seconds;
    size_t i;

    if (!a->timed)
        return -1;
    for (i = 0; i < ANALYZE_TIMES - 1; i++) {
        seen += a->times[i];
        if ((double)seen >= wanted)
            break;
    }
    /* The middle of the step; never beyond the longest. */
    seconds = 1e-6 * exp2(((double)i + 0.5) / 32);
    return seconds < a->time_max ? seconds : a->time_max;
}

double analysis_speed(const struct analysis *a)
{
    return a->told_seconds > 0 ? (double)a->told_in_seconds / a->told_seconds
                               : -1;
}

void analysis_drift(const struct analysis *a, struct analysis_drift *drift)
{
    double n = (double)a->scores.count, slope, rest, error;

    memset(drift, 0, sizeof(*drift));
    if (a->scores.count < 10 || a->at_squares <= 0)
        return;
    slope = a->products / a->at_squares;
    rest = a->score_squares - slope * a->products;
    error = rest > 0 ? sqrt(rest / (n - 2) / a->at_squares) : 0;
    drift->known = true;
    drift->change = slope * (double)(a->total - 1);
    drift->real = fabs(slope) > 3 * error &&
                  fabs(drift->change) > 1e-9 * (1 + fabs(a->score_mean));
}

static int64_t count_bins(const struct analysis *a, size_t from, size_t to)
{
    int64_t n = 0;

    for (; from < to && from < ANALYZE_BINS; from++)
        n += a->bins[from];
    return n;
}

static void add_row(struct analysis_row *rows, size_t *count, int64_t n,
                    const struct analysis *a, const char *label)
{
    struct analysis_row *row = &rows[(*count)++];

    snprintf(row->label, sizeof(row->label), "%s", label);
    row->count = n;
    row->percent =
        a->scores.count ? 100 * (double)n / (double)a->scores.count : 0;
}

size_t analysis_histogram(const struct analysis *a,
                          struct analysis_row rows[ANALYZE_ROWS])
{
    bool small = a->scores.max <= 10;
    size_t width = small ? 10 : 100, steps = small ? 11 : 10;
    size_t count = 0, i;
    char label[24];

    if (!a->scores.count)
        return 0;
    if (a->below)
        add_row(rows, &count, a->below, a, "below 0");
    for (i = 0; i < steps; i++) {
        bool last = i + 1 == steps;

        if (small)
            snprintf(label, sizeof(label), a->whole || last ? "%zu" : "%zu-",
                     i);
        else
            snprintf(label, sizeof(label), last ? "%zu-%zu" : "%zu-<%zu",
                     10 * i, 10 * (i + 1));
        add_row(rows, &count,
                count_bins(a, i * width, last ? ANALYZE_BINS : (i + 1) * width),
                a, label);
    }
    if (a->above)
        add_row(rows, &count, a->above, a, "above 100");
    return count;
}

/* A last part of less than half the others' length is joined to the one
 * before it. */
static size_t part_of(size_t block, size_t step, size_t used)
{
    size_t part = block / step;

    return part && part == used / step && 2 * (used % step) < step ? part - 1
                                                                   : part;
}

size_t analysis_course(const struct analysis *a, double means[ANALYZE_PARTS])
{
    struct analysis_block parts[ANALYZE_PARTS] = { { 0, 0 } };
    size_t used = 0, i, step, part, n = 0;

    for (i = 0; i < ANALYZE_BLOCKS; i++)
        if (a->blocks[i].count)
            used = i + 1;
    step = (used + ANALYZE_PARTS - 1) / ANALYZE_PARTS;
    for (i = 0; i < used; i++) {
        part = part_of(i, step, used);
        parts[part].count += a->blocks[i].count;
        parts[part].sum += a->blocks[i].sum;
    }
    for (i = 0; i < ANALYZE_PARTS; i++)
        if (parts[i].count)
            means[n++] = parts[i].sum / (double)parts[i].count;
    return n;
}

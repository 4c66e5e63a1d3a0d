/*
 * analyze.h -- what is in a results file.
 *
 * Lines of the providers' output (OpenAI's and those who speak like it,
 * Gemini's, Anthropic's; each line may be another's) and of `vitae export`'s
 * JSONL and JSON, whose own judgement counts.  A broken line is counted and
 * named, the rest analysed.  One pass; memory doesn't grow with the file.
 * Optionally each line becomes a row of the scores CSV (export.h).
 *
 * A line counts as succeeded when the model's answer is whole and, where a
 * profile is given, holds by its schema and ranges as when a batch is
 * collected (values.h); what was refused, cut, filtered or failed is an
 * error, grouped by code and message (numbers in it aside).  Scores: score.h.
 * The order of the run is that of the file.
 */
#ifndef IO_ANALYZE_H
#define IO_ANALYZE_H

#include "base/error.h"
#include "base/strbuf.h"
#include "io/score.h"

#define ANALYZE_GROUPS 100
#define ANALYZE_EXAMPLES 3
#define ANALYZE_BROKEN 20
#define ANALYZE_TWINS 20
#define ANALYZE_BINS 1001  /* scores from 0 to 100 by 0.1 */
#define ANALYZE_BLOCKS 64  /* of the run, of equal length */
#define ANALYZE_TIMES 1280 /* durations from 1 us on, 32 to a doubling */

struct analysis_scores {
    char name[SCORE_NAME]; /* of a part; "" */
    int64_t count;
    double min, max, sum, squares;
};

struct analysis_group {
    uint64_t key;
    char code[64];
    char message[200]; /* of the first */
    int64_t count;
    char examples[ANALYZE_EXAMPLES][128]; /* ids, "" = none */
};

struct analysis_broken {
    uint64_t line;
    char why[120];
};

struct analysis_block {
    int64_t count; /* with a score */
    double sum;
};

struct analysis {
    int64_t lines, broken; /* blank ones are neither */
    int64_t total, succeeded, failed;
    uint64_t bytes;

    /* answers that succeeded */
    struct analysis_scores scores;
    int64_t unscored; /* without a number */
    int64_t bins[ANALYZE_BINS];
    int64_t below, above; /* of the bins */
    bool whole;           /* all scores are whole numbers */
    struct analysis_scores parts[SCORE_PARTS];
    size_t part_count;

    int64_t with_usage; /* lines that told their tokens */
    int64_t input_tokens, output_tokens;
    int64_t with_cached;              /* that told how many were cached */
    int64_t cached_tokens, cached_of; /* of so many input tokens */

    int64_t timed; /* lines that told how long they took */
    double time_sum, time_max;
    double told_seconds;     /* of those that told their tokens, too, */
    int64_t told_in_seconds; /* and their completion tokens */
    int64_t times[ANALYZE_TIMES];

    struct analysis_group groups[ANALYZE_GROUPS];
    size_t group_count;
    int64_t ungrouped; /* errors beyond the groups */

    struct analysis_broken broken_lines[ANALYZE_BROKEN];
    /* ids that came before: how many, the first ones */
    uint64_t twins;
    struct analysis_twin {
        uint32_t line, first;
    } twin_lines[ANALYZE_TWINS];

    /* drift: blocks of so many lines; the sums of a straight line */
    struct analysis_block blocks[ANALYZE_BLOCKS];
    int64_t block_length;
    double at_mean, at_squares, products, score_mean, score_squares;
};

struct profile;

struct analyze_settings {
    const char *path;
    const char *csv;               /* NULL = none */
    const struct profile *profile; /* borrowed; NULL = not checked */
    double today;                  /* with it: Unix seconds */
    bool excel_safe, replace;
    const volatile bool *stop;
};

/* *a is the caller's, some 60 KiB. */
MUST_CHECK bool analyze_file(const struct analyze_settings *settings,
                             struct analysis *a, struct error *err);

/* -- what follows from the sums -- */

double analysis_success_rate(const struct analysis *a); /* percent */
double analysis_mean(const struct analysis_scores *s);
double analysis_deviation(const struct analysis_scores *s);
/* Of the prompt tokens of the lines that tell it: percent that came out of
 * a cache; < 0 = not told. */
double analysis_saving(const struct analysis *a);
/* Seconds below which so many percent lie (within 2 %); < 0 = none. */
double analysis_time(const struct analysis *a, double percent);

/* Completion tokens a second of a request; < 0 = not told. */
double analysis_speed(const struct analysis *a);

/* By how much the straight line through the scores rises from the first
 * line to the last, and whether that is more than chance (3 standard
 * errors). */
struct analysis_drift {
    bool known;
    bool real;
    double change;
};
void analysis_drift(const struct analysis *a, struct analysis_drift *drift);

/* Rows of the histogram, at most ANALYZE_ROWS: one for each whole number
 * from 0 to 10, or ten of 10 each. */
#define ANALYZE_ROWS 13
struct analysis_row {
    char label[24];
    int64_t count;
    double percent; /* of the scores */
};
size_t analysis_histogram(const struct analysis *a,
                          struct analysis_row rows[ANALYZE_ROWS]);
/* Means of the parts of the run, at most 16, in order; those without a score
 * are left out. */
#define ANALYZE_PARTS 16
size_t analysis_course(const struct analysis *a, double means[ANALYZE_PARTS]);

/* -- for people, for programs, for a browser (no scripts) -- */

void analysis_text(const struct analysis *a, struct strbuf *out);
void analysis_json(const struct analysis *a, struct strbuf *out);
void analysis_html(const struct analysis *a, const char *title,
                   struct strbuf *out);

#endif

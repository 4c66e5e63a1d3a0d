#include "extract/tenure.h"

#include <math.h>

/* Months since year 0, both ends inclusive. */
struct span {
    int from, to;
};

enum reading { READ_LIKELY, READ_LEAST, READ_MOST, READINGS };

struct side {
    int year, month; /* month 0 = unknown */
};

static int month_index(int year, int month)
{
    return year * 12 + month - 1;
}

/* The month of a start, or end, of which only the year is known: the
 * middle of the year, or of what the other side leaves of it. */
static int likely_start(const struct side *start, const struct side *end)
{
    if (start->year != end->year)
        return 7;
    return end->month ? (1 + end->month) / 2 : 4;
}

static int likely_end(const struct side *start, const struct side *end)
{
    if (start->year != end->year)
        return 6;
    return start->month ? (start->month + 12) / 2 : 9;
}

static struct span read_span(const struct side *start, const struct side *end,
                             enum reading reading)
{
    int first = start->month;
    int last = end->month;
    struct span span;

    if (!first)
        first = reading == READ_MOST    ? 1
                : reading == READ_LEAST ? 12
                                        : likely_start(start, end);
    if (!last)
        last = reading == READ_MOST    ? 12
               : reading == READ_LEAST ? 1
                                       : likely_end(start, end);
    span.from = month_index(start->year, first);
    span.to = month_index(end->year, last);
    if (span.to < span.from) /* within one year: a month at least */
        span.to = span.from = end->month ? span.to : span.from;
    return span;
}

/* The spans of a position by each reading; false when it doesn't count. */
static bool read_position(const struct date_range *position, int today_year,
                          int today_month, struct span spans[READINGS])
{
    int today = month_index(today_year, today_month);
    bool guess = position->note == DATE_AMBIGUOUS;
    struct side start, end;
    int r;

    if (position->note != DATE_FINE && !guess)
        return false;
    if (!date_parts(position->start, &start.year, &start.month))
        return false;
    if (!strcmp(position->end, "Present")) {
        end.year = today_year;
        end.month = today_month;
    } else if (!date_parts(position->end, &end.year, &end.month)) {
        return false;
    }
    if (start.year > end.year || month_index(start.year, 1) > today)
        return false;
    spans[READ_LIKELY] = read_span(&start, &end, READ_LIKELY);
    if (guess) {
        start.month = 0;
        end.month = strcmp(position->end, "Present") ? 0 : end.month;
    }
    spans[READ_LEAST] = read_span(&start, &end, READ_LEAST);
    spans[READ_MOST] = read_span(&start, &end, READ_MOST);
    if (spans[READ_LIKELY].from > today)
        return false;
    for (r = 0; r < READINGS; r++) {
        spans[r].to = spans[r].to > today ? today : spans[r].to;
        spans[r].from = spans[r].from > today ? today : spans[r].from;
    }
    return true;
}

/* Months that at least one span covers. */
static int covered_months(struct span *spans, size_t count)
{
    int months = 0;
    int behind = 0; /* the month behind what is counted */
    size_t i, j;

    for (i = 1; i < count; i++)
        for (j = i; j && spans[j].from < spans[j - 1].from; j--) {
            struct span swap = spans[j];

            spans[j] = spans[j - 1];
            spans[j - 1] = swap;
        }
    for (i = 0; i < count; i++) {
        int from = spans[i].from > behind ? spans[i].from : behind;

        if (spans[i].to < from)
            continue;
        months += spans[i].to - from + 1;
        behind = spans[i].to + 1;
    }
    return months;
}

static int sum_months(const struct span *spans, size_t count)
{
    int months = 0;
    size_t i;

    for (i = 0; i < count; i++)
        months += spans[i].to - spans[i].from + 1;
    return months;
}

void tenure_measure(const struct date_range *positions, size_t count, bool cut,
                    int today_year, int today_month, struct tenure *tenure)
{
    struct span spans[READINGS][TENURE_POSITIONS_MOST];
    double experience[READINGS], average[READINGS];
    size_t n = 0;
    size_t i;
    int r;

    memset(tenure, 0, sizeof(*tenure));
    for (i = 0; i < count && n < TENURE_POSITIONS_MOST; i++) {
        struct span one[READINGS];

        if (!read_position(&positions[i], today_year, today_month, one))
            continue;
        for (r = 0; r < READINGS; r++)
            spans[r][n] = one[r];
        n++;
    }
    tenure->counted = n;
    tenure->complete = n == count && !cut;
    if (!n)
        return;
    for (r = 0; r < READINGS; r++) {
        average[r] = sum_months(spans[r], n) / 12.0 / (double)n;
        experience[r] = covered_months(spans[r], n) / 12.0;
    }
    /* Where spans overlap, shorter ones may cover more. */
    tenure->experience = experience[READ_LIKELY];
    tenure->experience_least =
        fmin(experience[READ_LEAST], experience[READ_LIKELY]);
    tenure->experience_most = experience[READ_MOST];
    tenure->average = average[READ_LIKELY];
    tenure->average_least = average[READ_LEAST];
    tenure->average_most = average[READ_MOST];
}

/* How far a number may lie beside what it should be. */
static double tolerance(double years, double least)
{
    return years / 10 > least ? years / 10 : least;
}

bool tenure_contradicts_experience(const struct tenure *tenure, double years)
{
    double most = tenure->experience_most;

    if (!tenure->counted)
        return false;
    if (!isfinite(years) || years < 0)
        return true;
    if (years <
        tenure->experience_least - tolerance(tenure->experience_least, 1))
        return true;
    return tenure->complete && years > most + tolerance(most, 1);
}

bool tenure_contradicts_average(const struct tenure *tenure, double years)
{
    double most = tenure->average_most;

    if (!tenure->counted)
        return false;
    if (!isfinite(years) || years < 0)
        return true;
    if (!tenure->complete)
        return false;
    return years <
               tenure->average_least - tolerance(tenure->average_least, 0.5) ||
           years > most + tolerance(most, 0.5);
}

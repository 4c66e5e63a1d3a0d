/*
 * tenure.h -- years of experience and average tenure, from the positions'
 * own dates.
 *
 * Pure: today is an argument.  Months count whole and inclusive: 2014-05 to
 * 2014-05 is one month.  Experience is the months that at least one
 * position covers: what overlaps counts once.  Average tenure is the mean
 * of the positions' own lengths.
 *
 * - Present is today; an end after today is today; a position that begins
 *   after today doesn't count.
 * - Of a year alone the month is unknown: "2010 - 2012" is two years,
 *   "2014 - 2014" half a year, and the true length may lie between least
 *   and most.  An ambiguous month has the same bounds.
 * - A position without a start or an end, or with the note none, invalid or
 *   reversed, doesn't count; then what is measured is incomplete.
 */
#ifndef EXTRACT_TENURE_H
#define EXTRACT_TENURE_H

#include "extract/dates.h"

#define TENURE_POSITIONS_MOST ((size_t)64)

struct tenure {
    size_t counted; /* positions with both ends */
    bool complete;  /* those are all that there are */
    /* Years.  0 where nothing counted. */
    double experience, experience_least, experience_most;
    double average, average_least, average_most;
};

/* cut: the list is known to be only a part (the profile keeps seven).
 * Positions beyond TENURE_POSITIONS_MOST don't count. */
void tenure_measure(const struct date_range *positions, size_t count, bool cut,
                    int today_year, int today_month, struct tenure *tenure);

/*
 * Does the model's own number contradict the dates?  It doesn't
 * - within the bounds, widened by a year (experience) or half a year
 *   (average tenure), or by a tenth of the number if that is more;
 * - above them, when the list is incomplete: there may be more experience
 *   than dates.  An average of an incomplete list is never contradicted;
 * - when no position counted.
 * What is no number, or negative, contradicts where anything counted.
 */
bool tenure_contradicts_experience(const struct tenure *tenure, double years);
bool tenure_contradicts_average(const struct tenure *tenure, double years);

#endif

#include "extract/tenure.h"

#include "tests/tap.h"

#include <math.h>
#include <stdio.h>

/* Today is June 2024. */
static struct tenure measure(const struct date_range *positions, size_t count,
                             bool cut)
{
    struct tenure tenure;

    tenure_measure(positions, count, cut, 2024, 6, &tenure);
    return tenure;
}

/* In months, which are whole. */
static int months(double years)
{
    return (int)lround(years * 12);
}

static void one_position_has_its_length(void)
{
    static const struct {
        const char *why;
        struct date_range position;
        int likely, least, most; /* months; 0 = doesn't count */
    } cases[] = {
        { "a month counts whole", { "2014-05", "2014-05", 0 }, 1, 1, 1 },
        { "a calendar year", { "2014-01", "2014-12", 0 }, 12, 12, 12 },
        { "Present is today", { "2024-01", "Present", 0 }, 6, 6, 6 },
        { "what lies ahead doesn't count",
          { "2024-01", "2026-05", 0 },
          6,
          6,
          6 },
        { "nor what hasn't begun", { "2024-09", "2026-05", 0 }, 0, 0, 0 },
        { "nor next year", { "2025", "2026", 0 }, 0, 0, 0 },
        { "two years", { "2010", "2012", 0 }, 24, 14, 36 },
        { "a year alone is half of it", { "2014", "2014", 0 }, 6, 1, 12 },
        { "from a year to a month", { "2010", "2012-03", 0 }, 21, 16, 27 },
        { "within the year, from it", { "2014", "2014-03", 0 }, 2, 1, 3 },
        { "from a month to a year", { "2010-10", "2012", 0 }, 21, 16, 27 },
        { "within the year, to it", { "2014-09", "2014", 0 }, 2, 1, 4 },
        { "a year until today", { "2023", "Present", 0 }, 12, 7, 18 },
        { "this year until today", { "2024", "Present", 0 }, 4, 1, 6 },
        { "an end this year", { "2023-06", "2024", 0 }, 13, 8, 13 },
        { "no start", { "", "2014", 0 }, 0, 0, 0 },
        { "no end, not Present either", { "2014", "", 0 }, 0, 0, 0 },
        { "reversed", { "2014", "2010", DATE_REVERSED }, 0, 0, 0 },
        { "invalid", { "2014", "", DATE_INVALID }, 0, 0, 0 },
        { "reversed without its note", { "2014", "2010", 0 }, 0, 0, 0 },
        { "ambiguous: by what was guessed, the bounds of the years",
          { "2012-05", "2013-06", DATE_AMBIGUOUS },
          14,
          2,
          24 },
        { "ambiguous until today",
          { "2023-05", "Present", DATE_AMBIGUOUS },
          14,
          7,
          18 },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct tenure t = measure(&cases[i].position, 1, false);

        ok(months(t.experience) == cases[i].likely &&
               months(t.experience_least) == cases[i].least &&
               months(t.experience_most) == cases[i].most,
           "%s", cases[i].why);
        if (months(t.experience) != cases[i].likely ||
            months(t.experience_least) != cases[i].least)
            tap_note("%d, %d to %d", months(t.experience),
                     months(t.experience_least), months(t.experience_most));
        is_int(t.counted, cases[i].likely != 0, "counted or not: %s",
               cases[i].why);
        is_int(t.complete, cases[i].likely != 0, "and complete if so");
    }
}

static void overlaps_count_once(void)
{
    static const struct date_range positions[] = {
        { "2015-01", "2016-12", 0 }, /* 24 months */
        { "2010-01", "2012-12", 0 }, /* 36, before it */
        { "2016-01", "2018-12", 0 }, /* 36, a year of it at once */
        { "2016-03", "2016-04", 0 }, /* 2, within */
        { "2013-01", "2013-06", 0 }, /* 6, right behind the second */
    };
    struct tenure t = measure(positions, ARRAY_LEN(positions), false);

    is_int(months(t.experience), 36 + 6 + 48, "the union");
    is_int(months(t.average * 5), 24 + 36 + 36 + 2 + 6,
           "but each has its own length");
    is_int(t.counted, 5, "all of them count");
    ok(t.complete, "and that is all");
    t = measure(positions, ARRAY_LEN(positions), true);
    ok(!t.complete, "unless the list was cut");
}

static void what_is_missing_makes_it_incomplete(void)
{
    static const struct date_range positions[] = {
        { "2015-01", "2016-12", 0 },
        { "2012-01", "", 0 },
        { "", "", DATE_NONE },
    };
    struct tenure t = measure(positions, ARRAY_LEN(positions), false);

    is_int(months(t.experience), 24, "what is known");
    is_int(months(t.average), 24, "is averaged");
    is_int(t.counted, 1, "one counts");
    ok(!t.complete, "two are missing");
    t = measure(positions, 0, false);
    is_int(t.counted, 0, "no positions");
    is_int(months(t.experience), 0, "no experience");
}

static void bounds_enclose_what_is_likely(void)
{
    static const struct date_range positions[] = {
        { "2014", "2014", 0 }, /* one month of it, perhaps December */
        { "2014-04", "2014-09", 0 },
    };
    struct tenure t = measure(positions, ARRAY_LEN(positions), false);

    is_int(months(t.experience), 6, "one within the other");
    is_int(months(t.experience_least), 6, "no fewer than that");
    is_int(months(t.experience_most), 12, "or all the year");
}

static void many_positions_are_bounded(void)
{
    struct date_range positions[100];
    struct tenure t;
    size_t i;

    for (i = 0; i < ARRAY_LEN(positions); i++) {
        memset(&positions[i], 0, sizeof(positions[i]));
        snprintf(positions[i].start, sizeof(positions[i].start), "2014-01");
        snprintf(positions[i].end, sizeof(positions[i].end), "2014-06");
    }
    t = measure(positions, ARRAY_LEN(positions), false);
    is_int(t.counted, TENURE_POSITIONS_MOST, "the first ones count");
    ok(!t.complete, "and it is known that they aren't all");
    is_int(months(t.experience), 6, "the union of the same");
}

static void a_number_contradicts_or_not(void)
{
    static const struct date_range ten[] = { { "2014-07", "Present", 0 } };
    static const struct date_range years[] = { { "2010", "2012", 0 } };
    static const struct date_range twenty[] = { { "2004-07", "2024-06", 0 } };
    static const struct date_range none[] = { { "", "Present", 0 } };
    static const struct {
        const char *why;
        const struct date_range *positions;
        bool cut;
        double claim;
        bool experience, average; /* contradicted */
    } cases[] = {
        { "the same", ten, false, 10, false, false },
        { "rounded down", ten, false, 9.5, false, false },
        { "a tenth off", ten, false, 9, false, false },
        { "more than a year off", ten, false, 8.5, true, true },
        { "too many", ten, false, 12, true, true },
        { "more than the dates of a part", ten, true, 30, false, false },
        { "less than the dates of a part", ten, true, 3, true, false },
        { "between one year and three", years, false, 1.2, false, false },
        { "and three with a tolerance", years, false, 3.4, false, false },
        { "beyond it", years, false, 4.2, true, true },
        { "a tenth of twenty", twenty, false, 18.1, false, false },
        { "more than a tenth", twenty, false, 17.9, true, true },
        { "no dates, nothing to say", none, false, 99, false, false },
        { "not a number", ten, false, NAN, true, true },
        { "negative", ten, true, -1, true, true },
        { "nothing where there is much", ten, false, 0, true, true },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct tenure t = measure(cases[i].positions, 1, cases[i].cut);

        is_int(tenure_contradicts_experience(&t, cases[i].claim),
               cases[i].experience, "experience: %s", cases[i].why);
        is_int(tenure_contradicts_average(&t, cases[i].claim), cases[i].average,
               "average: %s", cases[i].why);
    }
}

int main(void)
{
    one_position_has_its_length();
    overlaps_count_once();
    what_is_missing_makes_it_incomplete();
    bounds_enclose_what_is_likely();
    many_positions_are_bounded();
    a_number_contradicts_or_not();
    return tap_done();
}

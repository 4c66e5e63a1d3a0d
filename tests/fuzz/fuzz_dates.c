/*
 * Strings from resumes: any bytes give one of the forms of the contract,
 * the same each time, whatever stands beyond what is looked at; sides go
 * into columns as their type says; measures of tenure keep their bounds.
 */
#include "extract/dates.h"
#include "extract/tenure.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

static struct dates *dates;

/* YYYY-MM, YYYY, Present or nothing. */
static void side_is_sound(const char *side)
{
    int year;
    int month;

    if (!*side || !strcmp(side, "Present"))
        return;
    fuzz_check(date_parts(side, &year, &month));
    fuzz_check(year >= 1900 && year <= 2035);
    fuzz_check(strlen(side) == (month ? 7 : 4));
}

static void tenure_keeps_its_bounds(const struct date_range *ranges, size_t n)
{
    struct tenure t;

    tenure_measure(ranges, n, false, 2024, 6, &t);
    fuzz_check(t.counted <= n);
    fuzz_check(isfinite(t.experience) && isfinite(t.average));
    fuzz_check(t.experience_least <= t.experience);
    fuzz_check(t.experience <= t.experience_most);
    fuzz_check(t.average_least <= t.average && t.average <= t.average_most);
    fuzz_check((t.counted == 0) == (t.experience == 0.0));
    fuzz_check(!tenure_contradicts_experience(&t, t.experience));
    fuzz_check(!tenure_contradicts_average(&t, t.average));
}

static void a_string_reads_well(const char *s, size_t len,
                                struct date_range *range)
{
    struct date_range again;

    dates_read(dates, s, len, range);
    side_is_sound(range->start);
    side_is_sound(range->end);
    fuzz_check(range->note <= DATE_REVERSED);
    if (range->note == DATE_NONE)
        fuzz_check(!range->start[0] && !range->end[0]);
    if (!range->start[0] && !range->end[0])
        fuzz_check(range->note == DATE_NONE || range->note == DATE_INVALID);
    if (range->note == DATE_REVERSED)
        fuzz_check(range->start[0] && range->end[0]);
    dates_read(dates, s, len < DATES_INPUT_MOST ? len : DATES_INPUT_MOST,
               &again);
    fuzz_check(!memcmp(range, &again, sizeof(again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *s = (const char *)data;
    struct date_range ranges[8];
    size_t n = 0;
    struct error err;

    if (!dates)
        dates = dates_new(&err);
    fuzz_check(dates);
    a_string_reads_well(s, size, &ranges[0]);
    while (size && n < 8) {
        const char *newline = memchr(s, '\n', size);
        size_t len = newline ? (size_t)(newline - s) : size;

        a_string_reads_well(s, len, &ranges[n++]);
        len += newline != NULL;
        s += len;
        size -= len;
    }
    tenure_keeps_its_bounds(ranges, n);
    return 0;
}

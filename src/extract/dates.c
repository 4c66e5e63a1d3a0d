#include "extract/dates.h"

#include "extract/dates_private.h"

#include <stdlib.h>

const char *const date_note_names[] = {
    [DATE_FINE] = "",
    [DATE_NONE] = "none",
    [DATE_INVALID] = "invalid",
    [DATE_AMBIGUOUS] = "ambiguous",
    [DATE_REVERSED] = "reversed",
};

struct dates *dates_new(struct error *err)
{
    struct dates *d = calloc(1, sizeof(*d));

    if (!d) {
        error_memory(err);
        return NULL;
    }
    d->table = dates_table_new(err);
    if (!d->table || !dates_reduce_open(d, err) || !dates_match_open(d, err)) {
        dates_free(d);
        return NULL;
    }
    d->match = pattern_match_new();
    if (!d->match) {
        error_memory(err);
        dates_free(d);
        return NULL;
    }
    return d;
}

void dates_free(struct dates *d)
{
    if (!d)
        return;
    dates_reduce_close(d);
    dates_match_close(d);
    pattern_match_free(d->match);
    dates_table_free(d->table);
    free(d);
}

void dates_read(struct dates *d, const char *s, size_t len,
                struct date_range *range)
{
    dates_fold(d, s, len);
    dates_scan(d);
    dates_reduce(d);
    dates_match(d);
    dates_join(d, range);
}

static int digits_value(const char *s, size_t digits)
{
    int value = 0;

    for (; digits; digits--, s++) {
        if (*s < '0' || *s > '9')
            return -1;
        value = value * 10 + (*s - '0');
    }
    return value;
}

bool date_parts(const char *side, int *year, int *month)
{
    size_t len = strlen(side);

    *year = len >= 4 ? digits_value(side, 4) : -1;
    *month = 0;
    if (len == 7 && side[4] == '-')
        *month = digits_value(side + 5, 2);
    else if (len != 4)
        return false;
    return *year >= 0 && *month >= 0 && *month <= 12;
}

#include "extract/values_plan.h"

/* count digits at s; -1 = something else. */
static int digits(const char *s, size_t count)
{
    int value = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        value = value * 10 + (s[i] - '0');
    }
    return value;
}

/* "2019-04", "2019": what the prompt asks for, and nearly always gets. */
static bool read_plain(const char *s, size_t len, struct month *m)
{
    if (len != 4 && (len != 7 || s[4] != '-'))
        return false;
    m->year = digits(s, 4);
    m->month = len == 7 ? digits(s + 5, 2) : 0;
    return m->year >= 1900 && m->year <= 2035 && m->month <= 12 &&
           (len == 4 || m->month >= 1);
}

static bool is_present(const char *s, size_t len)
{
    return len == 7 && !memcmp(s, "Present", 7);
}

static const char *const note_rules[] = {
    [DATE_FINE] = "date",
    [DATE_NONE] = "date",
    [DATE_INVALID] = "date:invalid",
    [DATE_AMBIGUOUS] = "date:ambiguous",
    [DATE_REVERSED] = "date:reversed",
};

/* A side as dates.h gives it. */
static struct month side_of(const char *side, enum date_note note)
{
    struct month m = { .note = note, .rule = note_rules[note] };

    m.present = is_present(side, strlen(side));
    if (!date_parts(side, &m.year, &m.month))
        m.year = m.month = 0;
    return m;
}

static bool is_known(const struct month *m)
{
    return m->year || m->present;
}

struct months values_months(struct values *v, const char *s, size_t len)
{
    struct months m = { .range = false };
    struct date_range range;

    if (is_present(s, len))
        m.end.present = m.start.bad = true;
    else if (read_plain(s, len, &m.start))
        m.end = m.start;
    if (is_known(&m.end))
        return m;
    dates_read(v->dates, s, len, &range);
    m.start = side_of(range.start, range.note);
    m.end = side_of(range.end, range.note);
    m.range = is_known(&m.start) && is_known(&m.end);
    if (!is_known(&m.end))
        m.end = m.start; /* a single date is a start to dates.h */
    m.start.bad = !is_known(&m.start);
    m.end.bad = !is_known(&m.end);
    return m;
}

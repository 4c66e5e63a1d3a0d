#include "extract/values_plan.h"

#include "extract/rules.h"

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
    static const char *const words[] = { "present", "current", "now", "ongoing",
                                         "today" };
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        if (len == strlen(words[i]) && !strncasecmp(s, words[i], len))
            return true;
    return false;
}

struct month values_month(const char *s, size_t len, bool end, bool *bad)
{
    struct month m = { 0 };

    *bad = false;
    if (read_plain(s, len, &m))
        return m;
    m = (struct month){ .present = end && is_present(s, len) };
    *bad = !m.present;
    return m;
}

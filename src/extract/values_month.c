#include "extract/values_plan.h"

#include "extract/rules.h"

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
    char text[16];
    int used = 0;

    *bad = false;
    if (is_present(s, len)) {
        m.present = end;
        *bad = !end;
        return m;
    }
    if (len < sizeof(text)) {
        memcpy(text, s, len);
        text[len] = '\0';
        if (sscanf(text, "%4d-%2d%n", &m.year, &m.month, &used) == 2 &&
            (size_t)used == len && m.year >= 1900 && m.month >= 1 &&
            m.month <= 12)
            return m;
        m.month = 0;
        if (sscanf(text, "%4d%n", &m.year, &used) == 1 && (size_t)used == len &&
            m.year >= 1900)
            return m;
    }
    *bad = true;
    m.year = 0;
    return m;
}

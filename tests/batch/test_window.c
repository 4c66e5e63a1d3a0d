#include "batch/window.h"

#include "tests/tap.h"

static const struct {
    const char *why, *text;
    int hour, minute, wait; /* seconds */
} cases[] = {
    { "none is always", NULL, 12, 0, 0 },
    { "empty is always", "", 12, 0, 0 },
    { "within a day", "09:00-17:00", 12, 0, 0 },
    { "before it", "09:00-17:00", 8, 0, 3600 },
    { "its end is outside", "09:00-17:00", 17, 0, 16 * 3600 },
    { "over midnight, late", "22:00-06:00", 23, 0, 0 },
    { "over midnight, early", "22:00-06:00", 5, 59, 0 },
    { "over midnight, by day", "22:00-06:00", 12, 0, 10 * 3600 },
    { "the whole day", "00:00-24:00", 3, 0, 0 },
};

static const char *const refused[] = {
    "22",  "22:00",        "22:00-",      "25:00-26:00", "22:60-23:00",
    "a-b", "22:00-06:00 ", "24:01-01:00", "-1:00-02:00",
};

int main(void)
{
    struct window w;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        ok(window_parse(cases[i].text, &w, &err), "%s: reads", cases[i].why);
        is_int(window_wait(&w, cases[i].hour * 3600 + cases[i].minute * 60),
               cases[i].wait, "%s", cases[i].why);
    }
    for (i = 0; i < ARRAY_LEN(refused); i++)
        ok(!window_parse(refused[i], &w, &err), "\"%s\" is refused",
           refused[i]);
    return tap_done();
}

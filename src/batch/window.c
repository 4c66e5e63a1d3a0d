#include "batch/window.h"

#define DAY 86400

static bool clock_time(const char **at, int *seconds)
{
    int hours = 0, minutes = 0, used = 0;

    if (sscanf(*at, "%2d:%2d%n", &hours, &minutes, &used) != 2 || hours < 0 ||
        hours > 24 || minutes < 0 || minutes > 59 ||
        hours * 60 + minutes > 24 * 60)
        return false;
    *at += used;
    *seconds = (hours * 3600 + minutes * 60) % DAY;
    return true;
}

bool window_parse(const char *text, struct window *w, struct error *err)
{
    const char *at = text;

    w->begin = w->end = 0;
    if (!text || !text[0])
        return true;
    if (clock_time(&at, &w->begin) && *at++ == '-' &&
        clock_time(&at, &w->end) && !*at)
        return true;
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "batch.write_window: \"%.40s\" is not a time of day "
                      "like 22:00-06:00",
                      text);
}

int window_wait(const struct window *w, int second)
{
    bool open = w->begin == w->end ||
                (w->begin < w->end ? second >= w->begin && second < w->end
                                   : second >= w->begin || second < w->end);

    return open ? 0 : (w->begin - second + DAY) % DAY;
}

int window_second(double t)
{
    time_t seconds = (time_t)t;
    struct tm tm;

    if (!localtime_r(&seconds, &tm))
        return 0;
    return tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

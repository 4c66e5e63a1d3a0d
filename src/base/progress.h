/*
 * progress.h -- how far the work is, for people.
 *
 * On a terminal one line is refreshed at most five times a second:
 *   collect  [#########-----------]  45 %  4,500/10,000  12.3/s  ETA 7 min 27 s
 * 3 failed ASCII only.  Elsewhere plain lines, at most one each 10 s but also
 * one at every thousand done.  Silence when quiet.  The rate is smoothed over
 * about half a minute; work that was done before the first call (a resumed
 * job) does not count for it.  Formatting is pure; the clock is an argument.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdio.h>

#include "base/clock.h"
#include "base/strbuf.h"

enum progress_mode { PROGRESS_SILENT, PROGRESS_LINES, PROGRESS_TERMINAL };

struct progress {
    struct clock *clock; /* borrowed */
    FILE *to;            /* borrowed */
    enum progress_mode mode;
    const char *what; /* borrowed: "collect" */
    int64_t total;    /* 0 = not known */
    int64_t done, failed;
    double started;    /* monotonic, all of them; < 0 = not yet */
    double at;         /* when done was measured for the rate */
    int64_t at_done;   /* what it was then */
    double rate;       /* per second; < 0 = not known */
    double printed;    /* when a line was last printed */
    int64_t milestone; /* thousands printed */
    size_t width;      /* of the line on the terminal, to wipe it */
};

/* PROGRESS_SILENT when quiet, else by what `to` is. */
enum progress_mode progress_mode_for(FILE *to, bool quiet);

void progress_start(struct progress *p, enum progress_mode mode, FILE *to,
                    struct clock *clock, const char *what, int64_t total);
/* failed is part of done.  Cheap: may be called for each record. */
void progress_update(struct progress *p, int64_t done, int64_t failed);
/* The last line; on a terminal it stays there, with the time taken. */
void progress_end(struct progress *p);
/* Takes the line away, so that something else can be printed. */
void progress_wipe(struct progress *p);

/* Seconds that are left at this rate, < 0 = not known. */
double progress_left(const struct progress *p);
/* The line without its end; columns = of the terminal, 0 = no bar. */
void progress_format(const struct progress *p, size_t columns,
                     struct strbuf *out);

/* "1,234,567". */
void progress_number(int64_t n, struct strbuf *out);

#endif

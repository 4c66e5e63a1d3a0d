#include "base/progress.h"

#include <math.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define REFRESH 0.2 /* seconds between two refreshes of a terminal */
#define MEASURE 1.0 /* between two looks at the rate */
#define PLAIN 10.0  /* between two plain lines */
#define SMOOTH 30.0 /* what the rate is smoothed over */
#define SMOOTH_MOST 600.0
#define SMOOTH_RECORDS 20.0 /* but over so many records at least */
#define BAR_LEAST 10
#define BAR_MOST 30

enum progress_mode progress_mode_for(FILE *to, bool quiet)
{
    if (quiet)
        return PROGRESS_SILENT;
    return isatty(fileno(to)) ? PROGRESS_TERMINAL : PROGRESS_LINES;
}

void progress_start(struct progress *p, enum progress_mode mode, FILE *to,
                    struct clock *clock, const char *what, int64_t total)
{
    memset(p, 0, sizeof(*p));
    p->mode = mode;
    p->to = to;
    p->clock = clock;
    p->what = what;
    p->total = total;
    p->started = -1;
    p->rate = -1;
}

void progress_number(int64_t n, struct strbuf *out)
{
    char digits[24];
    size_t len;
    size_t i;

    snprintf(digits, sizeof(digits), "%lld", (long long)(n < 0 ? -n : n));
    len = strlen(digits);
    if (n < 0)
        strbuf_addc(out, '-');
    for (i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            strbuf_addc(out, ',');
        strbuf_addc(out, digits[i]);
    }
}

double progress_left(const struct progress *p)
{
    if (p->total <= 0 || p->rate <= 0 || p->done >= p->total)
        return -1;
    return (double)(p->total - p->done) / p->rate;
}

/* ---------------------------------------------------------- formatting */

static void add_bar(const struct progress *p, size_t columns,
                    struct strbuf *out)
{
    size_t i;
    size_t full =
        p->done >= p->total
            ? columns
            : (size_t)((double)columns * (double)p->done / (double)p->total);

    strbuf_addc(out, '[');
    for (i = 0; i < columns; i++)
        strbuf_addc(out, i < full ? '#' : '-');
    strbuf_adds(out, "]  ");
}

static void add_rate(double rate, struct strbuf *out)
{
    if (rate <= 0)
        return;
    if (rate >= 100)
        strbuf_addf(out, "  %.0f/s", rate);
    else if (rate >= 1)
        strbuf_addf(out, "  %.1f/s", rate);
    else
        strbuf_addf(out, "  %.1f/min", rate * 60);
}

/* All that stands right of the bar. */
static void add_figures(const struct progress *p, struct strbuf *out)
{
    char text[CLOCK_TEXT];

    if (p->total > 0) {
        double percent = floor((double)p->done * 100 / (double)p->total);

        strbuf_addf(out, "%3.0f %%  ", percent < 100 ? percent : 100);
    }
    progress_number(p->done, out);
    if (p->total > 0) {
        strbuf_addc(out, '/');
        progress_number(p->total, out);
    }
    add_rate(p->rate, out);
    if (progress_left(p) >= 0) {
        clock_duration(progress_left(p), text);
        strbuf_addf(out, "  ETA %s", text);
    }
    if (p->failed > 0) {
        strbuf_adds(out, "  ");
        progress_number(p->failed, out);
        strbuf_adds(out, " failed");
    }
}

void progress_format(const struct progress *p, size_t columns,
                     struct strbuf *out)
{
    struct strbuf figures;
    size_t taken;

    strbuf_init(&figures, 4096);
    add_figures(p, &figures);
    strbuf_addf(out, "%s  ", p->what);
    taken = strlen(p->what) + 2 + figures.len + 4;
    if (p->total > 0 && columns >= taken + BAR_LEAST) {
        size_t bar = columns - taken;

        add_bar(p, bar < BAR_MOST ? bar : BAR_MOST, out);
    }
    strbuf_adds(out, figures.data);
    strbuf_release(&figures);
}

/* ------------------------------------------------------------ printing */

static size_t terminal_columns(FILE *to)
{
    struct winsize size;

    if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

static void draw(struct progress *p, bool last)
{
    size_t columns = terminal_columns(p->to) - 1;
    char took[CLOCK_TEXT] = "";
    struct strbuf line;
    size_t room;

    strbuf_init(&line, 4096);
    if (last)
        clock_duration(p->clock->monotonic(p->clock) - p->started, took);
    room = last ? strlen(took) + 5 : 0;
    progress_format(p, columns > room ? columns - room : 0, &line);
    if (last)
        strbuf_addf(&line, "  in %s", took);
    /* A longer line would wrap, and the next would begin below it. */
    strbuf_cut(&line, columns);
    fprintf(p->to, "\r%-*s", (int)p->width, line.data);
    p->width = line.len;
    if (last) {
        fputc('\n', p->to);
        p->width = 0;
    }
    fflush(p->to);
    strbuf_release(&line);
}

static void print_plain(const struct progress *p)
{
    struct strbuf line;

    strbuf_init(&line, 4096);
    progress_format(p, 0, &line);
    strbuf_addc(&line, '\n');
    fputs(line.data, p->to);
    fflush(p->to);
    strbuf_release(&line);
}

/* Exponentially weighted, so that it follows the work; at first over all
 * there is, for slow work over enough records to mean something. */
static void measure(struct progress *p, double now)
{
    double passed = now - p->at;
    double since = now - p->started;
    double latest;
    double span;

    if (passed < MEASURE)
        return;
    latest = (double)(p->done - p->at_done) / passed;
    p->at = now;
    p->at_done = p->done;
    if (p->rate < 0) {
        p->rate = latest;
        return;
    }
    span = p->rate > 0 ? SMOOTH_RECORDS / p->rate : SMOOTH;
    span = fmin(fmax(span, SMOOTH), SMOOTH_MOST);
    span = fmin(span, since);
    p->rate += (1 - exp(-passed / span)) * (latest - p->rate);
}

static void begin(struct progress *p, int64_t done, double now)
{
    p->started = p->at = p->printed = now;
    p->at_done = done;
    p->milestone = done / 1000;
    if (p->mode == PROGRESS_TERMINAL)
        p->printed = now - REFRESH;
}

void progress_update(struct progress *p, int64_t done, int64_t failed)
{
    double now;

    if (p->mode == PROGRESS_SILENT)
        return;
    now = p->clock->monotonic(p->clock);
    if (p->started < 0)
        begin(p, done, now);
    p->done = done;
    p->failed = failed;
    measure(p, now);
    if (p->mode == PROGRESS_TERMINAL && now - p->printed >= REFRESH) {
        p->printed = now;
        draw(p, false);
    }
    if (p->mode == PROGRESS_LINES &&
        (now - p->printed >= PLAIN || done / 1000 > p->milestone)) {
        p->printed = now;
        p->milestone = done / 1000;
        print_plain(p);
    }
}

void progress_end(struct progress *p)
{
    if (p->mode == PROGRESS_TERMINAL && p->started >= 0)
        draw(p, true);
    p->mode = PROGRESS_SILENT;
}

void progress_wipe(struct progress *p)
{
    if (p->mode != PROGRESS_TERMINAL || p->width == 0)
        return;
    fprintf(p->to, "\r%*s\r", (int)p->width, "");
    fflush(p->to);
    p->width = 0;
}

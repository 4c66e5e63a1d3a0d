#include "base/progress.h"

#include <math.h>

#include "tests/folder.h"
#include "tests/tap.h"

static struct strbuf out;

static const char *format(const struct progress *p, size_t columns)
{
    strbuf_clear(&out);
    progress_format(p, columns, &out);
    return out.data;
}

static const struct {
    struct progress p;
    size_t columns;
    const char *want;
    const char *why;
} cases[] = {
    { { .what = "collect",
        .total = 10000,
        .done = 4500,
        .failed = 3,
        .rate = 12.3 },
      100,
      "collect  [#############-----------------]   45 %  4,500/10,000  "
      "12.3/s  ETA 7 min 27 s  3 failed",
      "all of it" },
    { { .what = "collect", .total = 10000, .done = 4500, .rate = 12.3 },
      0,
      "collect   45 %  4,500/10,000  12.3/s  ETA 7 min 27 s",
      "a plain line has no bar" },
    { { .what = "c", .total = 100, .done = 50, .rate = -1 },
      32,
      "c  [######------]   50 %  50/100",
      "the bar fits in" },
    { { .what = "c", .total = 100, .done = 50, .rate = -1 },
      29,
      "c   50 %  50/100",
      "or is left out" },
    { { .what = "read", .total = 0, .done = 1234567, .rate = 4321 },
      100,
      "read  1,234,567  4321/s",
      "no total, no bar, no end" },
    { { .what = "x", .total = 3, .done = 3, .rate = 0.25 },
      0,
      "x  100 %  3/3  15.0/min",
      "done: no ETA; slow: per minute" },
    { { .what = "x", .total = 3, .done = 5, .rate = 0 },
      0,
      "x  100 %  5/3",
      "more than all is all" },
    { { .what = "x", .total = 1000, .done = 999, .rate = -1 },
      0,
      "x   99 %  999/1,000",
      "nearly all is not all" },
};

static void lines_are_formatted(void)
{
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        is_str(format(&cases[i].p, cases[i].columns), cases[i].want, "%s",
               cases[i].why);
}

static int lines_in(const char *path)
{
    FILE *f = fopen(path, "r");
    int n = 0;
    int c;

    while ((c = fgetc(f)) != EOF)
        n += c == '\n';
    fclose(f);
    return n;
}

static void a_plain_line_at_each_thousand(void)
{
    struct clock clock = clock_fixed(1000);
    struct progress p;
    FILE *to = fopen("plain", "w");
    int i;

    progress_start(&p, PROGRESS_LINES, to, &clock, "convert", 2500);
    for (i = 0; i <= 2500; i++)
        progress_update(&p, i, 0);
    progress_end(&p);
    fclose(to);
    is_int(lines_in("plain"), 2, "2,500 rows in no time: two lines");
}

static void a_plain_line_each_ten_seconds(void)
{
    struct clock clock = clock_fixed(1000);
    struct progress p;
    FILE *to = fopen("plain", "w");
    int i;

    progress_start(&p, PROGRESS_LINES, to, &clock, "collect", 500);
    for (i = 0; i <= 100; i++) {
        progress_update(&p, i, 0);
        clock.fixed += 0.5;
    }
    progress_end(&p);
    fclose(to);
    is_int(lines_in("plain"), 5, "50 seconds: five lines");
    progress_start(&p, PROGRESS_SILENT, NULL, &clock, "collect", 500);
    progress_update(&p, 5000, 0);
    progress_end(&p);
    ok(true, "silence needs no file");
}

static void a_terminal_keeps_one_line(void)
{
    struct clock clock = clock_fixed(1000);
    struct progress p;
    FILE *to = fopen("terminal", "w+");
    char text[4096];
    size_t len;
    int i;

    progress_start(&p, PROGRESS_TERMINAL, to, &clock, "collect", 100);
    for (i = 0; i <= 100; i++) {
        progress_update(&p, i, 0);
        clock.fixed += 0.05;
    }
    progress_end(&p);
    rewind(to);
    len = fread(text, 1, sizeof(text) - 1, to);
    text[len] = '\0';
    fclose(to);
    is_int(lines_in("terminal"), 1, "one line");
    for (i = 0, len = 0; text[len]; len++)
        i += text[len] == '\r';
    ok(i >= 20 && i <= 30, "refreshed some 25 times in 5 s (%d)", i);
    ok(strstr(text, "100/100") && strstr(text, "in 5 s\n"),
       "the last tells the time it took");
}

/* Feeds n records at a steady rate, in bursts; the worst error of the ETA
 * from the first tenth on. */
static double worst_error(double rate, int burst, int n, int already)
{
    struct clock clock = clock_fixed(1000);
    struct progress p;
    double worst = 0;
    FILE *to = fopen("eta", "w");
    int i;

    progress_start(&p, PROGRESS_LINES, to, &clock, "x", already + n);
    for (i = 0; i < n; i += burst) {
        double truth = (n - i) / rate;
        double left;

        progress_update(&p, already + i, 0);
        left = progress_left(&p);
        if (i > n / 10 && i < n - n / 20)
            worst = fmax(worst, fabs(left - truth) / truth);
        clock.fixed += burst / rate;
    }
    fclose(to);
    return worst;
}

static void the_eta_is_near_at_a_steady_rate(void)
{
    ok(worst_error(6.67, 1, 1000, 0) < 0.1, "6.67 a second");
    ok(worst_error(2000, 100, 170000, 0) < 0.1, "2,000 a second");
    ok(worst_error(0.05, 1, 200, 0) < 0.1, "one in 20 s");
    ok(worst_error(10, 1, 1000, 50000) < 0.1, "a resumed job");
}

static void the_rate_follows_the_work(void)
{
    struct clock clock = clock_fixed(1000);
    struct progress p;
    FILE *to = fopen("rate", "w");
    int done = 0;
    int i;

    progress_start(&p, PROGRESS_LINES, to, &clock, "x", 1000000);
    for (i = 0; i < 600; i++, clock.fixed++)
        progress_update(&p, done += 10, 0);
    ok(fabs(p.rate - 10) < 0.5, "10 a second (%g)", p.rate);
    for (i = 0; i < 120; i++, clock.fixed++)
        progress_update(&p, done += 50, 0);
    ok(fabs(p.rate - 50) < 2.5, "50 a second two minutes later (%g)", p.rate);
    for (i = 0; i < 120; i++, clock.fixed++)
        progress_update(&p, done, 0);
    ok(p.rate < 2.5, "nothing two minutes after a stop (%g)", p.rate);
    fclose(to);
}

int main(void)
{
    folder_enter();
    strbuf_init(&out, MIB);
    lines_are_formatted();
    a_plain_line_at_each_thousand();
    a_plain_line_each_ten_seconds();
    a_terminal_keeps_one_line();
    the_eta_is_near_at_a_steady_rate();
    the_rate_follows_the_work();
    strbuf_release(&out);
    return tap_done();
}

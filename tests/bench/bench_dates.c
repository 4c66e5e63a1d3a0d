/*
 * Reading the dates of the labelled examples (tests/extract/dates), beside
 * one PCRE2 match a string, which finds a year and nothing else.
 */
#include "base/pattern.h"
#include "base/text.h"
#include "extract/dates.h"
#include "tests/bench/bench.h"

#include <stdio.h>

#define STRINGS_MOST 2000

static char *strings[STRINGS_MOST];
static size_t lengths[STRINGS_MOST];
static size_t count;
static size_t total;
static struct dates *dates;
static struct pattern *year;
static struct pattern_match *match;

static bool read_file(const char *name)
{
    const char *srcdir = getenv("srcdir");
    char path[1024];
    char line[2048];
    FILE *f;

    snprintf(path, sizeof(path), "%s/tests/extract/dates/%s",
             srcdir ? srcdir : ".", name);
    f = fopen(path, "r");
    if (!f)
        f = fopen(path + (srcdir ? strlen(srcdir) + 1 : 2), "r");
    if (!f || !fgets(line, sizeof(line), f))
        return false;
    while (count < STRINGS_MOST && fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\t\n")] = '\0';
        strings[count] = strdup(line);
        lengths[count] = strlen(line);
        total += lengths[count++];
    }
    fclose(f);
    return true;
}

static void find_years(void *context)
{
    size_t i;

    (void)context;
    for (i = 0; i < count; i++)
        bench_sink += utf8_valid(strings[i], lengths[i]) &&
                      pattern_find(year, strings[i], lengths[i], 0, match);
}

static void read_dates(void *context)
{
    struct date_range range;
    size_t i;

    (void)context;
    for (i = 0; i < count; i++) {
        dates_read(dates, strings[i], lengths[i], &range);
        bench_sink += (size_t)range.start[0];
    }
}

static void measure(const char *title, const char *name)
{
    double seconds;

    count = total = 0;
    if (!read_file(name)) {
        printf("%s can't be read: set srcdir\n", name);
        return;
    }
    bench_title(title);
    seconds = bench_run("one match for a year", find_years, NULL, total);
    bench_floor("one match", seconds, total);
    seconds = bench_run("start, end and note", read_dates, NULL, total);
    printf("  %.2f million strings a second\n",
           (double)count / seconds / 1000000);
}

int main(void)
{
    struct error err;

    dates = dates_new(&err);
    year = pattern_new("\\b(?:19|20)\\d\\d\\b", &err);
    match = pattern_match_new();
    if (!dates || !year || !match) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    measure("dates of English resumes", "gold_dev.tsv");
    measure("dates in 25 languages", "gold_multilingual.tsv");
    pattern_match_free(match);
    pattern_free(year);
    dates_free(dates);
    return 0;
}

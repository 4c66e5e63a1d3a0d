#include "extract/dates.h"

#include "base/file.h"
#include "tests/tap.h"

#include <stdio.h>
#include <stdlib.h>

/* Rows of input, start, end, note (and, in our own cases, the rule). */
#define COLUMNS 5

static struct dates *dates;

static bool agrees(char **columns)
{
    struct date_range range;

    dates_read(dates, columns[0], strlen(columns[0]), &range);
    if (!strcmp(range.start, columns[1]) && !strcmp(range.end, columns[2]) &&
        !strcmp(date_note_names[range.note], columns[3]))
        return true;
    tap_note("\"%s\" is %s, %s, %s; not %s, %s, %s %s", columns[0], range.start,
             range.end, date_note_names[range.note], columns[1], columns[2],
             columns[3], columns[4]);
    return false;
}

static void split(char *line, char **columns)
{
    size_t i;

    for (i = 0; i < COLUMNS; i++) {
        char *tab = strchr(line, '\t');

        columns[i] = line;
        line = tab ? tab + 1 : line + strlen(line);
        if (tab)
            *tab = '\0';
    }
}

/* At least this share of the rows, in thousandths. */
static void a_file_agrees(const char *name, int thousandths)
{
    const char *srcdir = getenv("srcdir");
    char path[1024];
    char line[2048];
    char *columns[COLUMNS];
    int rows = 0;
    int good = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/tests/extract/dates/%s",
             srcdir ? srcdir : ".", name);
    f = fopen(path, "r");
    if (!f || !fgets(line, sizeof(line), f)) {
        ok(false, "%s can be read", path);
        if (f)
            fclose(f);
        return;
    }
    while (fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\n")] = '\0';
        split(line, columns);
        rows++;
        good += agrees(columns);
    }
    fclose(f);
    ok(rows > 100 && good * 1000 >= rows * thousandths,
       "%s: %d of %d rows agree", name, good, rows);
}

static void any_bytes_give_a_result(void)
{
    struct date_range range;
    char s[2000];
    size_t i;

    dates_read(dates, "", 0, &range);
    is_int(range.note, DATE_NONE, "nothing says nothing");
    memset(s, '9', sizeof(s));
    dates_read(dates, s, sizeof(s), &range);
    is_int(range.note, DATE_NONE, "2000 nines");
    for (i = 0; i < sizeof(s); i++)
        s[i] = (char)i;
    dates_read(dates, s, sizeof(s), &range);
    ok(range.note <= DATE_REVERSED, "all bytes");
    memset(s, ' ', sizeof(s));
    memcpy(s, "2014", 4);
    memcpy(s + 600, "2016", 4);
    dates_read(dates, s, sizeof(s), &range);
    is_str(range.start, "2014", "the beginning counts");
    is_str(range.end, "", "what is beyond the limit doesn't");
    memset(s, 0, 20);
    memcpy(s, "May 2014", 8);
    dates_read(dates, s, 20, &range);
    is_str(range.start, "2014-05", "NUL is a blank");
}

static void sides_have_parts(void)
{
    int year;
    int month;

    ok(date_parts("2014-05", &year, &month) && year == 2014 && month == 5,
       "year and month");
    ok(date_parts("1999", &year, &month) && year == 1999 && month == 0,
       "a year alone");
    ok(!date_parts("Present", &year, &month), "Present has none");
    ok(!date_parts("", &year, &month), "nothing has none");
}

int main(void)
{
    struct error err;

    dates = dates_new(&err);
    if (!ok(dates != NULL, "the patterns compile")) {
        tap_note("%s", err.message);
        return tap_done();
    }
    a_file_agrees("gold_dev.tsv", 995);
    a_file_agrees("gold_multilingual.tsv", 980);
    a_file_agrees("cases.tsv", 1000);
    any_bytes_give_a_result();
    sides_have_parts();
    dates_free(dates);
    return tap_done();
}

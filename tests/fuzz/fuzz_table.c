/* Any bytes as the table that somebody dropped on the page: what is taken is
 * a table (as many cells in each row, names that differ, UTF-8, so many rows
 * as were told), and what is refused says why and leaves no file. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "server/table.h"
#include "tests/fuzz/fuzz.h"

#define ROWS_MOST 1000

static char to[80];

static void remove_table(void)
{
    unlink(to);
}

static int make_file(const void *data, size_t size, char *path, size_t room)
{
    int fd = memfd_create("fuzz", 0);

    fuzz_check(fd >= 0);
    fuzz_check(write(fd, data, size) == (ssize_t)size);
    snprintf(path, room, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_names(const struct csv_reader *csv)
{
    size_t i, k;

    for (i = 0; i < csv->count; i++) {
        fuzz_check(csv->fields[i].len > 0);
        for (k = 0; k < i; k++)
            fuzz_check(
                !ascii_equal_nocase(csv->fields[i].text, csv->fields[k].text));
    }
}

static void check_table(const struct table_news *news)
{
    struct csv_reader csv;
    struct error err;
    bool more = true;
    size_t columns, i;
    int64_t rows = 0;

    fuzz_check(table_open(&csv, to, &err));
    columns = csv.count;
    check_names(&csv);
    for (;; rows++) {
        fuzz_check(csv_next(&csv, &more, &err));
        if (!more)
            break;
        fuzz_check(csv.count == columns);
        for (i = 0; i < columns; i++)
            fuzz_check(utf8_valid(csv.fields[i].text, csv.fields[i].len));
    }
    fuzz_check(rows == news->rows && rows > 0 && rows <= ROWS_MOST);
    csv_close(&csv);
}

static void check_description(void)
{
    const volatile bool stop = false;
    struct strbuf text;
    struct error err;
    struct jsonw w;

    strbuf_init(&text, 4 * MIB);
    jsonw_init(&w, &text);
    jsonw_object(&w, NULL);
    fuzz_check(table_describe(to, &stop, &w, &err));
    jsonw_end_object(&w);
    fuzz_check(strbuf_ok(&text) && utf8_valid(text.data, text.len));
    strbuf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const volatile bool stop = false;
    const char *tmp = getenv("TMPDIR");
    struct table_news news;
    struct error err;
    char from[64];
    int fd = make_file(data, size, from, sizeof(from));

    if (!*to) {
        snprintf(to, sizeof(to), "%.40s/vitae-fuzz-%ld",
                 tmp && *tmp ? tmp : "/tmp", (long)getpid());
        fuzz_check(atexit(remove_table) == 0);
    }
    error_clear(&err);
    if (table_import(from, to, ROWS_MOST, &stop, &news, &err)) {
        check_table(&news);
        check_description();
        unlink(to);
    } else {
        fuzz_check(err.kind == ERROR_REJECT && *err.message);
        fuzz_check(access(to, F_OK) != 0);
    }
    fuzz_check(utf8_valid(news.examples.data, news.examples.len));
    table_news_release(&news);
    close(fd);
    return 0;
}

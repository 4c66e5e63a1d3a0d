/* Any bytes as a CSV file: it ends, fields are whole, and what csv_add
 * writes of a row reads back the same. */
#include <sys/mman.h>
#include <unistd.h>

#include "io/csv.h"
#include "tests/fuzz/fuzz.h"

static int make_file(const void *data, size_t size, char *path, size_t room)
{
    int fd = memfd_create("fuzz", 0);

    fuzz_check(fd >= 0);
    fuzz_check(write(fd, data, size) == (ssize_t)size);
    fuzz_check(lseek(fd, 0, SEEK_SET) == 0);
    snprintf(path, room, "/proc/self/fd/%d", fd);
    return fd;
}

/* A row alone, written and read: the same fields. */
static void reads_back(const struct csv_reader *row)
{
    struct csv_reader again;
    struct strbuf out;
    struct error err;
    char path[64];
    bool more = false;
    size_t i;
    int fd;

    strbuf_init(&out, 4 * MIB);
    for (i = 0; i < row->count; i++) {
        if (i)
            strbuf_addc(&out, ',');
        csv_add(&out, row->fields[i].text, row->fields[i].len, false);
    }
    strbuf_addc(&out, '\n');
    fd = make_file(out.data, out.len, path, sizeof(path));
    fuzz_check(csv_open(&again, path, 4 * MIB, &err));
    again.separator = ',';
    if (again.encoding == 0 && csv_next(&again, &more, &err) && more) {
        fuzz_check(again.count == row->count);
        for (i = 0; i < row->count; i++)
            fuzz_check(again.fields[i].len == row->fields[i].len &&
                       memcmp(again.fields[i].text, row->fields[i].text,
                              row->fields[i].len) == 0);
    }
    csv_close(&again);
    close(fd);
    strbuf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv_reader csv;
    struct error err;
    char path[64];
    bool more = true;
    size_t rows, i;
    int fd = make_file(data, size, path, sizeof(path));

    fuzz_check(csv_open(&csv, path, 1 * MIB, &err));
    for (rows = 0; more; rows++) {
        fuzz_check(rows <= size + 1);
        if (!csv_next(&csv, &more, &err))
            continue;
        for (i = 0; more && i < csv.count; i++)
            fuzz_check(csv.fields[i].text[csv.fields[i].len] == '\0');
        if (more && csv.row == 1 && csv.text.data[0] != '\xef')
            reads_back(&csv);
    }
    csv_close(&csv);
    close(fd);
    return 0;
}

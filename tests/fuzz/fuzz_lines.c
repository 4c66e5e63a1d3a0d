/*
 * The line reader against a plain splitter: the same lines, places and
 * numbers at every ceiling.  The first two bytes choose the ceiling.
 */
#include "base/file.h"
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

static char path[64];
static int fd = -1;

static void put_in_file(const uint8_t *data, size_t size)
{
    if (fd < 0) {
        fd = memfd_create("lines", 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    fuzz_check(ftruncate(fd, 0) == 0);
    fuzz_check(pwrite(fd, data, size, 0) == (ssize_t)size);
}

/* What must come next from at on; the new at. */
static size_t expect(struct file_lines *lines, const char *text, size_t size,
                     size_t at, size_t ceiling)
{
    const char *lf = memchr(text + at, '\n', size - at);
    size_t end = lf ? (size_t)(lf - text) : size;
    size_t len = end - at;
    size_t got_len;
    bool too_long;
    char *got;
    struct error err;

    fuzz_check(file_lines_next(lines, &got, &got_len, &too_long, &err));
    fuzz_check(lines->offset == at);
    fuzz_check(lines->next == (lf ? end + 1 : size));
    fuzz_check(lines->last_unended == !lf);
    if (lf && len > 0 && text[end - 1] == '\r')
        len--;
    fuzz_check(too_long == (len > ceiling));
    fuzz_check((got == NULL) == too_long);
    if (got)
        fuzz_check(got_len == len && !memcmp(got, text + at, len) &&
                   got[len] == '\0');
    return lf ? end + 1 : size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file_lines lines;
    struct error err;
    uint64_t number = 0;
    size_t ceiling;
    bool too_long;
    size_t at = 0;
    size_t len;
    char *line;

    if (size < 2)
        return 0;
    ceiling = (size_t)data[0] << (data[1] % 12);
    data += 2;
    size -= 2;
    put_in_file(data, size);
    fuzz_check(file_lines_open(&lines, path, ceiling, &err));
    if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    while (at < size) {
        at = expect(&lines, (const char *)data, size, at, ceiling);
        fuzz_check(lines.number == ++number);
    }
    fuzz_check(file_lines_next(&lines, &line, &len, &too_long, &err));
    fuzz_check(!line && !too_long);
    file_lines_close(&lines);
    return 0;
}

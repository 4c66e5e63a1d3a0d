#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

#define FIRST_SIZE (64 * KIB)

/* The ceiling, and LF or CR LF after it. */
static size_t most(const struct file_lines *lines)
{
    return lines->ceiling + 2;
}

bool file_lines_open(struct file_lines *lines, const char *path, size_t ceiling,
                     struct error *err)
{
    memset(lines, 0, sizeof(*lines));
    lines->fd = -1;
    lines->ceiling = ceiling;
    lines->size = FIRST_SIZE;
    lines->path = strdup(path);
    lines->buffer = malloc(lines->size + 1);
    if (!lines->path || !lines->buffer) {
        file_lines_close(lines);
        return error_memory(err);
    }
    lines->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (lines->fd >= 0)
        return true;
    file_failure("read", lines->path, err);
    file_lines_close(lines);
    return false;
}

bool file_lines_seek(struct file_lines *lines, uint64_t offset,
                     struct error *err)
{
    if (lseek(lines->fd, (off_t)offset, SEEK_SET) < 0)
        return file_failure("read", lines->path, err);
    lines->begin = lines->end = 0;
    lines->offset = lines->next = offset;
    lines->number = 0;
    lines->finished = false;
    lines->last_unended = false;
    return true;
}

void file_lines_close(struct file_lines *lines)
{
    if (lines->fd >= 0)
        close(lines->fd);
    lines->fd = -1;
    free(lines->path);
    free(lines->buffer);
    lines->path = NULL;
    lines->buffer = NULL;
}

static bool grow(struct file_lines *lines, struct error *err)
{
    size_t size = lines->size * 2;
    char *buffer;

    if (size > most(lines))
        size = most(lines);
    buffer = realloc(lines->buffer, size + 1);
    if (!buffer)
        return error_memory(err);
    lines->buffer = buffer;
    lines->size = size;
    return true;
}

/* More bytes behind what is there; sets finished at the end of the file. */
static bool fill(struct file_lines *lines, struct error *err)
{
    ssize_t got;

    if (lines->begin > 0) {
        memmove(lines->buffer, lines->buffer + lines->begin,
                lines->end - lines->begin);
        lines->end -= lines->begin;
        lines->begin = 0;
    }
    if (lines->end == lines->size && !grow(lines, err))
        return false;
    do
        got = read(lines->fd, lines->buffer + lines->end,
                   lines->size - lines->end);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return file_failure("read", lines->path, err);
    lines->end += (size_t)got;
    lines->finished = got == 0;
    return true;
}

static void skip_bom(struct file_lines *lines)
{
    if (lines->next == 0 && lines->end - lines->begin >= 3 &&
        memcmp(lines->buffer + lines->begin, "\xef\xbb\xbf", 3) == 0) {
        lines->begin += 3;
        lines->next = 3;
    }
}

/* Finds the end of the line at begin, reading as needed: *end is its LF or
 * the end of the file.  Stops early, with *end NULL, when the buffer may not
 * grow further. */
static bool find_end(struct file_lines *lines, char **end, struct error *err)
{
    size_t seen = 0;

    for (;;) {
        char *from = lines->buffer + lines->begin;
        size_t have = lines->end - lines->begin;

        *end = memchr(from + seen, '\n', have - seen);
        if (*end)
            return true;
        if (lines->finished) {
            *end = from + have;
            return true;
        }
        if (have >= most(lines))
            return true;
        seen = have;
        if (!fill(lines, err))
            return false;
        if (seen < 3 && lines->next == 0) {
            skip_bom(lines);
            seen = 0;
        }
    }
}

/* Throws bytes away up to the LF of a line that is too long. */
static bool pass_over(struct file_lines *lines, char **end, struct error *err)
{
    while (!*end) {
        lines->next += lines->end - lines->begin;
        lines->begin = lines->end;
        if (!find_end(lines, end, err))
            return false;
    }
    return true;
}

bool file_lines_next(struct file_lines *lines, char **line, size_t *len,
                     bool *too_long, struct error *err)
{
    char *end;
    char *from;
    bool long_already;

    *line = NULL;
    *len = 0;
    *too_long = false;
    if (!find_end(lines, &end, err))
        return false;
    lines->offset = lines->next;
    long_already = !end;
    if (!pass_over(lines, &end, err))
        return false;
    from = lines->buffer + lines->begin;
    lines->last_unended = end == lines->buffer + lines->end;
    if (lines->last_unended && end == from && !long_already)
        return true;
    lines->number++;
    *len = (size_t)(end - from);
    lines->begin += *len + !lines->last_unended;
    lines->next += *len + !lines->last_unended;
    if (*len > 0 && !lines->last_unended && from[*len - 1] == '\r')
        --*len;
    *too_long = long_already || *len > lines->ceiling;
    if (*too_long) {
        *len = 0;
        return true;
    }
    from[*len] = '\0';
    *line = from;
    return true;
}

bool file_lines_at(struct file_lines *lines, uint64_t offset, size_t len,
                   char **line, struct error *err)
{
    size_t have = 0;

    lines->begin = lines->end = 0;
    while (lines->size < len)
        if (!grow(lines, err))
            return false;
    while (have < len) {
        ssize_t got = pread(lines->fd, lines->buffer + have, len - have,
                            (off_t)(offset + have));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_failure("read", lines->path, err);
        if (got == 0)
            return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                              "%.300s became shorter while it was read",
                              lines->path);
        have += (size_t)got;
    }
    lines->buffer[len] = '\0';
    *line = lines->buffer;
    return true;
}

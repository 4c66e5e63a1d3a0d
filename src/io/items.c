#include "io/items.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/jsonr.h"

#define BUFFER (256 * KIB)

static bool fault(const struct items *items, const char *why, struct error *err)
{
    error_set(err, ERROR_REJECT, "%s element %llu: %s", items->name,
              (unsigned long long)items->number, why);
    error_code(err, "json");
    return false;
}

/* Makes room behind what is held: first by moving it, then by doubling, so
 * that a long element is looked at a few times only. */
static bool make_room(struct items *items, struct error *err)
{
    size_t held = items->end - items->begin;
    size_t size = items->size;
    char *grown;

    if (items->begin) {
        memmove(items->buffer, items->buffer + items->begin, held);
        items->begin = 0;
        items->end = held;
    }
    if (held <= size / 2)
        return true;
    if (held > items->ceiling)
        return fault(items, "it is too long", err);
    grown = realloc(items->buffer, 2 * size);
    if (!grown)
        return error_memory(err);
    items->buffer = grown;
    items->size = 2 * size;
    return true;
}

static bool fill(struct items *items, struct error *err)
{
    ssize_t n;

    if (!make_room(items, err))
        return false;
    while (!items->at_end && items->end < items->size) {
        n = read(items->fd, items->buffer + items->end,
                 items->size - items->end);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, ERROR_SETUP, "cannot read %s: %s",
                             items->name, strerror(errno));
        items->at_end = n == 0;
        items->end += (size_t)n;
    }
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next byte that is no white space, not taken; 0 at the end. */
static bool look(struct items *items, char *c, struct error *err)
{
    *c = '\0';
    for (;;) {
        while (items->begin < items->end &&
               is_space(items->buffer[items->begin]))
            items->begin++;
        if (items->begin < items->end)
            break;
        if (items->at_end)
            return true;
        if (!fill(items, err))
            return false;
    }
    *c = items->buffer[items->begin];
    if (*c == '\0')
        return fault(items, "a NUL byte stands before it", err);
    return true;
}

static bool begin(struct items *items, struct error *err)
{
    char c;

    if (!fill(items, err))
        return false;
    if (items->end >= 3 && memcmp(items->buffer, "\xef\xbb\xbf", 3) == 0)
        items->begin = 3;
    if (!look(items, &c, err))
        return false;
    if (c != '[') {
        error_set(err, ERROR_REJECT,
                  "%s is not a JSON array: it begins with "
                  "something else than [",
                  items->name);
        error_code(err, "json");
        return false;
    }
    items->begin++;
    return true;
}

bool items_open(struct items *items, const char *path, size_t ceiling,
                struct error *err)
{
    memset(items, 0, sizeof(*items));
    items->name = path;
    items->ceiling = ceiling;
    items->size = BUFFER;
    items->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (items->fd < 0)
        return error_set(err, ERROR_SETUP, "cannot open %s: %s", path,
                         strerror(errno));
    items->buffer = malloc(BUFFER);
    if (!items->buffer) {
        items_close(items);
        return error_memory(err);
    }
    if (begin(items, err))
        return true;
    items_close(items);
    return false;
}

void items_close(struct items *items)
{
    if (items->fd >= 0)
        close(items->fd);
    items->fd = -1;
    free(items->buffer);
    items->buffer = NULL;
}

/* After the last element nothing may come. */
static bool finish(struct items *items, struct error *err)
{
    char c;

    items->begin++;
    if (!look(items, &c, err))
        return false;
    items->finished = true;
    return !c || fault(items, "something follows the array", err);
}

/* A number may go on behind what was read. */
static bool extent(struct items *items, size_t *len, struct error *err)
{
    size_t held;

    for (;;) {
        held = items->end - items->begin;
        *len = json_extent(items->buffer + items->begin, held);
        if (*len && (*len < held || items->at_end))
            break;
        if (items->at_end)
            return fault(items, "it never ends", err);
        if (!fill(items, err))
            return false;
    }
    return *len <= items->ceiling || fault(items, "it is too long", err);
}

bool items_next(struct items *items, const char **text, size_t *len,
                struct error *err)
{
    char c;

    *text = NULL;
    *len = 0;
    if (items->finished)
        return true;
    if (!look(items, &c, err))
        return false;
    if (c == ']')
        return finish(items, err);
    items->number++;
    if (c && items->number > 1) {
        if (c != ',')
            return fault(items, "a comma is missing before it", err);
        items->begin++;
        if (!look(items, &c, err))
            return false;
    }
    if (!c)
        return fault(items, "the array is never closed", err);
    if (strchr(",:]}", c))
        return fault(items, "a value is missing", err);
    if (!extent(items, len, err))
        return false;
    *text = items->buffer + items->begin;
    items->begin += *len;
    return true;
}

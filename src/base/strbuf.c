#include "base/strbuf.h"

#include <stdarg.h>

static char empty[1];

void strbuf_init(struct strbuf *b, size_t ceiling)
{
    b->data = empty;
    b->len = 0;
    b->size = 0;
    b->ceiling = ceiling;
    b->failed = false;
}

void strbuf_release(struct strbuf *b)
{
    if (b->size)
        free(b->data);
    strbuf_init(b, b->ceiling);
}

void strbuf_clear(struct strbuf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->size)
        b->data[0] = '\0';
}

static bool grow(struct strbuf *b, size_t need)
{
    size_t size = b->size ? b->size : 64;
    char *data;

    while (size < need)
        size = size < need / 2 ? need : size * 2;
    data = realloc(b->size ? b->data : NULL, size);
    if (!data)
        return false;
    b->data = data;
    b->size = size;
    return true;
}

char *strbuf_room(struct strbuf *b, size_t len)
{
    if (b->failed)
        return NULL;
    if (len > b->ceiling - b->len ||
        (b->len + len + 1 > b->size && !grow(b, b->len + len + 1))) {
        b->failed = true;
        return NULL;
    }
    return b->data + b->len;
}

void strbuf_grown(struct strbuf *b, size_t len)
{
    b->len += len;
    b->data[b->len] = '\0';
}

void strbuf_add(struct strbuf *b, const void *data, size_t len)
{
    char *room = strbuf_room(b, len);

    if (!room)
        return;
    if (len)
        memcpy(room, data, len);
    strbuf_grown(b, len);
}

void strbuf_adds(struct strbuf *b, const char *s)
{
    strbuf_add(b, s, strlen(s));
}

void strbuf_addc(struct strbuf *b, char c)
{
    strbuf_add(b, &c, 1);
}

/* Without printf(), which is slow where millions of numbers are written. */
void strbuf_add_int(struct strbuf *b, int64_t value)
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (value < 0)
        digits[--at] = '-';
    strbuf_add(b, digits + at, sizeof(digits) - at);
}

void strbuf_addf(struct strbuf *b, const char *format, ...)
{
    va_list args;
    char *room;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        b->failed = true;
        return;
    }
    room = strbuf_room(b, (size_t)len);
    if (!room)
        return;
    va_start(args, format);
    vsnprintf(room, (size_t)len + 1, format, args);
    va_end(args);
    strbuf_grown(b, (size_t)len);
}

void strbuf_cut(struct strbuf *b, size_t len)
{
    if (len >= b->len)
        return;
    b->len = len;
    b->data[len] = '\0';
}

bool strbuf_ok(const struct strbuf *b)
{
    return !b->failed;
}

char *strbuf_take(struct strbuf *b)
{
    char *data;

    if (b->failed)
        return NULL;
    if (!b->size && !grow(b, 1))
        return NULL;
    data = b->data;
    data[b->len] = '\0';
    strbuf_init(b, b->ceiling);
    return data;
}

void utf8_trim_cut(char *s)
{
    size_t len = strlen(s);
    size_t back = 0;
    unsigned char lead;
    size_t want;

    while (back < len && back < 3 &&
           ((unsigned char)s[len - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back == len)
        return;
    lead = (unsigned char)s[len - 1 - back];
    want = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
    if (want > back)
        s[len - 1 - back] = '\0';
}

#include "base/zone.h"

#include <ctype.h>

#include "base/file.h"
#include "base/strbuf.h"

#define FOLDER "/usr/share/zoneinfo/"
#define HEADER 44

static int64_t big_endian(const char *at, size_t bytes)
{
    uint64_t n = (at[0] & 0x80) ? UINT64_MAX : 0;
    size_t i;

    for (i = 0; i < bytes; i++)
        n = n << 8 | (unsigned char)at[i];
    return (int64_t)n;
}

static bool unknown(const char *zone, struct error *err)
{
    return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                      "%.60s is no time zone: say -08:00 or "
                      "America/Los_Angeles",
                      zone);
}

/* "+05:30". */
static bool read_digits(const char *zone, double *seconds)
{
    static const char form[] = "sdd:dd";
    size_t i;
    int hours, minutes;

    if (strlen(zone) != strlen(form))
        return false;
    for (i = 0; form[i]; i++)
        if (form[i] == 'd'   ? !isdigit((unsigned char)zone[i])
            : form[i] == 's' ? zone[i] != '+' && zone[i] != '-'
                             : zone[i] != form[i])
            return false;
    hours = (zone[1] - '0') * 10 + zone[2] - '0';
    minutes = (zone[4] - '0') * 10 + zone[5] - '0';
    *seconds = (zone[0] == '-' ? -60.0 : 60.0) * (hours * 60 + minutes);
    return hours <= 14 && minutes < 60;
}

/* One block of a TZif file (RFC 8536): width is of its times. */
struct block {
    const char *at;
    int64_t isut, isstd, leap, times, types, chars;
    size_t width;
};

static bool read_block(const char *data, size_t len, size_t width,
                       struct block *b, size_t *size)
{
    if (len < HEADER || memcmp(data, "TZif", 4) != 0)
        return false;
    *b = (struct block){ .at = data + HEADER, .width = width };
    b->isut = big_endian(data + 20, 4);
    b->isstd = big_endian(data + 24, 4);
    b->leap = big_endian(data + 28, 4);
    b->times = big_endian(data + 32, 4);
    b->types = big_endian(data + 36, 4);
    b->chars = big_endian(data + 40, 4);
    if (b->isut < 0 || b->isstd < 0 || b->leap < 0 || b->times < 0 ||
        b->types < 1 || b->chars < 0 || b->times > 100000 || b->types > 256 ||
        b->isut > 256 || b->isstd > 256 || b->leap > 10000 || b->chars > 10000)
        return false;
    *size = HEADER + (size_t)b->times * (width + 1) + (size_t)b->types * 6 +
            (size_t)b->chars + (size_t)b->leap * (width + 4) +
            (size_t)b->isstd + (size_t)b->isut;
    return *size <= len;
}

/* The offset after the last change before `time`.  Rules for years beyond
 * the table are not followed: system files reach to 2037. */
static bool look_up(const struct block *b, double time, double *seconds)
{
    const char *kinds = b->at + (size_t)b->times * b->width;
    const char *types = kinds + b->times;
    int64_t i, type = 0;

    for (i = 0; i < b->times; i++) {
        if ((double)big_endian(b->at + (size_t)i * b->width, b->width) > time)
            break;
        type = (unsigned char)kinds[i];
    }
    if (type >= b->types)
        return false;
    *seconds = (double)big_endian(types + type * 6, 4);
    return true;
}

static bool read_table(const struct strbuf *data, double time, double *seconds)
{
    struct block b;
    size_t size, second;

    if (!read_block(data->data, data->len, 4, &b, &size))
        return false;
    /* Newer files hold the same with times of 64 bits behind it. */
    if (data->data[4] >= '2' &&
        !read_block(data->data + size, data->len - size, 8, &b, &second))
        return false;
    return look_up(&b, time, seconds);
}

static bool is_name(const char *zone)
{
    const char *s;

    for (s = zone; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("/_+-", *s))
            return false;
    return isalpha((unsigned char)*zone) && strlen(zone) < 60;
}

bool zone_offset(const char *zone, double time, double *seconds,
                 struct error *err)
{
    char path[sizeof(FOLDER) + 64];
    struct strbuf data;
    bool good;

    *seconds = 0;
    if (!zone || !*zone || strcmp(zone, "UTC") == 0)
        return true;
    if (read_digits(zone, seconds))
        return true;
    if (!is_name(zone))
        return unknown(zone, err);
    snprintf(path, sizeof(path), FOLDER "%s", zone);
    strbuf_init(&data, MIB);
    good = file_read(path, &data, err) && read_table(&data, time, seconds);
    strbuf_release(&data);
    return good || unknown(zone, err);
}

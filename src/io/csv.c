#include "io/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/text.h"

#define BUFFER (256 * KIB)
#define BAD '\xff' /* for what is no UTF-16: nobody takes it for text */

enum csv_encoding { CSV_UTF8, CSV_UTF16LE, CSV_UTF16BE };

static bool fill(struct csv_reader *csv, struct error *err)
{
    ssize_t n;

    if (csv->begin) {
        memmove(csv->buffer, csv->buffer + csv->begin, csv->end - csv->begin);
        csv->end -= csv->begin;
        csv->begin = 0;
    }
    while (!csv->at_end && csv->end < BUFFER) {
        n = read(csv->fd, csv->buffer + csv->end, BUFFER - csv->end);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, ERROR_SETUP, "cannot read %s: %s", csv->name,
                             strerror(errno));
        csv->at_end = n == 0;
        csv->end += (size_t)n;
    }
    return true;
}

static void see_encoding(struct csv_reader *csv)
{
    const unsigned char *b = (const unsigned char *)csv->buffer;

    if (csv->end >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf) {
        csv->begin = 3;
    } else if (csv->end >= 2 && b[0] == 0xff && b[1] == 0xfe) {
        csv->encoding = CSV_UTF16LE;
        csv->begin = 2;
    } else if (csv->end >= 2 && b[0] == 0xfe && b[1] == 0xff) {
        csv->encoding = CSV_UTF16BE;
        csv->begin = 2;
    }
}

/* A character: its bytes in out (up to 4), their number; 0 at the end. */
static size_t utf16_at(const struct csv_reader *csv, size_t at, size_t *used,
                       char *out)
{
    const unsigned char *b = (const unsigned char *)csv->buffer + at;
    bool big = csv->encoding == CSV_UTF16BE;
    uint32_t unit, low;

    *used = 2;
    if (csv->end - at < 2) {
        *used = csv->end - at;
        out[0] = BAD;
        return *used;
    }
    unit = big ? (uint32_t)b[0] << 8 | b[1] : (uint32_t)b[1] << 8 | b[0];
    if (unit >= 0xd800 && unit < 0xdc00 && csv->end - at >= 4) {
        low = big ? (uint32_t)b[2] << 8 | b[3] : (uint32_t)b[3] << 8 | b[2];
        if (low >= 0xdc00 && low < 0xe000) {
            *used = 4;
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    if (unit >= 0xd800 && unit < 0xe000) {
        out[0] = BAD;
        return 1;
    }
    return utf8_encode(unit, out);
}

/* The next byte (UTF-8) or, of UTF-16, the next character's bytes. */
static bool next(struct csv_reader *csv, char *out, size_t *len,
                 struct error *err)
{
    size_t used;

    if (csv->end - csv->begin < 4 && !csv->at_end && !fill(csv, err))
        return false;
    *len = 0;
    if (csv->begin == csv->end)
        return true;
    if (csv->encoding == CSV_UTF8) {
        out[0] = csv->buffer[csv->begin++];
        *len = 1;
        return true;
    }
    *len = utf16_at(csv, csv->begin, &used, out);
    csv->begin += used;
    return true;
}

static bool peek(struct csv_reader *csv, char c, struct error *err)
{
    char out[4];
    size_t used;

    if (csv->end - csv->begin < 4 && !csv->at_end && !fill(csv, err))
        return false;
    if (csv->begin == csv->end)
        return false;
    if (csv->encoding == CSV_UTF8)
        return csv->buffer[csv->begin] == c;
    return utf16_at(csv, csv->begin, &used, out) == 1 && out[0] == c;
}

static void skip_one(struct csv_reader *csv)
{
    csv->begin += csv->encoding == CSV_UTF8 ? 1 : 2;
}

/* The separator that the first line has most of, outside quotes. */
static void see_separator(struct csv_reader *csv)
{
    static const char candidates[] = ",;\t|";
    size_t counts[sizeof(candidates)] = { 0 };
    bool quoted = false;
    size_t step = csv->encoding == CSV_UTF8 ? 1 : 2;
    size_t i, best = 0;

    for (i = csv->begin; i + step <= csv->end; i += step) {
        char c = csv->buffer[csv->encoding == CSV_UTF16BE ? i + 1 : i];
        const char *found = c ? strchr(candidates, c) : NULL;

        if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '\n' || c == '\r'))
            break;
        else if (!quoted && found)
            counts[found - candidates]++;
    }
    for (i = 1; candidates[i]; i++)
        if (counts[i] > counts[best])
            best = i;
    csv->separator = candidates[best];
}

/* A first line "sep=;", as spreadsheets have it, tells the separator and is
 * no row. */
static bool is_told_separator(struct csv_reader *csv)
{
    size_t step = csv->encoding == CSV_UTF8 ? 1 : 2;
    size_t i, at = csv->begin;
    char s[8] = "";

    for (i = 0; i < 7 && at + step <= csv->end; i++, at += step)
        s[i] = csv->buffer[csv->encoding == CSV_UTF16BE ? at + 1 : at];
    if (strncasecmp(s, "sep=", 4) != 0 || !s[4] || !strchr(",;\t|", s[4]) ||
        (s[5] != '\r' && s[5] != '\n'))
        return false;
    csv->separator = s[4];
    csv->begin += (s[5] == '\r' && s[6] == '\n' ? 7 : 6) * step;
    csv->row = 1;
    return true;
}

bool csv_open(struct csv_reader *csv, const char *path, size_t row_ceiling,
              struct error *err)
{
    memset(csv, 0, sizeof(*csv));
    csv->name = path;
    strbuf_init(&csv->text, row_ceiling);
    csv->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (csv->fd < 0)
        return error_set(err, ERROR_SETUP, "cannot open %s: %s", path,
                         strerror(errno));
    csv->buffer = malloc(BUFFER);
    csv->starts = calloc(CSV_FIELDS + 1, sizeof(*csv->starts));
    csv->fields = calloc(CSV_FIELDS, sizeof(*csv->fields));
    if (!csv->buffer || !csv->starts || !csv->fields) {
        csv_close(csv);
        return error_memory(err);
    }
    if (!fill(csv, err)) {
        csv_close(csv);
        return false;
    }
    see_encoding(csv);
    if (!is_told_separator(csv))
        see_separator(csv);
    return true;
}

bool csv_is_utf16(const struct csv_reader *csv)
{
    return csv->encoding != CSV_UTF8;
}

void csv_close(struct csv_reader *csv)
{
    if (csv->fd >= 0)
        close(csv->fd);
    csv->fd = -1;
    free(csv->buffer);
    free(csv->starts);
    free(csv->fields);
    strbuf_release(&csv->text);
    csv->buffer = NULL;
    csv->starts = NULL;
    csv->fields = NULL;
}

static bool bad_row(const struct csv_reader *csv, const char *why,
                    struct error *err)
{
    error_set(err, ERROR_REJECT, "%s row %llu column %zu: %s", csv->name,
              (unsigned long long)csv->row, csv->count + 1, why);
    error_code(err, "csv");
    return false;
}

/* After a fault: to the end of the line. */
static void skip_line(struct csv_reader *csv)
{
    struct error ignored;
    char c[4];
    size_t len;

    while (next(csv, c, &len, &ignored) && len)
        if (len == 1 && (c[0] == '\n' || c[0] == '\r'))
            break;
}

enum field_end { FIELD_SEPARATOR, FIELD_LINE, FIELD_FILE };

/* Bytes up to the next quote, at once. */
static void quoted_run(struct csv_reader *csv)
{
    const char *s = csv->buffer + csv->begin;
    size_t left = csv->end - csv->begin;
    const char *quote = memchr(s, '"', left);

    if (csv->encoding != CSV_UTF8)
        return;
    if (quote)
        left = (size_t)(quote - s);
    if (left > csv->text.ceiling - csv->text.len)
        return;
    strbuf_add(&csv->text, s, left);
    csv->begin += left;
}

static bool quoted_part(struct csv_reader *csv, struct error *err)
{
    char c[4];
    size_t len;

    for (;;) {
        quoted_run(csv);
        if (!next(csv, c, &len, err))
            return false;
        csv->unclosed = !len;
        if (!len)
            return bad_row(csv, "a quote is never closed", err);
        if (len == 1 && c[0] == '"') {
            if (!peek(csv, '"', err))
                return true;
            skip_one(csv);
        }
        strbuf_add(&csv->text, c, len);
        if (!strbuf_ok(&csv->text)) {
            skip_line(csv);
            return bad_row(csv, "the row is too long", err);
        }
    }
}

/* Bytes up to something that needs a look, at once. */
static void plain_run(struct csv_reader *csv)
{
    const char *s = csv->buffer + csv->begin;
    size_t n = 0, left = csv->end - csv->begin;

    if (csv->encoding != CSV_UTF8)
        return;
    while (n < left && s[n] != csv->separator && s[n] != '"' && s[n] != '\n' &&
           s[n] != '\r')
        n++;
    strbuf_add(&csv->text, s, n);
    csv->begin += n;
}

/* The character that ends a field, if this is one. */
static bool ends_field(struct csv_reader *csv, const char *c, size_t len,
                       enum field_end *end, struct error *err)
{
    if (len == 1 && c[0] == csv->separator) {
        *end = FIELD_SEPARATOR;
        return true;
    }
    if (len && !(len == 1 && (c[0] == '\n' || c[0] == '\r')))
        return false;
    if (len && c[0] == '\r' && peek(csv, '\n', err))
        skip_one(csv);
    *end = len ? FIELD_LINE : FIELD_FILE;
    return true;
}

/* A character inside a field; *quoted: its closing quote was seen. */
static bool field_character(struct csv_reader *csv, const char *c, size_t len,
                            bool first, bool *quoted, struct error *err)
{
    if (first && len == 1 && c[0] == '"') {
        *quoted = csv->saw_quote = true;
        return quoted_part(csv, err);
    }
    if (*quoted) {
        if (len == 1 && c[0] == ' ')
            return true;
        skip_line(csv);
        return bad_row(csv, "text after a closing quote", err);
    }
    strbuf_add(&csv->text, c, len);
    if (strbuf_ok(&csv->text))
        return true;
    skip_line(csv);
    return bad_row(csv, "the row is too long", err);
}

static bool field(struct csv_reader *csv, enum field_end *end,
                  struct error *err)
{
    size_t start = csv->text.len, len;
    bool quoted = false;
    char c[4];

    for (;;) {
        if (!quoted)
            plain_run(csv);
        if (!next(csv, c, &len, err))
            return false;
        if (ends_field(csv, c, len, end, err))
            break;
        if (!field_character(csv, c, len, csv->text.len == start && !quoted,
                             &quoted, err))
            return false;
    }
    strbuf_addc(&csv->text, '\0');
    return true;
}

static void settle(struct csv_reader *csv)
{
    size_t i;

    csv->starts[csv->count] = csv->text.len;
    for (i = 0; i < csv->count; i++) {
        csv->fields[i].text = csv->text.data + csv->starts[i];
        csv->fields[i].len = csv->starts[i + 1] - csv->starts[i] - 1;
    }
}

static bool is_blank(const struct csv_reader *csv)
{
    return csv->count == 1 && csv->text.len == 1 && !csv->saw_quote;
}

bool csv_next(struct csv_reader *csv, bool *more, struct error *err)
{
    enum field_end end = FIELD_SEPARATOR;

    do {
        csv->count = 0;
        strbuf_clear(&csv->text);
        csv->row++;
        csv->saw_quote = false;
        do {
            if (csv->count == CSV_FIELDS) {
                skip_line(csv);
                return bad_row(csv, "too many fields", err);
            }
            csv->starts[csv->count] = csv->text.len;
            if (!field(csv, &end, err))
                return false;
            csv->count++;
        } while (end == FIELD_SEPARATOR);
    } while (is_blank(csv) && end == FIELD_LINE);
    settle(csv);
    *more = !(end == FIELD_FILE && is_blank(csv));
    return true;
}

long csv_find(const struct csv_reader *csv, const char *name)
{
    char cell[256];
    size_t i, len;

    for (i = 0; i < csv->count; i++) {
        const char *s = csv->fields[i].text;

        while (*s == ' ')
            s++;
        len = strlen(s);
        while (len && s[len - 1] == ' ')
            len--;
        if (len >= sizeof(cell))
            continue;
        memcpy(cell, s, len);
        cell[len] = '\0';
        if (ascii_equal_nocase(cell, name))
            return (long)i;
    }
    return -1;
}

void csv_add(struct strbuf *out, const char *text, size_t len, bool excel_safe)
{
    bool formula = excel_safe && len && strchr("=+-@\t\r", text[0]);
    bool quote = formula || (len > 4 && !strncasecmp(text, "sep=", 4));
    size_t i;

    for (i = 0; i < len && !quote; i++)
        quote = text[i] == '"' || text[i] == ',' || text[i] == '\n' ||
                text[i] == '\r';
    if (!quote) {
        strbuf_add(out, text, len);
        return;
    }
    strbuf_addc(out, '"');
    if (formula)
        strbuf_addc(out, '\'');
    for (i = 0; i < len; i++) {
        if (text[i] == '"')
            strbuf_addc(out, '"');
        strbuf_addc(out, text[i]);
    }
    strbuf_addc(out, '"');
}

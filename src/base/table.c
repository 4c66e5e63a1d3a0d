#include "base/table.h"

#include <stdarg.h>

#include "base/text.h"

#define TEXT_CEILING (64 * MIB)
#define ELLIPSIS "\xe2\x80\xa6"
#define GAP 2

/* East Asian wide and full-width characters, and emoji. */
static const uint32_t wide[][2] = {
    { 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2e80, 0x303e },
    { 0x3041, 0x33ff },   { 0x3400, 0x4dbf },   { 0x4e00, 0xa4cf },
    { 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
    { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
    { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
    { 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

static size_t width_of(uint32_t codepoint)
{
    size_t i;

    if (codepoint < 0x300)
        return 1;
    if (text_is_mark(codepoint) || text_is_zero_width(codepoint))
        return 0;
    for (i = 0; i < ARRAY_LEN(wide) && codepoint >= wide[i][0]; i++)
        if (codepoint <= wide[i][1])
            return 2;
    return 1;
}

/* The bytes of s that fit into columns; *used = columns they take. */
static size_t fit(const char *s, size_t len, size_t columns, size_t *used)
{
    size_t at = 0;

    *used = 0;
    while (at < len) {
        uint32_t codepoint = 0;
        size_t n = utf8_decode(s + at, len - at, &codepoint);
        size_t w = n ? width_of(codepoint) : 1;

        if (w > columns - *used)
            break;
        *used += w;
        at += n ? n : 1;
    }
    return at;
}

/* Columns of a terminal that valid UTF-8 takes. */
static size_t cell_width(const char *s, size_t len)
{
    size_t used;

    fit(s, len, SIZE_MAX, &used);
    return used;
}

void table_init(struct table *t, const struct table_column *columns,
                size_t count)
{
    t->columns = columns;
    t->column_count = count < TABLE_COLUMNS ? count : TABLE_COLUMNS;
    t->cells = 0;
    strbuf_init(&t->text, TEXT_CEILING);
}

void table_release(struct table *t)
{
    strbuf_release(&t->text);
}

void table_add(struct table *t, const char *cell)
{
    size_t len = cell ? strlen(cell) : 0;
    size_t at = 0;

    while (at < len) {
        uint32_t codepoint = 0;
        size_t n = utf8_decode(cell + at, len - at, &codepoint);

        if (n == 0)
            strbuf_addc(&t->text, '?');
        else if (text_is_control(codepoint))
            strbuf_addc(&t->text, ' ');
        else if (!text_is_zero_width(codepoint))
            strbuf_add(&t->text, cell + at, n);
        at += n ? n : 1;
    }
    strbuf_addc(&t->text, '\0');
    t->cells++;
}

static void measure(const struct table *t, size_t *widths)
{
    const char *cell = t->text.data;
    size_t i;

    for (i = 0; i < t->column_count; i++)
        widths[i] =
            cell_width(t->columns[i].title, strlen(t->columns[i].title));
    for (i = 0; i < t->cells; i++) {
        size_t column = i % t->column_count;
        size_t len = strlen(cell);
        size_t w = cell_width(cell, len);

        if (w > widths[column])
            widths[column] = w;
        cell += len + 1;
    }
    for (i = 0; i < t->column_count; i++)
        if (t->columns[i].limit && widths[i] > t->columns[i].limit)
            widths[i] = t->columns[i].limit;
}

static void print_cell(const struct table *t, size_t column, size_t width,
                       const char *cell, struct strbuf *out)
{
    bool last = column + 1 == t->column_count;
    size_t len = strlen(cell);
    size_t used;
    bool cut;

    cut = fit(cell, len, width, &used) < len;
    if (cut) {
        len = fit(cell, len, width > 0 ? width - 1 : 0, &used);
        used++;
    }
    if (t->columns[column].align == TABLE_RIGHT)
        strbuf_addf(out, "%*s", (int)(width - used), "");
    strbuf_add(out, cell, len);
    if (cut)
        strbuf_adds(out, ELLIPSIS);
    if (t->columns[column].align == TABLE_LEFT && !last)
        strbuf_addf(out, "%*s", (int)(width - used), "");
    if (!last)
        strbuf_addf(out, "%*s", GAP, "");
}

/* Empty cells at a line's end leave blanks behind. */
static void end_line(struct strbuf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        strbuf_cut(out, out->len - 1);
    strbuf_addc(out, '\n');
}

bool table_print(const struct table *t, struct strbuf *out)
{
    size_t widths[TABLE_COLUMNS];
    const char *cell = t->text.data;
    size_t i;

    if (!strbuf_ok(&t->text))
        return false;
    measure(t, widths);
    for (i = 0; i < t->column_count; i++)
        print_cell(t, i, widths[i], t->columns[i].title, out);
    end_line(out);
    for (i = 0; i < t->cells; i++) {
        size_t column = i % t->column_count;

        print_cell(t, column, widths[column], cell, out);
        if (column + 1 == t->column_count)
            end_line(out);
        cell += strlen(cell) + 1;
    }
    return strbuf_ok(out);
}

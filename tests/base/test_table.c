#include "base/table.h"

#include "tests/tap.h"

static const struct table_column columns[] = {
    { "NAME", TABLE_LEFT, 8 },
    { "N", TABLE_RIGHT, 0 },
    { "LAST", TABLE_LEFT, 6 },
};

static const struct {
    const char *cells[3];
    const char *line;
    const char *why;
} cases[] = {
    { { "ab", "1", "x" }, "ab          1  x", "left, right, left" },
    { { "abcdefgh", "22", "" }, "abcdefgh   22", "no blanks at the end" },
    { { "abcdefghi", "333", "1234567" },
      "abcdefg\xe2\x80\xa6  333  12345\xe2\x80\xa6",
      "cut with an ellipsis" },
    { { "\xe6\x9d\xb1\xe4\xba\xac", "4", NULL },
      "\xe6\x9d\xb1\xe4\xba\xac        4",
      "wide characters take two" },
    { { "\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1", "5",
        NULL },
      "\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe2\x80\xa6     5",
      "and are not cut in halves" },
    { { "e\xcc\x81", "6", NULL }, "e\xcc\x81           6", "marks take none" },
    { { "a\x1b[31m\nb", "7", NULL }, "a [31m b    7", "controls are blanks" },
    { { "a\xff\xe2\x82", "8", NULL }, "a???        8", "invalid bytes are ?" },
    { { "a\xe2\x80\xae"
        "b",
        "9", NULL },
      "ab          9",
      "no turning around of the text" },
};

static void cells_are_aligned(void)
{
    struct strbuf out;
    struct table t;
    char *line;
    size_t i;
    size_t k;

    table_init(&t, columns, ARRAY_LEN(columns));
    for (i = 0; i < ARRAY_LEN(cases); i++)
        for (k = 0; k < 3; k++)
            table_add(&t, cases[i].cells[k]);
    strbuf_init(&out, MIB);
    ok(table_print(&t, &out), "printed");
    line = strchr(out.data, '\n');
    *line++ = '\0';
    is_str(out.data, "NAME        N  LAST", "the titles");
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        char *end = strchr(line, '\n');

        *end = '\0';
        is_str(line, cases[i].line, "%s", cases[i].why);
        line = end + 1;
    }
    strbuf_release(&out);
    table_release(&t);
}

int main(void)
{
    cells_are_aligned();
    return tap_done();
}

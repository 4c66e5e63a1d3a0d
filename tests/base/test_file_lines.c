#include "base/file.h"
#include "tests/folder.h"
#include "tests/tap.h"

#define CEILING 8

static struct error err;

/* What the reader gives, as one string: lines in <>, too long ones as <!>,
 * an unended last one as <>~. */
static const char *shape(struct file_lines *lines)
{
    static char out[400];
    size_t n = 0;
    char *line;
    size_t len;
    bool too_long;

    out[0] = '\0';
    while (n < sizeof(out) - 40 &&
           file_lines_next(lines, &line, &len, &too_long, &err)) {
        if (!line && !too_long)
            return out;
        n += (size_t)snprintf(out + n, sizeof(out) - n, "<%.*s>%s",
                              line ? (int)len : 1, line ? line : "!",
                              lines->last_unended ? "~" : "");
    }
    return "failed";
}

static const struct {
    const char *text;
    const char *want;
    const char *why;
} cases[] = {
    { "", "", "an empty file has no line" },
    { "\n", "<>", "one empty line" },
    { "a\nb\n", "<a><b>", "two lines" },
    { "a\nb", "<a><b>~", "the last is not ended" },
    { "a\r\nb\r\n", "<a><b>", "CR LF" },
    { "a\r\r\n", "<a\r>", "only one CR goes" },
    { "a\r", "<a\r>~", "a CR alone stays" },
    { "12345678\n", "<12345678>", "as long as may be" },
    { "12345678\r\n", "<12345678>", "the same with CR LF" },
    { "123456789\nb\n", "<!><b>", "one more is too long" },
    { "12345678901234567890\nb\n", "<!><b>", "much too long" },
    { "b\n12345678901234567890", "<b><!>~", "too long at the end" },
    { "12345678", "<12345678>~", "as long as may be, not ended" },
    { "\xef\xbb\xbf"
      "a\n",
      "<a>", "a BOM is skipped" },
    { "\xef\xbb\xbf", "", "a BOM alone is nothing" },
    { "\xef\xbb", "<\xef\xbb>~", "half a BOM is not one" },
    { "a\n\xef\xbb\xbf"
      "b\n",
      "<a><\xef\xbb\xbf"
      "b>",
      "a BOM later is text" },
};

static void lines_are_whole(void)
{
    struct file_lines lines;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        ok(file_write("f", cases[i].text, strlen(cases[i].text), &err) &&
               file_lines_open(&lines, "f", CEILING, &err),
           "opened");
        is_str(shape(&lines), cases[i].want, "%s", cases[i].why);
        file_lines_close(&lines);
    }
}

static void nuls_are_kept(void)
{
    struct file_lines lines;
    bool too_long;
    char *line;
    size_t len;

    ok(file_write("f", "a\0b\n", 4, &err), "written");
    ok(file_lines_open(&lines, "f", CEILING, &err), "opened");
    ok(file_lines_next(&lines, &line, &len, &too_long, &err), "read");
    ok(len == 3 && memcmp(line, "a\0b", 4) == 0, "all three bytes");
    file_lines_close(&lines);
}

static void a_line_knows_where_it_lies(void)
{
    struct file_lines lines;
    bool too_long;
    char *line;
    size_t len;
    bool read = true;
    int i;

    ok(file_write("f", "ab\r\n1234567890\ncd\n", 18, &err), "written");
    ok(file_lines_open(&lines, "f", CEILING, &err), "opened");
    for (i = 0; i < 3; i++)
        read = read && file_lines_next(&lines, &line, &len, &too_long, &err);
    ok(read && line, "three read");
    is_str(line, "cd", "the third");
    is_int(lines.offset, 15, "its offset");
    is_int(lines.next, 18, "the byte after it");
    is_int(lines.number, 3, "its number");
    ok(file_lines_seek(&lines, 4, &err), "back to the second");
    is_str(shape(&lines), "<!><cd>", "from there on");
    is_int(lines.number, 2, "counted from there");
    ok(file_lines_at(&lines, 15, 2, &line, &err), "the third again");
    is_str(line, "cd", "as it stood");
    ok(file_lines_at(&lines, 0, 2, &line, &err), "and the first");
    is_str(line, "ab", "as it stood");
    ok(!file_lines_at(&lines, 17, 2, &line, &err), "beyond the end");
    ok(strstr(err.message, "became shorter"), "is said: %s", err.message);
    ok(file_lines_seek(&lines, 4, &err), "and on from the second");
    is_str(shape(&lines), "<!><cd>", "line by line");
    file_lines_close(&lines);
    ok(!file_lines_open(&lines, "absent", CEILING, &err), "an absent file");
    ok(strstr(err.message, "absent"), "is named: %s", err.message);
}

/* Lines around every size of the buffer, one after the other. */
static void long_lines_cross_the_buffer(void)
{
    struct file_lines lines;
    struct file_writer w;
    char *block = malloc(300000);
    bool good = true;
    size_t size;
    size_t n = 0;
    bool too_long;
    char *line;
    size_t len;

    memset(block, 'x', 300000);
    good = file_create(&w, "f", &err);
    for (size = 65530; size < 65545; size++)
        good = good && file_add(&w, block, size, &err) &&
               file_add(&w, "\n", 1, &err);
    good = good && file_add(&w, block, 300000, &err) &&
           file_add(&w, "\nend\n", 5, &err);
    ok(good && file_commit(&w, &err), "written");
    ok(file_lines_open(&lines, "f", 200000, &err), "opened");
    good = true;
    for (size = 65530; size < 65545; size++) {
        good = good && file_lines_next(&lines, &line, &len, &too_long, &err) &&
               line && len == size && memchr(line, '\n', len) == NULL;
        n += len + 1;
    }
    ok(good, "each has its length");
    is_int(lines.next, n, "and its place");
    ok(file_lines_next(&lines, &line, &len, &too_long, &err) && too_long,
       "one is too long");
    ok(file_lines_next(&lines, &line, &len, &too_long, &err) && line,
       "one more");
    is_str(line, "end", "the last");
    is_int(lines.next, n + 300005, "and its place");
    file_lines_close(&lines);
    free(block);
}

int main(void)
{
    folder_enter();
    lines_are_whole();
    nuls_are_kept();
    a_line_knows_where_it_lies();
    long_lines_cross_the_buffer();
    return tap_done();
}

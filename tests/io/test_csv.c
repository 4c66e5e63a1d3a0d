#include "io/csv.h"

#include "base/file.h"
#include "tests/tap.h"

#define FILE_NAME "test_csv.tmp"

static const struct {
    const char *why, *bytes;
    size_t len;       /* 0 = strlen */
    const char *rows; /* fields by '|', rows by '/' ; '!' = a refused row */
} cases[] = {
    { "plain", "a,b\n1,2\n", 0, "a|b/1|2" },
    { "no newline at the end", "a,b\n1,2", 0, "a|b/1|2" },
    { "CR LF and CR", "a,b\r\n1,2\r3,4\r\n", 0, "a|b/1|2/3|4" },
    { "semicolons", "a;b\n1,5;2\n", 0, "a|b/1,5|2" },
    { "tabs", "a\tb\n1\t2\n", 0, "a|b/1|2" },
    { "quotes, doubled", "a,b\n\"x \"\"y\"\"\",2\n", 0, "a|b/x \"y\"|2" },
    { "a line break in quotes", "a,b\n\"1\n2\",3\n", 0, "a|b/1\n2|3" },
    { "a separator in quotes", "\"a,b\",c\n", 0, "a,b|c" },
    { "empty fields", "a,,\n,,b\n", 0, "a||/||b" },
    { "blank lines are passed over", "a,b\n\n\n1,2\n", 0, "a|b/1|2" },
    { "a BOM goes",
      "\xef\xbb\xbf"
      "a,b\n",
      0, "a|b" },
    { "UTF-16 LE",
      "\xff\xfe"
      "a\0,\0\xe9\0\n\0",
      10, "a|\xc3\xa9" },
    { "UTF-16 BE, a pair", "\xfe\xff\0a\0,\xd8\x3d\xde\x00", 10,
      "a|\xf0\x9f\x98\x80" },
    { "UTF-16, half a pair, half a unit",
      "\xff\xfe"
      "a\0,\0\x3d\xd8"
      "b\0c",
      11,
      "a|\xff"
      "b\xff" },
    { "a quote that never ends", "a,b\n\"1,2\n3,4\n", 0, "a|b/!" },
    { "text after a quote, then on", "a,b\n\"1\"x,2\n3,4\n", 0, "a|b/!/3|4" },
    { "a quote inside is text", "a,b\n5\" pipe,2\n", 0, "a|b/5\" pipe|2" },
    { "an empty quoted field alone", "a\n\"\"\nb\n", 0, "a//b" },
    { "a separator that is told", "sep=;\r\na;b,b\r\n1,5;2\r\n", 0,
      "a|b,b/1,5|2" },
    { "told, a BOM before it",
      "\xef\xbb\xbf"
      "SEP=\t\na,b\tc\n",
      0, "a,b|c" },
    { "told in UTF-16", "\xff\xfes\0e\0p\0=\0|\0\n\0a\0|\0,\0", 20, "a|," },
    { "told and nothing else", "sep=;\n", 0, "" },
    { "a column of that name", "sep=;x\n1;2\n", 0, "sep=|x/1|2" },
    { "nothing", "", 0, "" },
};

static void read_all(struct strbuf *out)
{
    struct csv_reader csv;
    struct error err;
    bool more = true;
    size_t i, rows;

    if (!csv_open(&csv, FILE_NAME, 1 * MIB, &err)) {
        strbuf_adds(out, err.message);
        return;
    }
    for (rows = 0; more && rows < 100; rows++) {
        if (!csv_next(&csv, &more, &err)) {
            strbuf_adds(out, rows ? "/!" : "!");
            continue;
        }
        if (!more)
            break;
        for (i = 0; i < csv.count; i++)
            strbuf_addf(out, "%s%s",
                        i      ? "|"
                        : rows ? "/"
                               : "",
                        csv.fields[i].text);
    }
    csv_close(&csv);
}

static void every_dialect_reads(void)
{
    struct strbuf got;
    struct error err;
    size_t i, len;

    strbuf_init(&got, 10000);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        len = cases[i].len ? cases[i].len : strlen(cases[i].bytes);
        if (!ok(file_write(FILE_NAME, cases[i].bytes, len, &err), "written"))
            continue;
        strbuf_clear(&got);
        read_all(&got);
        /* an empty single field prints as nothing between slashes */
        is_str(got.data, cases[i].rows, "%s", cases[i].why);
    }
    strbuf_release(&got);
    remove(FILE_NAME);
}

static void what_is_written_reads_back(void)
{
    struct strbuf out;

    strbuf_init(&out, 1000);
    csv_add(&out, "a\"b,c\nd", 7, false);
    is_str(out.data, "\"a\"\"b,c\nd\"", "quotes where needed");
    strbuf_clear(&out);
    csv_add(&out, "=1+1", 4, true);
    is_str(out.data, "\"'=1+1\"", "a formula is neutralised on demand");
    strbuf_clear(&out);
    csv_add(&out, "=1+1", 4, false);
    is_str(out.data, "=1+1", "and only then");
    strbuf_release(&out);
}

int main(void)
{
    every_dialect_reads();
    what_is_written_reads_back();
    return tap_done();
}

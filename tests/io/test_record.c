#include "io/record.h"

#include "base/file.h"
#include "tests/folder.h"
#include "tests/tap.h"

/* Wanted: "custom_id=text" by '|'; a refused record is "!row column: "...
 * as far as it is written here; a file that can't be opened the same. */
static const struct {
    const char *why, *name, *bytes, *want;
} cases[] = {
    { "header order, empty cells skipped", "a.csv",
      "candidate_id,name,experience,skills\n7,Ann,5 years,C\n8,Bob,,SQL\n",
      "candidate-7=Name: Ann, Experience: 5 years, Skills: C|"
      "candidate-8=Name: Bob, Skills: SQL" },
    { "the id need not come first", "a.csv",
      "years_experience;candidate_id\n5;x-1\n",
      "candidate-x-1=Years experience: 5" },
    { "no candidate_id", "a.csv", "id,name\n1,Ann\n",
      "!a.csv has no column candidate_id; it has id, name" },
    { "a ragged row", "a.csv", "candidate_id,name\n1\n2,Bob\n",
      "!a.csv row 2: 1 fields where the header has 2|candidate-2=Name: Bob" },
    { "an open quote", "a.csv", "candidate_id,name\n1,\"Ann\n2,Bob\n",
      "!a.csv row 2 column 2: a quote is never closed" },
    { "text after a quote", "a.csv", "candidate_id,name\n1,\"A\"b\n2,Bob\n",
      "!a.csv row 2 column 2: text after|candidate-2=Name: Bob" },
    { "Latin-1", "a.csv", "candidate_id,name\n1,Andr\xe9\n2,Bob\n",
      "!a.csv row 2 column Name: byte 5 is not valid UTF-8|"
      "candidate-2=Name: Bob" },
    { "no id", "a.csv", "candidate_id,name\n ,Ann\n",
      "!a.csv row 2 column Candidate id: there is no id" },
    { "no text", "a.csv", "candidate_id,name\n1,\n",
      "!a.csv row 2: there is no text" },
    { "an empty file", "a.csv", "", "!a.csv is empty" },
    { "comments and blanks", "p.txt", "# one\n\n  Say hi \n#\nSay \"yo\"\r\n",
      "prompt-1=Say hi|prompt-2=Say \"yo\"" },
    { "a bad line in the middle", "p.txt", "a\n\xff\nb\n",
      "prompt-1=a|!p.txt line 2: byte 1 is not|prompt-3=b" },
    { "addresses", "u.txt", "# u\nhttps://a.example/x\nftp://b\n",
      "page-1=https://a.example/x|!u.txt line 3: it is no address" },
    { "strings", "p.json", "[\"one\", \"tw\\u006f\"]",
      "prompt-1=one|prompt-2=two" },
    { "objects, ids or not", "p.json",
      "[{\"id\": \"x\", \"prompt\": \"one\"}, {\"prompt\": \"two\"},"
      " {\"id\": 5, \"prompt\": \"three\"}]",
      "x=one|prompt-2=two|5=three" },
    { "contents", "c.json",
      "[{\"id\":\"n1\",\"title\":\"T\",\"contents\":\"body\"}]",
      "n1=T\n\nbody" },
    { "contents without an id name the element", "c.json",
      "[{\"id\":\"a\",\"contents\":\"b\"},{\"title\":\"T\",\"contents\":\"b\"},"
      "{\"id\":\"c\",\"title\":\"T\"}]",
      "a=b|!c.json element 2 column id: there is no id|"
      "!c.json element 3: it has neither prompt nor contents" },
    { "a trailing comma", "p.json", "[\"a\",]",
      "prompt-1=a|!p.json element 2: a value is missing" },
    { "no comma", "p.json", "[\"a\" \"b\"]",
      "prompt-1=a|!p.json element 2: a comma is missing" },
    { "never closed", "p.json", "[\"a\"",
      "prompt-1=a|!p.json element 2: the array is never closed" },
    { "something after it", "p.json", "[\"a\"] x",
      "prompt-1=a|!p.json element 1: something follows" },
    { "an empty array", "p.json", "[ ]", "" },
    { "a NUL in a prompt", "p.json", "[\"a\\u0000b\",\"c\"]",
      "!p.json element 1: byte 2 is NUL|prompt-2=c" },
    { "lines of strings and objects", "p.jsonl",
      "\"one\"\n{\"id\":\"k\",\"prompt\":\"two\"}\n{broken\n",
      "prompt-1=one|k=two|!p.jsonl line 3: " },
    { "requests", "r.jsonl",
      "{\"custom_id\":\"a\",\"body\":{}}\n{\"key\":\"b\",\"request\":{}}\n"
      "{\"custom_id\":\"c\",\"params\":{}}\n{\"custom_id\":\"d\"}\n"
      "{\"body\":{}}\n",
      "a={\"custom_id\":\"a\",\"body\":{}}|b={\"key\":\"b\",\"request\":{}}|"
      "c={\"custom_id\":\"c\",\"params\":{}}|!r.jsonl line 4: it is no request|"
      "!r.jsonl line 5 column custom_id: there is none" },
    { "an unknown name", "p.dat", "hello", "!p.dat: its name doesn't say" },
};

static bool next(struct record_reader *r, struct record *record, bool *more,
                 char *id, struct error *err)
{
    return record_next(r, record, more, err) &&
           (!*more || record_custom_id(r, record, false, id, err));
}

static void read_all(const char *name, struct strbuf *out)
{
    const struct record_settings settings = { .format = RECORD_AUTO };
    struct record_reader *r;
    struct record record;
    struct error err;
    char id[RECORD_ID];
    bool more = true;

    if (!record_open(&r, name, &settings, &err)) {
        strbuf_addf(out, "!%s", err.message);
        return;
    }
    while (more) {
        if (next(r, &record, &more, id, &err)) {
            if (more)
                strbuf_addf(out, "%s%s=%.*s", out->len ? "|" : "", id,
                            (int)record.len, record.text);
            continue;
        }
        strbuf_addf(out, "%s!%s", out->len ? "|" : "", err.message);
        more = strcmp(err.code, "record") == 0;
    }
    record_close(r);
}

/* Each wanted part is the beginning of a part. */
static bool fits(const char *got, const char *want)
{
    size_t g, w;

    for (;;) {
        w = strcspn(want, "|");
        g = strcspn(got, "|");
        if (strncmp(got, want, w) != 0 || (want[0] != '!' && g != w))
            return false;
        got += g;
        want += w;
        if (!*got || !*want)
            return !*got && !*want;
        got++;
        want++;
    }
}

static void records_come_out_of_every_format(void)
{
    struct strbuf got;
    struct error err;
    size_t i;

    strbuf_init(&got, MIB);
    for (i = 0; i < ARRAY_LEN(cases); i++) {
        strbuf_clear(&got);
        if (!file_write(cases[i].name, cases[i].bytes, strlen(cases[i].bytes),
                        &err))
            ok(false, "%s", err.message);
        read_all(cases[i].name, &got);
        if (!ok(fits(got.data, cases[i].want), "%s", cases[i].why))
            tap_note("%s", got.data);
    }
    strbuf_release(&got);
}

static void long_ids_are_refused(void)
{
    const struct record_settings settings = { .format = RECORD_CSV };
    static const char bytes[] = "candidate_id,a\nx y,1\n"
                                "123456789_123456789_123456789_123456789_"
                                "123456789_123456789_,1\n";
    struct record_reader *r = NULL;
    struct record record;
    struct error err;
    char id[RECORD_ID];
    bool more;

    ok(file_write("i.csv", bytes, sizeof(bytes) - 1, &err) &&
           record_open(&r, "i.csv", &settings, &err) &&
           record_next(r, &record, &more, &err),
       "a file of odd ids");
    ok(record_custom_id(r, &record, false, id, &err), "a blank is fine");
    is_str(id, "candidate-x y", "and comes back");
    ok(!record_custom_id(r, &record, true, id, &err), "Anthropic takes none");
    is_str(err.code, "record", "which is the record's fault");
    ok(record_next(r, &record, &more, &err) &&
           !record_custom_id(r, &record, true, id, &err),
       "nor more than 64 characters");
    record_close(r);
}

/* Elements longer than the buffer, and longer than the ceiling. */
static void long_elements_are_read_whole(void)
{
    const struct record_settings settings = { .ceiling = MIB };
    struct record_reader *r = NULL;
    struct record record;
    struct strbuf text;
    struct error err;
    bool more = false;
    size_t i;

    strbuf_init(&text, 4 * MIB);
    strbuf_adds(&text, "[\"");
    for (i = 0; i < 900000; i++)
        strbuf_addc(&text, 'x');
    strbuf_adds(&text, "\", \"short\", \"");
    for (i = 0; i < 1200000; i++)
        strbuf_addc(&text, 'y');
    strbuf_adds(&text, "\"]");
    ok(file_write("l.json", text.data, text.len, &err) &&
           record_open(&r, "l.json", &settings, &err),
       "a file of long elements");
    ok(record_next(r, &record, &more, &err) && record.len == 900000,
       "one longer than the buffer");
    ok(record_next(r, &record, &more, &err) && record.len == 5,
       "a short one after it");
    ok(!record_next(r, &record, &more, &err), "one over the ceiling");
    record_close(r);
    strbuf_release(&text);
}

int main(void)
{
    folder_enter();
    records_come_out_of_every_format();
    long_ids_are_refused();
    long_elements_are_read_whole();
    return tap_done();
}

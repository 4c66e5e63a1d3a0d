#include "cli/evidence.h"

#include "tests/tap.h"

static const struct {
    const char *words;
    const char *column;
    int64_t at;
    int64_t len;
    const char *rules;
    const char *why;
} cases[] = {
    { "City:12+3 State:20+2", "State", 20, 2, "", "found" },
    { "City:12+3 State:20+2", "City", 12, 3, "", "the first" },
    { "City:12+3", "Cit", -1, -1, "", "no part of a name" },
    { "City:12+3 City~state City~width", "City", 12, 3, "state, width",
      "with its rules" },
    { "City~state", "City", -1, -1, "state", "only rules" },
    { "", "City", -1, -1, "", "nothing" },
    { NULL, "City", -1, -1, "", "NULL" },
    { "City:-1+3", "City", -1, -1, "", "a negative place" },
    { "City:1+x", "City", -1, -1, "", "no number" },
    { "City:99999999999999999999+1", "City", -1, -1, "", "too large" },
    { "City:1", "City", -1, -1, "", "half a place" },
    { "City", "City", -1, -1, "", "a name alone" },
    { "  City:1+2  ", "City", 1, 2, "", "many blanks" },
};

static void words_are_read(void)
{
    struct evidence found;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        evidence_read(cases[i].words, cases[i].column, &found);
        is_int(found.at, cases[i].at, "%s: at", cases[i].why);
        is_int(found.len, cases[i].len, "%s: length", cases[i].why);
        is_str(found.rules, cases[i].rules, "%s: rules", cases[i].why);
    }
}

static void many_rules_are_cut(void)
{
    struct evidence found;
    char words[4000] = "";
    size_t n = 0;
    int i;

    for (i = 0; i < 300; i++)
        n += (size_t)snprintf(words + n, sizeof(words) - n, "A~r%d ", i);
    evidence_read(words, "A", &found);
    ok(strlen(found.rules) < sizeof(found.rules), "not overrun");
}

static void flags_are_found(void)
{
    const char *flags = "fenced ungrounded:City clipped:State";

    ok(evidence_flag(flags, "ungrounded", "City"), "there");
    ok(evidence_flag(flags, "clipped", "State"), "the last");
    ok(!evidence_flag(flags, "ungrounded", "State"), "of another column");
    ok(!evidence_flag(flags, "fenced", ""), "a flag without a column");
    ok(!evidence_flag(NULL, "fenced", "City"), "no flags");
}

static const struct {
    const char *text;
    size_t at;
    size_t len;
    size_t most;
    size_t number;
    const char *line;
    const char *why;
} lines[] = {
    { "one\ntwo\nthree", 4, 3, 40, 2, "two", "a line" },
    { "one\ntwo\nthree", 0, 3, 40, 1, "one", "the first" },
    { "one\ntwo\nthree", 10, 2, 40, 3, "three", "the last, without end" },
    { "one\ntwo\nthree", 4, 7, 40, 2, "two three", "over two lines" },
    { "0123456789abcdefghij", 10, 2, 6, 1, "89abcd", "a part of a long one" },
    { "0123456789abcdefghij", 10, 9, 4, 1, "abcd", "a long value" },
    { "a\x1b[1mb\tc", 0, 1, 40, 1, "a [1mb c", "controls" },
    { "\xc3\xa4\xc3\xb6\xc3\xbc", 2, 2, 3, 1, "\xc3\xb6",
      "cut characters are left out" },
    { "short", 100, 5, 40, 1, "short", "a place beyond the end" },
    { "", 0, 0, 40, 1, "", "no text" },
};

static void the_line_around_a_place_is_shown(void)
{
    struct strbuf out;
    size_t i;

    strbuf_init(&out, 1000);
    for (i = 0; i < ARRAY_LEN(lines); i++) {
        strbuf_clear(&out);
        is_int(evidence_line(lines[i].text, strlen(lines[i].text), lines[i].at,
                             lines[i].len, lines[i].most, &out),
               lines[i].number, "%s: its number", lines[i].why);
        is_str(out.data, lines[i].line, "%s", lines[i].why);
    }
    strbuf_release(&out);
}

int main(void)
{
    words_are_read();
    many_rules_are_cut();
    flags_are_found();
    the_line_around_a_place_is_shown();
    return tap_done();
}

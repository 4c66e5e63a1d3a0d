#include "db/script.h"

#include <string.h>

#include "tests/tap.h"

static const struct {
    const char *why;
    const char *text;
    const char *statements[5];
} cases[] = {
    { "a semicolon ends a statement", "A;\nB;\n", { "A", "B" } },
    { "the last needs none", "A;\nB", { "A", "B" } },
    { "a line of GO does too", "A\nGO\nB\ngo\nC", { "A\n", "B\n", "C" } },
    { "both together are one end", "A;\nGO\nB;\nGO\n", { "A", "B" } },
    { "a semicolon within a line is a part of it",
      "A; B;\nC;",
      { "A; B", "C" } },
    { "not in quotes", "A 'x;\ny';\nB", { "A 'x;\ny'", "B" } },
    { "nor is GO", "A '\nGO\n' B;", { "A '\nGO\n' B" } },
    { "a word that begins with GO is one", "GOOD;\nGO\nA", { "GOOD", "A" } },
    { "blanks behind the end", "A;  \r\nB ;\t\n", { "A", "B " } },
    { "nothing", " \n;\n\nGO\n", { NULL } },
};

static void scripts_are_split(void)
{
    const char *from;
    size_t i, k, at, len;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        at = 0;
        for (k = 0; script_next(cases[i].text, DB_MSSQL, &at, &from, &len);
             k++) {
            const char *want = k < 5 ? cases[i].statements[k] : NULL;

            ok(want && strlen(want) == len && memcmp(want, from, len) == 0,
               "%s: [%.*s]", cases[i].why, (int)len, from);
        }
        ok(k == 5 || !cases[i].statements[k], "%s: %zu of them", cases[i].why,
           k);
    }
}

int main(void)
{
    scripts_are_split();
    return tap_done();
}

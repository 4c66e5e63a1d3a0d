#include "extract/marks.h"

#include "base/strbuf.h"
#include "tests/tap.h"

/* Words within words, ends that begin others, single bytes. */
static const struct mark list[] = {
    { "he|she|hers", 1 },    { "his", 2 },
    { "e\\|f|\\\\", 4 },     { "@", 8 },
    { "sheer|rs h", 16 },    { "\xc3\xa4h", 32 },
    { "hishe|ishers ", 64 },
};

static bool is_at(const char *text, size_t len, const char *word, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (i == len || (text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32
                                                          : text[i]) != word[i])
            return false;
    return true;
}

static bool holds(const char *text, size_t len, const char *word, size_t n)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (is_at(text + i, len - i, word, n))
            return true;
    return false;
}

/* The plain way: each word at each place. */
static uint64_t seen_slowly(const char *text, size_t len)
{
    uint64_t seen = 0;
    size_t i;

    for (i = 0; i < ARRAY_LEN(list); i++) {
        const char *s = list[i].words;

        while (*s) {
            char word[16];
            size_t n = 0;

            for (; *s && *s != '|'; s++) {
                s += *s == '\\';
                word[n++] = *s;
            }
            s += *s == '|';
            if (holds(text, len, word, n))
                seen |= list[i].bits;
        }
    }
    return seen;
}

static void each_word_is_seen(const struct marks *m)
{
    static const struct {
        const char *text;
        uint64_t seen;
    } cases[] = {
        { "", 0 },           { "h", 0 },
        { "ushers", 1 },     { "HIS", 2 },
        { "e|f", 4 },        { "ef", 0 },
        { "a\\b", 4 },       { "x@", 8 },
        { "sheer", 1 | 16 }, { "shishers h", 1 | 2 | 16 | 64 },
        { "\xc3\xa4H", 32 }, { "\xc3\x84h", 0 }, /* no ASCII letter: as it is */
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        ok(marks_seen(m, cases[i].text, strlen(cases[i].text)) == cases[i].seen,
           "in \"%s\"", cases[i].text);
}

static void one_pass_sees_what_the_plain_way_sees(const struct marks *m)
{
    static const char letters[] = "hHeErRsSiIf |@\xc3\xa4";
    uint32_t chance = 1;
    char text[24];
    size_t wrong = 0, i, len, at;

    for (i = 0; i < 200000; i++) {
        len = i % (sizeof(text) + 1);
        for (at = 0; at < len; at++) {
            chance = chance * 1664525 + 1013904223;
            text[at] = letters[(chance >> 8) % (sizeof(letters) - 1)];
        }
        wrong += marks_seen(m, text, len) != seen_slowly(text, len);
    }
    is_int((int)wrong, 0, "200,000 texts made up");
}

static void too_many_words_are_refused(void)
{
    static char words[MARKS_STATES + 1];
    const struct mark one = { words, 1 };
    struct marks *m;
    struct error err;

    memset(words, 'a', MARKS_STATES - 1);
    ok(marks_new(&m, &one, 1, &err), "as many states as there may be");
    marks_free(m);
    words[MARKS_STATES - 1] = 'a';
    ok(!marks_new(&m, &one, 1, &err) && !m, "one more is refused");
}

int main(void)
{
    struct marks *m = NULL;
    struct error err;

    if (ok(marks_new(&m, list, ARRAY_LEN(list), &err), "words compile")) {
        each_word_is_seen(m);
        one_pass_sees_what_the_plain_way_sees(m);
    }
    marks_free(m);
    too_many_words_are_refused();
    return tap_done();
}

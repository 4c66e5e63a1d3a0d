#include "base/nearest.h"

#include "tests/tap.h"

static const char *const known[] = {
    "status", "submit", "settings", "base_url", "cancel", "undo", "run",
};

static const struct {
    const char *typed;
    const char *want; /* NULL: nothing is near */
    const char *why;
} cases[] = {
    { "status", "status", "itself" },
    { "statsu", "status", "swapped" },
    { "SUBMIT", "submit", "case" },
    { "base-url", "base_url", "a dash" },
    { "cancle", "cancel", "swapped at the end" },
    { "baseurl", "base_url", "one missing" },
    { "rnu", "run", "short and swapped" },
    { "xyz", NULL, "nothing like it" },
    { "zz", NULL, "short and unlike" },
    { "", NULL, "nothing" },
};

static void the_nearest_word_is_suggested(void)
{
    size_t i;
    size_t k;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        struct nearest n = nearest_to(cases[i].typed);
        const char *got;

        for (k = 0; k < ARRAY_LEN(known); k++)
            nearest_offer(&n, known[k]);
        got = nearest_found(&n);
        is_str(got ? got : "none", cases[i].want ? cases[i].want : "none",
               "%s: %s", cases[i].typed, cases[i].why);
    }
}

static void long_words_are_cut_not_overrun(void)
{
    char a[200] = "";
    char b[200];
    struct nearest n = nearest_to(a);

    memset(a, 'a', sizeof(a));
    memset(b, 'a', sizeof(b));
    a[199] = b[199] = '\0';
    b[198] = 'b';
    nearest_offer(&n, b);
    is_str(nearest_found(&n), b, "the first 63 bytes decide");
}

int main(void)
{
    the_nearest_word_is_suggested();
    long_words_are_cut_not_overrun();
    return tap_done();
}

#include "extract/needles.h"

#include "base/strbuf.h"
#include "tests/tap.h"

static const char *const words[] = {
    "ignore all",    "previous ",    "candidate",
    "ignore always", "instructions", "\xe5\xbf\xbd\xe7\x95\xa5\xe4\xb9\x8b"
};

static bool is_at(const char *text, size_t len, const char *word)
{
    size_t i;

    for (i = 0; word[i]; i++)
        if (i == len || (text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32
                                                          : text[i]) != word[i])
            return false;
    return true;
}

/* The plain way. */
static bool find_slowly(const char *text, size_t len, size_t *at)
{
    size_t i;

    for (; *at < len; ++*at)
        for (i = 0; i < ARRAY_LEN(words); i++)
            if (is_at(text + *at, len - *at, words[i]))
                return true;
    return false;
}

static void compare(const struct needles *n, const char *text, size_t len,
                    const char *why)
{
    size_t fast = 0, slow = 0, which = 0, found = 0;
    bool same = true, more;

    do {
        more = needles_find(n, text, len, &fast, &which);
        same = more == find_slowly(text, len, &slow) &&
               (!more ||
                (fast == slow && is_at(text + fast, len - fast, words[which])));
        found += more;
        fast++;
        slow++;
    } while (same && more);
    ok(same, "%s: %zu found", why, found);
}

static uint32_t chance(uint32_t *state, uint32_t limit)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 8) % limit;
}

/* Pieces of needles, whole ones now and then, of every length. */
static void make_text(struct strbuf *b, uint32_t seed, size_t len,
                      uint32_t whole)
{
    strbuf_clear(b);
    while (b->len < len) {
        const char *word = words[chance(&seed, ARRAY_LEN(words))];

        if (!chance(&seed, whole))
            strbuf_adds(b, word);
        else
            strbuf_add(b, word + chance(&seed, 4), chance(&seed, 5));
        if (!chance(&seed, 3))
            strbuf_addc(b, (char)("AIx \n"[chance(&seed, 5)]));
    }
    strbuf_cut(b, len);
}

static void the_quick_way_finds_what_the_plain_way_finds(void)
{
    struct needles *n = NULL;
    struct strbuf text;
    struct error err;
    uint32_t seed;

    strbuf_init(&text, MIB);
    if (!ok(needles_new(&n, words, ARRAY_LEN(words), &err), "they compile"))
        return;
    compare(n, "", 0, "nothing");
    compare(n, "previou", 7, "shorter than any");
    compare(n, "previous ", 9, "just one");
    compare(n, "xPREVIOUS Candidate", 19, "whatever the case");
    compare(n, "ignore al", 9, "cut off");
    for (seed = 1; seed < 60; seed++) {
        make_text(&text, seed, seed * 97, 1 + seed % 40);
        compare(n, text.data, text.len, "made up");
    }
    make_text(&text, 7, 5000, 100000);
    strbuf_adds(&text, "Previous Candidate");
    compare(n, text.data, text.len, "at the very end");
    needles_free(n);
    strbuf_release(&text);
}

static void short_words_are_refused(void)
{
    static const char *const one[] = { "too sho" };
    struct needles *n;
    struct error err;

    ok(!needles_new(&n, one, 1, &err) && err.kind == ERROR_SETUP,
       "seven bytes are too few");
}

int main(void)
{
    the_quick_way_finds_what_the_plain_way_finds();
    short_words_are_refused();
    return tap_done();
}

/* The forms by vector against the slow ones; the file itself is included,
 * so that each form can be called whatever this processor prefers. */
#include "base/scan.c" /* NOLINT */

#include "base/text.h"
#include "tests/tap.h"

#define ROUNDS 40000
#define LONGEST 200

static uint32_t state = 1;
static char text[LONGEST];
static size_t len;

static uint32_t chance(uint32_t limit)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % limit;
}

/* Mostly letters, with what matters sprinkled in. */
static void make_text(void)
{
    static const char spice[] = "\"\\\n\x1f\x20\x7f\\\\nu/b";
    static const char *const leads[] = { "\xc3\xa9",         "\xe4\xb8\xad",
                                         "\xf0\x9f\x98\x80", "\xed\xa0\x80",
                                         "\xe0\x80\x80",     "\xf4\x90\x80\x80",
                                         "\xf0\x80\x80\x80", "\xc0\x80",
                                         "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf" };
    uint32_t want = chance(LONGEST - 4);
    uint32_t rare = 1 + chance(40);
    uint32_t kind = chance(4);

    for (len = 0; len < want;) {
        const char *lead = leads[chance(kind ? 3 : ARRAY_LEN(leads))];

        if (chance(rare)) {
            text[len++] = (char)('a' + chance(26));
        } else if (kind == 1) {
            text[len++] = spice[chance(sizeof(spice) - 1)];
        } else if (kind == 2) {
            text[len++] = (char)chance(256);
        } else {
            memcpy(text + len, lead, strlen(lead));
            len += strlen(lead) - (chance(30) == 0);
        }
    }
}

static size_t slow_utf8(void)
{
    uint32_t codepoint;
    size_t at = 0;
    size_t n;

    while (at < len && (n = utf8_decode(text + at, len - at, &codepoint)))
        at += n;
    return at;
}

#if HAVE_VECTORS

static char slow_out[LONGEST + SCAN_SLACK], out[LONGEST + SCAN_SLACK];

static bool plain_agrees(bool avx2)
{
    size_t want = plain_slowly(text, len, 0);

    copy_slowly(text, len, 0, slow_out);
    if (plain_sse2(text, len) != want || copy_sse2(text, len, out) != want ||
        memcmp(out, slow_out, want) != 0)
        return false;
    return !avx2 ||
           (plain_avx2(text, len) == want &&
            copy_avx2(text, len, out) == want && !memcmp(out, slow_out, want));
}

static bool strings_agree(bool avx2)
{
    bool escaped = false, fast_escaped = false;
    size_t used, fast_used;
    size_t read = unescape_slowly(text, len, slow_out, &used);

    if (!avx2)
        return true;
    return string_slowly(text, text + len, &escaped) ==
               string_avx2(text, text + len, &fast_escaped) &&
           escaped == fast_escaped &&
           unescape_avx2(text, len, out, &fast_used) == read &&
           fast_used == used && !memcmp(out, slow_out, used);
}

static bool utf8_agrees(bool avx2)
{
    size_t valid = slow_utf8();
    size_t quick = avx2 ? utf8_avx2(text, len) : 0;
    uint32_t codepoint;

    if (utf8_valid_prefix(text, len) != valid)
        return false;
    /* Not beyond the first error, not in the middle of a character, and
     * near the end when there's no error. */
    return quick <= valid && (!avx2 || valid < len || quick + 35 > len) &&
           (quick == valid ||
            utf8_decode(text + quick, len - quick, &codepoint));
}

static void all_forms_agree(void)
{
    bool avx2 = has_avx2();
    int plain = 0, strings = 0, utf8 = 0;
    int i;

    if (!avx2)
        tap_note("no AVX2 here: only SSE2 is compared");
    for (i = 0; i < ROUNDS; i++) {
        make_text();
        plain += plain_agrees(avx2);
        strings += strings_agree(avx2);
        utf8 += utf8_agrees(avx2);
    }
    is_int(plain, ROUNDS, "runs without escapes");
    is_int(strings, ROUNDS, "insides of strings");
    is_int(utf8, ROUNDS, "UTF-8");
}

#else

static void all_forms_agree(void)
{
    make_text();
    is_int(utf8_valid_prefix(text, len), slow_utf8(), "there is one form only");
}

#endif

/* Every two bytes in the middle of every kind of neighbours, across the
 * border of two blocks. */
static void all_pairs_of_bytes_are_judged_right(void)
{
    static const char *const tails[] = { "", "\x80", "\xbf\x80", "z" };
    int bad = 0;
    uint32_t pair;
    size_t i, at;

    for (pair = 0; pair < 65536; pair++)
        for (i = 0; i < ARRAY_LEN(tails); i++)
            for (at = 30; at <= 32; at++) {
                memset(text, 'a', LONGEST);
                text[at] = (char)(pair >> 8);
                text[at + 1] = (char)pair;
                memcpy(text + at + 2, tails[i], strlen(tails[i]));
                len = 96;
                bad += utf8_valid_prefix(text, len) != slow_utf8();
            }
    is_int(bad, 0, "65,536 pairs with four tails at three places");
}

int main(void)
{
    all_forms_agree();
    all_pairs_of_bytes_are_judged_right();
    return tap_done();
}

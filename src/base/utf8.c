#include "base/text.h"

#include "base/scan.h"
#include "base/text_table.h"

/* What may follow a lead byte first; all later bytes are 80..BF. */
struct follow {
    unsigned char low, high;
};

static struct follow second_byte(unsigned char lead)
{
    switch (lead) {
    case 0xe0: return (struct follow){ 0xa0, 0xbf }; /* overlong below */
    case 0xed: return (struct follow){ 0x80, 0x9f }; /* surrogates above */
    case 0xf0: return (struct follow){ 0x90, 0xbf };
    case 0xf4: return (struct follow){ 0x80, 0x8f }; /* beyond 10FFFF */
    default: return (struct follow){ 0x80, 0xbf };
    }
}

/* The character or, not *good, the maximal invalid sequence at s: its
 * length, at least 1 when len is. */
static size_t scan(const char *s, size_t len, uint32_t *codepoint, bool *good)
{
    const unsigned char *u = (const unsigned char *)s;
    struct follow follow;
    size_t more;
    size_t i;

    *good = false;
    if (!len)
        return 0;
    if (u[0] < 0x80) {
        *codepoint = u[0];
        *good = true;
        return 1;
    }
    if (u[0] < 0xc2 || u[0] > 0xf4)
        return 1;
    more = u[0] >= 0xf0 ? 3 : u[0] >= 0xe0 ? 2 : 1;
    follow = second_byte(u[0]);
    *codepoint = u[0] & (0x3fu >> more);
    for (i = 1; i <= more; i++) {
        if (i == len || u[i] < follow.low || u[i] > follow.high)
            return i;
        *codepoint = *codepoint << 6 | (u[i] & 0x3fu);
        follow = (struct follow){ 0x80, 0xbf };
    }
    *good = true;
    return i;
}

size_t utf8_decode(const char *s, size_t len, uint32_t *codepoint)
{
    bool good;
    size_t n = scan(s, len, codepoint, &good);

    return good ? n : 0;
}

size_t utf8_bad_len(const char *s, size_t len)
{
    uint32_t codepoint;
    bool good;
    size_t n = scan(s, len, &codepoint, &good);

    return good ? 0 : n;
}

size_t utf8_encode(uint32_t codepoint, char *out)
{
    unsigned char *u = (unsigned char *)out;

    if (codepoint > 0x10ffff || (codepoint >= 0xd800 && codepoint < 0xe000))
        codepoint = 0xfffd;
    if (codepoint < 0x80) {
        u[0] = (unsigned char)codepoint;
        return 1;
    }
    if (codepoint < 0x800) {
        u[0] = (unsigned char)(0xc0 | codepoint >> 6);
        u[1] = (unsigned char)(0x80 | (codepoint & 0x3f));
        return 2;
    }
    if (codepoint < 0x10000) {
        u[0] = (unsigned char)(0xe0 | codepoint >> 12);
        u[1] = (unsigned char)(0x80 | (codepoint >> 6 & 0x3f));
        u[2] = (unsigned char)(0x80 | (codepoint & 0x3f));
        return 3;
    }
    u[0] = (unsigned char)(0xf0 | codepoint >> 18);
    u[1] = (unsigned char)(0x80 | (codepoint >> 12 & 0x3f));
    u[2] = (unsigned char)(0x80 | (codepoint >> 6 & 0x3f));
    u[3] = (unsigned char)(0x80 | (codepoint & 0x3f));
    return 4;
}

size_t utf8_valid_prefix(const char *s, size_t len)
{
    size_t at = len < 32 ? 0 : scan_utf8(s, len);
    uint32_t codepoint;
    size_t n;

    while (at < len) {
        uint64_t word;

        while (len - at >= sizeof(word)) {
            memcpy(&word, s + at, sizeof(word));
            if (word & 0x8080808080808080u)
                break;
            at += sizeof(word);
        }
        if (at == len)
            break;
        n = utf8_decode(s + at, len - at, &codepoint);
        if (!n)
            break;
        at += n;
    }
    return at;
}

bool utf8_valid(const char *s, size_t len)
{
    return utf8_valid_prefix(s, len) == len;
}

/* One step over anything: an invalid sequence counts as U+FFFD. */
static size_t step(const char *s, size_t len, uint32_t *codepoint)
{
    bool good;
    size_t n = scan(s, len, codepoint, &good);

    if (!good)
        *codepoint = 0xfffd;
    return n;
}

size_t utf8_utf16_units(const char *s, size_t len)
{
    size_t units = 0;
    uint32_t codepoint;
    size_t at;

    for (at = 0; at < len; at += step(s + at, len - at, &codepoint))
        units += (unsigned char)s[at] >= 0xf0 ? 2 : 1;
    return units;
}

size_t utf8_characters(const char *s, size_t len)
{
    size_t characters = 0;
    uint32_t codepoint;
    size_t at;

    for (at = 0; at < len; at += step(s + at, len - at, &codepoint))
        characters++;
    return characters;
}

bool text_is_mark(uint32_t codepoint)
{
    size_t low = 0, high = text_marks;

    if (codepoint < text_mark[0][0])
        return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (codepoint > text_mark[middle][1])
            low = middle + 1;
        else if (codepoint < text_mark[middle][0])
            high = middle;
        else
            return true;
    }
    return false;
}

#define JOINER 0x200d

/* Belongs to the character before it: marks, skin tones, tags. */
static bool is_attached(uint32_t codepoint)
{
    return text_is_mark(codepoint) || codepoint == JOINER ||
           (codepoint >= 0x1f3fb && codepoint <= 0x1f3ff) ||
           (codepoint >= 0xe0020 && codepoint <= 0xe007f);
}

/* Where the character that ends at end begins. */
static size_t step_back(const char *s, size_t end)
{
    uint32_t codepoint;
    size_t back;

    for (back = 1; back <= 4 && back <= end; back++)
        if (utf8_decode(s + end - back, back, &codepoint) == back)
            return end - back;
    return end - 1;
}

#define CUT_PRICE 8 /* characters given up to keep one whole */

/* A good place for a cut at or shortly before end. */
static size_t before_marks(const char *s, size_t len, size_t end)
{
    size_t at = end;
    int paid;

    for (paid = 0; at && paid <= CUT_PRICE; paid++) {
        size_t previous = step_back(s, at);
        uint32_t left, right = 0;

        step(s + at, len - at, &right);
        step(s + previous, at - previous, &left);
        if (!is_attached(right) && left != JOINER)
            return at;
        at = previous;
    }
    return at ? end : 0;
}

static size_t cost(uint32_t codepoint, size_t bytes, enum text_unit unit)
{
    if (unit == TEXT_BYTES)
        return bytes;
    return unit == TEXT_UTF16 && codepoint >= 0x10000 ? 2 : 1;
}

size_t utf8_cut(const char *s, size_t len, size_t max, enum text_unit unit)
{
    size_t at = 0, used = 0;

    if (unit == TEXT_BYTES && max >= len)
        return len;
    if (unit == TEXT_BYTES && max > 64) {
        /* Near enough: the last characters before max decide. */
        at = max - 64;
        while (at && ((unsigned char)s[at] & 0xc0) == 0x80 && max - at < 72)
            at--;
        used = at;
    }
    while (at < len) {
        uint32_t codepoint;
        size_t n = step(s + at, len - at, &codepoint);
        size_t price = cost(codepoint, n, unit);

        if (price > max - used)
            return before_marks(s, len, at);
        used += price;
        at += n;
    }
    return len;
}

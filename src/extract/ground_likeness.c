#include "extract/ground_likeness.h"

#define ROW (WORD_LENGTHS + 1)

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

/* Letters inserted, left out, changed, or two neighbours exchanged: how
 * many; most + 1 when it is more than most. */
static unsigned distance(const uint32_t *a, size_t a_len, const uint32_t *b,
                         size_t b_len, unsigned most)
{
    unsigned rows[3][ROW];
    size_t i, j;

    for (j = 0; j <= b_len; j++)
        rows[0][j] = (unsigned)j;
    for (i = 1; i <= a_len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3];
        const unsigned *second = rows[(i + 1) % 3];
        unsigned least = row[0] = (unsigned)i;

        for (j = 1; j <= b_len; j++) {
            unsigned change = above[j - 1] + (a[i - 1] != b[j - 1]);

            row[j] = smallest(above[j] + 1, row[j - 1] + 1, change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1] && second[j - 2] + 1 < row[j])
                row[j] = second[j - 2] + 1;
            least = row[j] < least ? row[j] : least;
        }
        if (least > most)
            return most + 1;
    }
    return rows[a_len % 3][b_len];
}

/* Pairs that scanners take for one letter are that letter. */
static size_t plain_shapes(const uint32_t *chars, size_t len, uint32_t *out)
{
    static const char pairs[][3] = { { 'r', 'n', 'm' },
                                     { 'v', 'v', 'w' },
                                     { 'c', 'l', 'd' } };
    size_t used = 0;
    size_t i, j;

    for (i = 0; i < len; i++) {
        out[used] = chars[i];
        for (j = 0; j < ARRAY_LEN(pairs); j++)
            if (i + 1 < len && chars[i] == (unsigned char)pairs[j][0] &&
                chars[i + 1] == (unsigned char)pairs[j][1]) {
                out[used] = (unsigned char)pairs[j][2];
                i++;
                break;
            }
        used++;
    }
    return used;
}

static unsigned differences_allowed(size_t len)
{
    if (len < 6 || len >= WORD_LENGTHS)
        return 0;
    return len < 12 ? 1 : 2;
}

static unsigned bits(uint32_t set)
{
    return (unsigned)__builtin_popcount(set);
}

bool may_be_alike(const struct shape *value, size_t len, uint32_t letters)
{
    /* One change exchanges two letters of the set; the shapes above, three. */
    return value->allowed && len < WORD_LENGTHS &&
           len + value->allowed + 1 >= value->len &&
           len <= value->len + value->allowed + 1 &&
           bits(letters ^ value->letters) <= 2 * value->allowed + 2;
}

bool words_alike(const struct shape *value, const uint32_t *chars, size_t len)
{
    uint32_t a[WORD_LENGTHS], b[WORD_LENGTHS];
    size_t a_len, b_len;

    if (distance(value->chars, value->len, chars, len, value->allowed) <=
        value->allowed)
        return true;
    a_len = plain_shapes(value->chars, value->len, a);
    b_len = plain_shapes(chars, len, b);
    return distance(a, a_len, b, b_len, value->allowed) <= value->allowed;
}

struct shape shape_of(const uint32_t *chars, size_t len, bool latin)
{
    struct shape shape = { .chars = chars,
                           .len = len,
                           .allowed = latin ? differences_allowed(len) : 0 };
    size_t i;

    for (i = 0; i < len && shape.allowed; i++)
        if (chars[i] >= 'a' && chars[i] <= 'z')
            shape.letters |= (uint32_t)1 << (chars[i] - 'a');
    return shape;
}

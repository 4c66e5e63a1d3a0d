#include "extract/needles.h"

#define BLOCK 3 /* bytes hashed at a time */
#define BITS 15
#define SLOTS (1u << BITS)
#define FARTHEST (NEEDLE_SHORTEST - BLOCK + 1)

struct needles {
    const char *const *words; /* borrowed */
    size_t count;
    unsigned char shift[SLOTS]; /* how far ahead no needle can end its head */
    uint16_t first[SLOTS];      /* row + 1 of the chain where shift is 0 */
    uint16_t *next;             /* owned: row + 1 of the same hash */
    unsigned char *lengths;     /* owned */
    uint64_t heads[SLOTS];      /* which first bytes go with shift 0 */
};

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Bit 5 is what tells capitals from small letters: left out, which also
 * mixes some other characters; comparing sorts them out. */
static unsigned hash_block(const char *s)
{
    unsigned a = (unsigned char)s[0], b = (unsigned char)s[1],
             c = (unsigned char)s[2];

    return ((a & 31) << 10 | (b & 31) << 5 | (c & 31)) & (SLOTS - 1);
}

/* One bit of 64 for the first bytes of a needle. */
static uint64_t head_bit(const char *s)
{
    unsigned hash = hash_block(s) * 0x9e3779b1u;

    return (uint64_t)1 << (hash >> 26);
}

static bool add_needle(struct needles *n, size_t row, struct error *err)
{
    const char *word = n->words[row];
    size_t len = strlen(word);
    size_t i;

    if (len < NEEDLE_SHORTEST || len > NEEDLE_LONGEST)
        return error_set(err, ERROR_SETUP, "needle %zu is too short or long",
                         row);
    n->lengths[row] = (unsigned char)len;
    for (i = 0; i + BLOCK <= NEEDLE_SHORTEST; i++) {
        unsigned hash = hash_block(word + i);
        unsigned char shift = (unsigned char)(NEEDLE_SHORTEST - BLOCK - i);

        if (n->shift[hash] > shift)
            n->shift[hash] = shift;
        if (!shift) {
            n->next[row] = n->first[hash];
            n->first[hash] = (uint16_t)(row + 1);
            n->heads[hash] |= head_bit(word);
        }
    }
    return true;
}

bool needles_new(struct needles **needles, const char *const *words,
                 size_t count, struct error *err)
{
    struct needles *n = calloc(1, sizeof(*n));
    bool good;
    size_t i;

    *needles = NULL;
    if (!n)
        return error_memory(err);
    n->words = words;
    n->count = count;
    n->next = calloc(count, sizeof(*n->next));
    n->lengths = calloc(count, 1);
    good = (n->next && n->lengths && count < UINT16_MAX) || error_memory(err);
    memset(n->shift, FARTHEST, sizeof(n->shift));
    for (i = 0; good && i < count; i++)
        good = add_needle(n, i, err);
    if (good)
        *needles = n;
    else
        needles_free(n);
    return good;
}

void needles_free(struct needles *n)
{
    if (!n)
        return;
    free(n->next);
    free(n->lengths);
    free(n);
}

static bool equals(const char *text, const char *word, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (fold(text[i]) != (unsigned char)word[i])
            return false;
    return true;
}

#define LANES 4
#define LANE 256 /* bytes */

/* The needle that begins at `begin`: its row + 1, or 0. */
static size_t needle_at(const struct needles *n, const char *text, size_t len,
                        size_t begin, unsigned hash)
{
    size_t row;

    for (row = n->first[hash]; row; row = n->next[row - 1])
        if (n->lengths[row - 1] <= len - begin &&
            equals(text + begin, n->words[row - 1], n->lengths[row - 1]))
            return row;
    return 0;
}

/* How far the window's end may go; 0: a needle is there. */
static inline size_t shift_at(const struct needles *n, const char *text,
                              size_t len, size_t end)
{
    unsigned hash = hash_block(text + end - BLOCK);
    size_t shift = n->shift[hash];

    if (shift)
        return shift;
    if (!(n->heads[hash] & head_bit(text + end - NEEDLE_SHORTEST)))
        return 1;
    return needle_at(n, text, len, end - NEEDLE_SHORTEST, hash) ? 0 : 1;
}

/* From one window's end on to the lane's; false: something is there. */
static bool lane_is_clean(const struct needles *n, const char *text, size_t len,
                          size_t end, size_t stop)
{
    while (end < stop) {
        size_t shift = shift_at(n, text, len, end);

        if (!shift)
            return false;
        end += shift;
    }
    return true;
}

/* Each step waits for the one before it: four lanes side by side keep the
 * processor busy (four names, not an array: an array goes through memory). */
static bool lanes_are_clean(const struct needles *n, const char *text,
                            size_t len, size_t end)
{
    size_t a = end, b = end + LANE, c = end + 2 * LANE, d = end + 3 * LANE;

    while (a < end + LANE && b < end + 2 * LANE && c < end + 3 * LANE &&
           d < end + 4 * LANE) {
        size_t by_a = shift_at(n, text, len, a),
               by_b = shift_at(n, text, len, b);
        size_t by_c = shift_at(n, text, len, c),
               by_d = shift_at(n, text, len, d);

        if (!by_a || !by_b || !by_c || !by_d)
            return false;
        a += by_a;
        b += by_b;
        c += by_c;
        d += by_d;
    }
    return lane_is_clean(n, text, len, a, end + LANE) &&
           lane_is_clean(n, text, len, b, end + 2 * LANE) &&
           lane_is_clean(n, text, len, c, end + 3 * LANE) &&
           lane_is_clean(n, text, len, d, end + 4 * LANE);
}

/* The end of the windows up to which nothing is. */
static size_t skip_clean(const struct needles *n, const char *text, size_t len,
                         size_t end)
{
    while (end + LANES * LANE <= len && lanes_are_clean(n, text, len, end))
        end += LANES * LANE;
    return end;
}

bool needles_find(const struct needles *n, const char *text, size_t len,
                  size_t *at, size_t *which)
{
    size_t end = *at + NEEDLE_SHORTEST; /* of the window that is looked at */
    size_t slow = 0;                    /* up to there, step by step */

    while (end <= len) {
        size_t shift, row;

        if (end >= slow) {
            end = skip_clean(n, text, len, end);
            slow = end + LANES * LANE;
        }
        shift = shift_at(n, text, len, end);
        if (shift) {
            end += shift;
            continue;
        }
        row = needle_at(n, text, len, end - NEEDLE_SHORTEST,
                        hash_block(text + end - BLOCK));
        if (row) {
            *at = end - NEEDLE_SHORTEST;
            *which = row - 1;
            return true;
        }
        end++;
    }
    return false;
}

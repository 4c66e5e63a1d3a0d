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

bool needles_find(const struct needles *n, const char *text, size_t len,
                  size_t *at, size_t *which)
{
    size_t end = *at + NEEDLE_SHORTEST; /* of the window that is looked at */

    while (end <= len) {
        unsigned hash = hash_block(text + end - BLOCK);
        size_t begin = end - NEEDLE_SHORTEST;
        size_t row;

        if (n->shift[hash]) {
            end += n->shift[hash];
            continue;
        }
        for (row = n->first[hash]; row; row = n->next[row - 1])
            if (n->lengths[row - 1] <= len - begin &&
                equals(text + begin, n->words[row - 1], n->lengths[row - 1])) {
                *at = begin;
                *which = row - 1;
                return true;
            }
        end++;
    }
    return false;
}

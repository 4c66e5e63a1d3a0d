#include "base/nearest.h"

#define LONGEST 63

static unsigned char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned char)(c - 'A' + 'a');
    return c == '-' ? '_' : (unsigned char)c;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;

    return ab < c ? ab : c;
}

static size_t length(const char *s)
{
    return strnlen(s, LONGEST);
}

/* Optimal string alignment, three rows. */
static unsigned distance(const char *a, const char *b)
{
    unsigned rows[3][LONGEST + 1];
    size_t n = length(a);
    size_t m = length(b);
    size_t i;
    size_t j;

    for (j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3];
        unsigned *last = rows[(i + 2) % 3];
        unsigned *before = rows[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (j = 1; j <= m; j++) {
            bool same = fold(a[i - 1]) == fold(b[j - 1]);

            now[j] = least(last[j] + 1, now[j - 1] + 1,
                           last[j - 1] + (same ? 0 : 1));
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                fold(a[i - 2]) == fold(b[j - 1]) && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return rows[n % 3][m];
}

struct nearest nearest_to(const char *word)
{
    struct nearest n = { .word = word, .best = NULL, .distance = 0 };

    return n;
}

void nearest_offer(struct nearest *n, const char *candidate)
{
    unsigned d = distance(n->word, candidate);

    if (n->best && d >= n->distance)
        return;
    n->best = candidate;
    n->distance = d;
}

const char *nearest_found(const struct nearest *n)
{
    size_t len = length(n->word);
    unsigned most = len < 3 ? 1 : len < 6 ? 2 : (unsigned)(len / 3);

    return n->best && n->distance <= most && n->distance < len ? n->best : NULL;
}

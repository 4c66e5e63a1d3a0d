#include "extract/tokens_compile.h"

#define LENGTH_MOST 256

/* The parts of a token while it is merged: where each begins, and last the
 * end. */
struct parts {
    uint32_t begin[LENGTH_MOST + 1];
    size_t count;
};

/* The rank of parts i and i + 1 together. */
static uint32_t joined(const struct compiler *c, const struct source_token *t,
                       const struct parts *p, size_t i)
{
    return compile_find(c, t->bytes + p->begin[i],
                        p->begin[i + 2] - p->begin[i]);
}

/* Merges the first of the pairs of lowest rank, as byte pair encoding
 * does. */
static bool merge_once(const struct compiler *c, const struct source_token *t,
                       struct parts *p)
{
    uint32_t best = NO_TOKEN;
    size_t where = 0;
    size_t i;

    for (i = 0; i + 1 < p->count; i++) {
        uint32_t rank = joined(c, t, p, i);

        if (rank < best) {
            best = rank;
            where = i;
        }
    }
    if (best == NO_TOKEN)
        return false;
    memmove(p->begin + where + 1, p->begin + where + 2,
            (p->count - where - 1) * sizeof(p->begin[0]));
    p->count--;
    return true;
}

/* What a token is merged from: the two parts before its last merge.  The
 * counting rests on each token being the encoding of its own bytes. */
static void split(const struct compiler *c, const struct source_token *t)
{
    struct vocab_merge *merge = &c->merges[t->rank];
    struct parts p;

    c->shapes[t->rank].length = t->length;
    merge->left = merge->right = t->rank;
    if ((t->length == 1) != (t->rank < SINGLE_BYTES))
        compile_fail(c, "token %u: the single bytes are not the first",
                     t->rank);
    if (t->length == 1)
        return;
    for (p.count = 0; p.count <= t->length; p.count++)
        p.begin[p.count] = (uint32_t)p.count;
    p.count--;
    while (p.count > 2)
        if (!merge_once(c, t, &p))
            compile_fail(c, "token %u is not made by merging", t->rank);
    merge->left = compile_find(c, t->bytes, p.begin[1]);
    merge->right =
        compile_find(c, t->bytes + p.begin[1], t->length - p.begin[1]);
    if (merge->left >= t->rank || merge->right >= t->rank)
        compile_fail(c, "token %u is made of later ones", t->rank);
}

static void add_pair(struct compiler *c, uint32_t rank)
{
    uint64_t key = PAIR_KEY(c->merges[rank].left, c->merges[rank].right);
    size_t mask = ((size_t)1 << c->pair_bits) - 1;
    size_t slot = PAIR_HASH(key, c->pair_bits);
    size_t bit = PAIR_HASH(key, FILTER_BITS);

    while (c->pairs[slot] != PAIR_NONE)
        slot = (slot + 1) & mask;
    c->pairs[slot] = key << PAIR_BITS | rank;
    c->filter[bit / 64] |= (uint64_t)1 << (bit % 64);
}

/* In sorted order the prefixes of a token stand before it: each is the
 * next on the chain. */
static void find_prefixes(struct compiler *c)
{
    uint32_t last = NO_TOKEN;
    size_t i;

    for (i = 0; i < c->count; i++) {
        const struct source_token *t = &c->sorted[i];

        while (last != NO_TOKEN && (c->tokens[last].length >= t->length ||
                                    memcmp(c->tokens[last].bytes, t->bytes,
                                           c->tokens[last].length)))
            last = c->shapes[last].prefix;
        c->shapes[t->rank].prefix = last;
        last = t->rank;
    }
}

void compile_merges(struct compiler *c)
{
    size_t slots;
    size_t i;

    c->merges = compile_memory(c->count, sizeof(*c->merges));
    c->shapes = compile_memory(c->count, sizeof(*c->shapes));
    c->filter = compile_memory((1u << FILTER_BITS) / 64, sizeof(*c->filter));
    for (i = 0; i < c->count; i++) {
        if (c->tokens[i].length > LENGTH_MOST)
            compile_fail(c, "token %zu is too long", i);
        split(c, &c->tokens[i]);
    }
    find_prefixes(c);
    while (((size_t)1 << c->pair_bits) < 2 * c->count)
        c->pair_bits++;
    slots = (size_t)1 << c->pair_bits;
    c->pairs = compile_memory(slots, sizeof(*c->pairs));
    for (i = 0; i < slots; i++)
        c->pairs[i] = PAIR_NONE;
    for (i = SINGLE_BYTES; i < c->count; i++)
        add_pair(c, (uint32_t)i);
}

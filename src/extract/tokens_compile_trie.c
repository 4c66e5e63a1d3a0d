#include "extract/tokens_compile.h"

#define SEARCH 512 /* slots */

/* A node whose children have to be placed: the tokens first..last-1 of the
 * sorted ones begin with its depth bytes; rank is the lowest of them. */
struct place {
    uint32_t node;
    uint32_t first, last;
    uint32_t depth;
    uint32_t rank;
};

/* A heap, the lowest rank first: the ways to frequent tokens lie together
 * in memory. */
struct queue {
    struct place *items;
    size_t count, room;
};

static void push(struct queue *q, struct place p)
{
    size_t at = q->count++;

    if (at == q->room) {
        size_t room = at ? 2 * at : 1024;
        struct place *items = compile_memory(room, sizeof(*items));

        if (at)
            memcpy(items, q->items, at * sizeof(*items));
        free(q->items);
        q->items = items;
        q->room = room;
    }
    for (; at && q->items[(at - 1) / 2].rank > p.rank; at = (at - 1) / 2)
        q->items[at] = q->items[(at - 1) / 2];
    q->items[at] = p;
}

static struct place pop(struct queue *q)
{
    struct place top = q->items[0];
    struct place last = q->items[--q->count];
    size_t at = 0;
    size_t child;

    while ((child = 2 * at + 1) < q->count) {
        if (child + 1 < q->count &&
            q->items[child + 1].rank < q->items[child].rank)
            child++;
        if (q->items[child].rank >= last.rank)
            break;
        q->items[at] = q->items[child];
        at = child;
    }
    q->items[at] = last;
    return top;
}

/* Room for all slots up to and with the block of slot. */
static void make_room(struct compiler *c, size_t slot)
{
    size_t need = (slot | 255) + 1;

    if (need > c->trie_room) {
        size_t room = 2 * need;
        uint64_t *trie = compile_memory(room, sizeof(*trie));
        uint64_t *bases = compile_memory(room / 64 + 1, sizeof(*bases));

        if (c->trie_room) {
            memcpy(trie, c->trie, c->trie_room * sizeof(*trie));
            memcpy(bases, c->used_bases,
                   (c->trie_room / 64 + 1) * sizeof(*bases));
        }
        free(c->trie);
        free(c->used_bases);
        c->trie = trie;
        c->used_bases = bases;
        c->trie_room = room;
    }
    if (need > c->trie_size)
        c->trie_size = need;
}

static bool is_free(struct compiler *c, size_t slot)
{
    make_room(c, slot);
    return slot > TRIE_ROOT && !(c->trie[slot] & TRIE_USED);
}

static bool fits(struct compiler *c, size_t base, const uint8_t *labels,
                 size_t count)
{
    size_t i;

    make_room(c, base);
    if (c->used_bases[base / 64] >> (base % 64) & 1)
        return false;
    for (i = 0; i < count; i++)
        if (!is_free(c, base ^ labels[i]))
            return false;
    return true;
}

/* A base at which all labels find a free slot.  Only the last slots are
 * searched: filling every hole would take long and save little. */
static size_t find_base(struct compiler *c, const uint8_t *labels, size_t count)
{
    size_t slot = c->trie_size > TRIE_ROOT + 1 + SEARCH ? c->trie_size - SEARCH
                                                        : TRIE_ROOT + 1;

    for (;; slot++)
        if (is_free(c, slot) && (slot ^ labels[0]) >= TRIE_ROOT &&
            fits(c, slot ^ labels[0], labels, count))
            return slot ^ labels[0];
}

/* The bytes that follow the node's own in some token. */
static size_t find_labels(const struct compiler *c, const struct place *p,
                          uint8_t *labels)
{
    size_t count = 0;
    uint32_t i;

    for (i = p->first; i < p->last; i++) {
        uint8_t byte = c->sorted[i].bytes[p->depth];

        if (!count || labels[count - 1] != byte)
            labels[count++] = byte;
    }
    return count;
}

/* The children's slots are taken and their own children queued. */
static void place_children(struct compiler *c, struct queue *q, struct place p)
{
    uint8_t labels[256];
    size_t count, base, i;
    uint32_t at = p.first;

    if (at < p.last && c->sorted[at].length == p.depth) {
        c->trie[p.node] |= (uint64_t)(c->sorted[at].rank + 1) << 32;
        p.first = ++at;
    }
    if (at == p.last)
        return;
    count = find_labels(c, &p, labels);
    base = find_base(c, labels, count);
    c->used_bases[base / 64] |= (uint64_t)1 << (base % 64);
    c->trie[p.node] |= (uint64_t)base << 9;
    for (i = 0; i < count; i++) {
        struct place child = { .node = (uint32_t)base ^ labels[i],
                               .first = at,
                               .depth = p.depth + 1,
                               .rank = NO_TOKEN };

        for (; at < p.last && c->sorted[at].bytes[p.depth] == labels[i]; at++)
            if (c->sorted[at].rank < child.rank)
                child.rank = c->sorted[at].rank;
        child.last = at;
        c->trie[child.node] = TRIE_USED | labels[i];
        push(q, child);
    }
}

void compile_trie(struct compiler *c)
{
    struct queue q = { 0 };

    make_room(c, TRIE_ROOT);
    c->trie[TRIE_ROOT] = TRIE_USED;
    push(&q, (struct place){ TRIE_ROOT, 0, (uint32_t)c->count, 0, 0 });
    while (q.count)
        place_children(c, &q, pop(&q));
    free(q.items);
    if (c->trie_size >> 23)
        compile_fail(c, "the trie is too large");
}

uint32_t compile_find(const struct compiler *c, const uint8_t *bytes,
                      size_t len)
{
    uint64_t node = c->trie[TRIE_ROOT];
    size_t i;

    for (i = 0; i < len; i++) {
        node = c->trie[TRIE_CHILD(node) ^ bytes[i]];
        if (TRIE_LABEL(node) != (TRIE_USED | bytes[i]))
            return NO_TOKEN;
    }
    return TRIE_TOKEN(node) ? TRIE_TOKEN(node) - 1 : NO_TOKEN;
}

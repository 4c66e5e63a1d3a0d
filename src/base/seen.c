#include "base/seen.h"

#include <stdlib.h>

void seen_init(struct seen *s)
{
    memset(s, 0, sizeof(*s));
    s->keys[0] = hash_key_random();
    s->keys[1] = hash_key_random();
}

void seen_release(struct seen *s)
{
    free(s->slots);
    s->slots = NULL;
    s->count = s->size = 0;
}

/* Its slot, or the free one where it belongs. */
static uint64_t *slot_of(uint64_t (*slots)[2], size_t size,
                         const uint64_t hash[2])
{
    size_t at = (size_t)hash[0] & (size - 1);

    while ((slots[at][0] | slots[at][1]) &&
           (slots[at][0] != hash[0] || slots[at][1] != hash[1]))
        at = (at + 1) & (size - 1);
    return slots[at];
}

/* At most half full. */
static bool grow(struct seen *s, struct error *err)
{
    size_t size = s->size ? 2 * s->size : 1024, i;
    uint64_t(*slots)[2];

    if (2 * (s->count + 1) <= s->size)
        return true;
    slots = calloc(size, sizeof(*slots));
    if (!slots)
        return error_memory(err);
    for (i = 0; i < s->size; i++)
        if (s->slots[i][0] | s->slots[i][1])
            memcpy(slot_of(slots, size, s->slots[i]), s->slots[i],
                   sizeof(*slots));
    free(s->slots);
    s->slots = slots;
    s->size = size;
    return true;
}

bool seen_add(struct seen *s, const void *text, size_t len, bool *before,
              struct error *err)
{
    uint64_t hash[2], *slot;

    *before = false;
    if (!grow(s, err))
        return false;
    hash[0] = hash_bytes(&s->keys[0], text, len);
    hash[1] = hash_bytes(&s->keys[1], text, len) | 1;
    slot = slot_of(s->slots, s->size, hash);
    *before = (slot[0] | slot[1]) != 0;
    if (!*before) {
        memcpy(slot, hash, sizeof(hash));
        s->count++;
    }
    return true;
}

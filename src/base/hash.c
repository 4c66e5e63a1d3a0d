#include "base/hash.h"

#include "base/digest.h"

struct hash_key hash_key_random(void)
{
    struct hash_key key;
    struct error ignored;

    if (random_bytes(&key, sizeof(key), &ignored))
        return key;
    key.a = (uint64_t)(random_unit() * 0x1p64);
    key.b = (uint64_t)(random_unit() * 0x1p64);
    return key;
}

static uint64_t turn(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void rounds(uint64_t v[4], int n)
{
    for (; n > 0; n--) {
        v[0] += v[1];
        v[1] = turn(v[1], 13) ^ v[0];
        v[0] = turn(v[0], 32);
        v[2] += v[3];
        v[3] = turn(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = turn(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = turn(v[1], 17) ^ v[2];
        v[2] = turn(v[2], 32);
    }
}

/* Little-endian on any machine. */
static uint64_t word(const unsigned char *p, size_t len)
{
    uint64_t w = 0;

    while (len)
        w = w << 8 | p[--len];
    return w;
}

uint64_t hash_bytes(const struct hash_key *key, const void *data, size_t len)
{
    const unsigned char *p = data;
    size_t left = len;
    uint64_t v[4], w;

    v[0] = key->a ^ 0x736f6d6570736575;
    v[1] = key->b ^ 0x646f72616e646f6d;
    v[2] = key->a ^ 0x6c7967656e657261;
    v[3] = key->b ^ 0x7465646279746573;
    for (; left >= 8; left -= 8, p += 8) {
        w = word(p, 8);
        v[3] ^= w;
        rounds(v, 2);
        v[0] ^= w;
    }
    w = (uint64_t)len << 56 | word(p, left);
    v[3] ^= w;
    rounds(v, 2);
    v[0] ^= w;
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#include "base/hash.h"
#include "tests/tap.h"

/* The vectors of the SipHash paper's reference implementation: key
 * 00 01 .. 0f, input 00 01 .. of that length. */
static const struct {
    size_t len;
    uint64_t hash;
} cases[] = {
    { 0, 0x726fdb47dd0e0e31 },
    { 1, 0x74f839c593dc67fd },
    { 8, 0x93f5f5799a932462 },
    { 15, 0xa129ca6149be45e5 },
};

static void the_reference_agrees(void)
{
    const struct hash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
    unsigned char input[16];
    size_t i;

    for (i = 0; i < sizeof(input); i++)
        input[i] = (unsigned char)i;
    for (i = 0; i < ARRAY_LEN(cases); i++)
        ok(hash_bytes(&key, input, cases[i].len) == cases[i].hash, "%zu bytes",
           cases[i].len);
}

static void keys_differ(void)
{
    struct hash_key a = hash_key_random(), b = hash_key_random();

    ok(a.a != b.a && a.b != b.b, "two keys are not the same");
    ok(hash_bytes(&a, "x", 1) != hash_bytes(&b, "x", 1), "nor their hashes");
}

int main(void)
{
    the_reference_agrees();
    keys_differ();
    return tap_done();
}

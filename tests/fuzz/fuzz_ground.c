/*
 * Grounding: the first line is the value, the rest the text.  What is found
 * lies in the text on whole characters; a value is found in itself; the
 * same look-up always gives the same.
 */
#include "base/text.h"
#include "extract/ground.h"
#include "tests/fuzz/fuzz.h"

static struct ground *g;

static void look_up(const char *text, size_t len, const char *value,
                    size_t value_len)
{
    struct ground_hit hit, again;
    bool found = ground_find(g, value, value_len, &hit);

    fuzz_check(found == (hit.how >= GROUND_EXACT));
    fuzz_check(found == ground_find(g, value, value_len, &again));
    fuzz_check(hit.how == again.how && hit.offset == again.offset &&
               hit.len == again.len);
    fuzz_check(found || (!hit.offset && !hit.len));
    if (!found)
        return;
    fuzz_check(hit.len && hit.offset <= len && hit.len <= len - hit.offset);
    if (utf8_valid(text, len))
        fuzz_check(utf8_valid(text + hit.offset, hit.len) &&
                   utf8_valid(text, hit.offset));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *value = (const char *)data;
    const char *newline = memchr(value, '\n', size);
    size_t value_len = newline ? (size_t)(newline - value) : size / 2;
    const char *text = value + value_len;
    size_t len = size - value_len;
    struct ground_hit hit;
    struct error err;

    if (!g)
        g = ground_new();
    fuzz_check(g);
    fuzz_check(ground_text(g, text, len, &err));
    look_up(text, len, value, value_len);
    fuzz_check(ground_text(g, value, value_len, &err));
    look_up(value, value_len, value, value_len);
    if (!ground_find(g, value, value_len, &hit))
        fuzz_check(hit.how == GROUND_NOT_LOOKED || value_len > 0);
    return 0;
}

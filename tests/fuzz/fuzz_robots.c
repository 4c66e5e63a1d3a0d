/* Any bytes as robots.txt: it ends, and an empty path rule changes nothing. */
#include "provider/robots.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;

    (void)robots_allow(text, size, "vitae", "/a/b?c=d");
    fuzz_check(robots_allow(text, 0, "vitae", "/"));
    return 0;
}

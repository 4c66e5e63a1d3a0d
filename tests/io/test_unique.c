#include "io/unique.h"

#include "tests/folder.h"
#include "tests/tap.h"

static const struct unique_twin *twins;
static size_t kept;
static uint64_t count;

/* n names, of which every step-th is that of the one before it. */
static struct unique *fill(uint64_t n, uint64_t step)
{
    struct unique *u = NULL;
    struct error err;
    char name[32];
    uint64_t i, id;
    bool good = unique_open(&u, ".", &err);

    for (i = 0; good && i < n; i++) {
        id = step && i % step == step - 1 ? i - 1 : i;
        snprintf(name, sizeof(name), "%llu", (unsigned long long)id);
        good = unique_add(u, name, strlen(name), i, i + 2, &err);
    }
    good = good && unique_finish(u, &twins, &kept, &count, &err);
    ok(good, "%llu names are taken", (unsigned long long)n);
    return u;
}

static void few_names_are_told_apart(void)
{
    struct unique *u = fill(1000, 0);

    is_int(count, 0, "a thousand different ones");
    unique_close(u);
    u = fill(1000, 100);
    is_int(count, 10, "ten of them twice");
    is_int(twins[0].at, 99, "the later one is named");
    is_int(twins[0].first, 100, "and the row of the first");
    is_int(twins[9].row, 1001, "in order");
    unique_close(u);
    u = fill(0, 0);
    is_int(count, 0, "none at all");
    unique_close(u);
}

/* Several runs: twins within one and in two of them. */
static void many_names_are_told_apart(void)
{
    uint64_t n = 900001;
    struct unique *u = fill(n, 131073);

    is_int(count, 6, "six of 900,001 twice");
    is_int(twins[0].at, 131072, "whose first is in another run");
    is_int(twins[0].first, 131073, "which is found");
    is_int(twins[5].at, 786437, "and the last");
    unique_close(u);
}

static void one_name_for_all_ends(void)
{
    struct unique *u = NULL;
    struct error err;
    uint64_t i;
    bool good = unique_open(&u, ".", &err);

    for (i = 0; good && i < 1200000; i++)
        good = unique_add(u, "same", 4, i, i, &err);
    ok(good && unique_finish(u, &twins, &kept, &count, &err),
       "1,200,000 times the same name");
    is_int(count, 1199999, "all are counted");
    is_int(kept, 256 * 1024, "some are kept");
    unique_close(u);
}

static void a_missing_folder_is_said(void)
{
    struct unique *u = NULL;
    struct error err;
    uint64_t i;
    bool good = unique_open(&u, "./no/such", &err);
    char name[32];

    for (i = 0; good && i < 300000; i++) {
        snprintf(name, sizeof(name), "%llu", (unsigned long long)i);
        good = unique_add(u, name, strlen(name), i, i, &err);
    }
    ok(!good, "many names need the folder");
    is_str(err.code, "disk", "which is an operator's matter");
    unique_close(u);
}

int main(void)
{
    folder_enter();
    few_names_are_told_apart();
    many_names_are_told_apart();
    one_name_for_all_ends();
    a_missing_folder_is_said();
    return tap_done();
}

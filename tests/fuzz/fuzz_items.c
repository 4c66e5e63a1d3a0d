/* Any bytes as a JSON array: it ends; where the strict reader takes the
 * whole, the elements are as many and each is one value. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/jsonr.h"
#include "io/items.h"
#include "tests/fuzz/fuzz.h"

static size_t count_items(const char *path, bool *whole)
{
    struct json_doc *doc = json_doc_new();
    struct items items;
    struct error err;
    const char *text;
    size_t len, count = 0;

    *whole = items_open(&items, path, MIB, &err);
    while (*whole) {
        *whole = items_next(&items, &text, &len, &err);
        if (!*whole || !text)
            break;
        fuzz_check(len > 0);
        /* What isn't JSON is told by whoever reads the element. */
        *whole = json_read(doc, text, len, &json_limits_default, &err);
        count++;
    }
    if (items.fd >= 0)
        items_close(&items);
    json_doc_free(doc);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_doc *doc = json_doc_new();
    const struct json_node *root;
    struct error err;
    char path[64];
    size_t count, bom = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0;
    bool whole;
    int fd = memfd_create("fuzz", 0);

    fuzz_check(doc && fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    count = count_items(path, &whole);
    root = json_read(doc, (const char *)data + 3 * bom, size - 3 * bom,
                     &json_limits_default, &err);
    if (json_is(root, JSON_ARRAY))
        fuzz_check(whole && count == json_count(root));
    else if (whole)
        /* Elements may be deeper or repeat nothing; the whole was refused
         * for its depth alone. */
        fuzz_check(root == NULL);
    json_doc_free(doc);
    close(fd);
    return 0;
}

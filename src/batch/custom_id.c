#include "batch/custom_id.h"

#include <ctype.h>

#include "base/digest.h"

static bool key_is_plain(const char *key, size_t room)
{
    size_t i;

    for (i = 0; key[i]; i++)
        if (i >= room || !(isalnum((unsigned char)key[i]) || key[i] == '-'))
            return false;
    return i > 0;
}

void custom_id_make(const char *prefix, const char *key, char *out)
{
    char hex[DIGEST_HEX];
    size_t len = strlen(prefix);

    if (key_is_plain(key, CUSTOM_ID - 1 - (len < 32 ? len : 32))) {
        snprintf(out, CUSTOM_ID, "%.32s%s", prefix, key);
        return;
    }
    /* A plain key has no underscore, so "_" keeps the two forms apart. */
    digest_of(key, strlen(key), hex);
    snprintf(out, CUSTOM_ID, "%.30s_%.32s", prefix, hex);
}

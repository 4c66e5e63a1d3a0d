#include "server/http_check.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* -- hosts -- */

/* The length of the name before ":PORT", which must be a port. */
static size_t name_of(const char *host)
{
    size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    const char *port;

    if (len > strlen(host))
        return 0;
    port = host + len;
    if (!*port)
        return len;
    if (*port != ':' || !port[1] || port[1 + strspn(port + 1, "0123456789")])
        return 0;
    return len;
}

bool host_is_local(const char *host)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };
    size_t len = name_of(host), i;

    for (i = 0; i < ARRAY_LEN(names); i++)
        if (len == strlen(names[i]) && !strncasecmp(host, names[i], len))
            return true;
    return false;
}

bool host_is_sane(const char *host)
{
    size_t i;

    for (i = 0; host[i]; i++)
        if (!isalnum((unsigned char)host[i]) && !strchr("-._:[]", host[i]))
            return false;
    return i > 0 && i < 256 && name_of(host) > 0;
}

bool origin_is_own(const char *origin, const char *host)
{
    static const char *const schemes[] = { "http://", "https://" };
    size_t i, len;

    for (i = 0; i < ARRAY_LEN(schemes); i++) {
        len = strlen(schemes[i]);
        if (!strncasecmp(origin, schemes[i], len))
            return !strcasecmp(origin + len, host);
    }
    return false;
}

/* -- upgrades -- */

bool list_has_token(const char *list, const char *token)
{
    size_t len, want = strlen(token);

    for (; list && *list; list += len) {
        list += strspn(list, ", \t");
        len = strcspn(list, ", \t");
        if (len == want && !strncasecmp(list, token, len))
            return true;
    }
    return false;
}

bool websocket_key_is_sane(const char *key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";

    return key && strspn(key, digits) == 22 && !strcmp(key + 22, "==");
}

/* -- ranges -- */

/* Digits only; false without one, or with more than a file can have. */
static bool read_number(const char **at, uint64_t *value)
{
    const char *from = *at;

    *value = 0;
    while (isdigit((unsigned char)**at) && *at - from < 18)
        *value = *value * 10 + (uint64_t)(*(*at)++ - '0');
    return *at > from && !isdigit((unsigned char)**at);
}

/* "-N": the last N bytes. */
static enum range read_suffix(const char *at, uint64_t size, uint64_t *from,
                              uint64_t *len)
{
    uint64_t last;

    if (!read_number(&at, &last) || *at)
        return RANGE_NONE;
    if (!last || !size)
        return RANGE_OUTSIDE;
    *len = last < size ? last : size;
    *from = size - *len;
    return RANGE_PART;
}

enum range range_read(const char *text, uint64_t size, uint64_t *from,
                      uint64_t *len)
{
    uint64_t first, last = UINT64_MAX;

    if (!text || strncmp(text, "bytes=", 6) != 0)
        return RANGE_NONE;
    text += 6;
    if (*text == '-')
        return read_suffix(text + 1, size, from, len);
    if (!read_number(&text, &first) || *text++ != '-')
        return RANGE_NONE;
    if (*text && (!read_number(&text, &last) || *text || last < first))
        return RANGE_NONE;
    if (first >= size)
        return RANGE_OUTSIDE;
    if (last >= size)
        last = size - 1;
    *from = first;
    *len = last - first + 1;
    return RANGE_PART;
}

/* -- paths -- */

bool path_matches(const char *pattern, const char *path, char *param,
                  size_t size)
{
    size_t len;
    bool rest;

    *param = '\0';
    while (*pattern) {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        rest = strcspn(pattern, "}*") < strcspn(pattern, "}");
        len = rest ? strlen(path) : strcspn(path, "/");
        if (!len || len >= size)
            return false;
        memcpy(param, path, len);
        param[len] = '\0';
        path += len;
        pattern += strcspn(pattern, "}") + 1;
    }
    return !*path;
}

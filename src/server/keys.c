#include "server/keys.h"

#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "base/file.h"

#define MOST_KEYS 1000
#define SHORTEST 16
#define OWNER 17

struct keys {
    size_t count;
    struct key {
        char digest[DIGEST_HEX];
        char owner[OWNER];
    } list[MOST_KEYS];
};

static bool add_key(struct keys *keys, const char *path, char *line,
                    uint64_t number, struct error *err)
{
    char *name = line + strspn(line, " \t"), *key, *end;
    char hex[DIGEST_HEX];
    struct key *k;

    if (!*name || *name == '#')
        return true;
    key = name + strcspn(name, " \t");
    key += strspn(key, " \t");
    end = key + strcspn(key, " \t");
    if (!*key) { /* no name */
        key = name;
        end = key + strcspn(key, " \t");
    }
    if (end - key < SHORTEST || end[strspn(end, " \t")])
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%.300s, line %llu: a line is KEY or NAME KEY, a "
                          "key has %d characters or more",
                          path, (unsigned long long)number, SHORTEST);
    if (keys->count == MOST_KEYS)
        return error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                          "%.300s holds more than %d keys", path, MOST_KEYS);
    k = &keys->list[keys->count++];
    digest_of(key, (size_t)(end - key), k->digest);
    digest_of(name, strcspn(name, " \t"), hex);
    snprintf(k->owner, sizeof(k->owner), "%.16s", hex);
    return true;
}

static bool read_keys(struct keys *keys, const char *path, struct error *err)
{
    struct file_lines lines;
    bool too_long, ok;
    char *line = NULL;
    size_t len;

    ok = file_lines_open(&lines, path, 4 * KIB, err);
    while (ok && file_lines_next(&lines, &line, &len, &too_long, err)) {
        if (!line && !too_long)
            break;
        ok = add_key(keys, path, line ? line : (char[]){ "" }, lines.number,
                     err);
        if (line)
            explicit_bzero(line, len);
    }
    file_lines_close(&lines);
    if (ok && !keys->count)
        ok = error_exit(err, ERROR_SETUP, EXIT_SETTINGS,
                        "%.300s (serve.api_key_file) holds no key", path);
    return ok;
}

bool keys_open(struct keys **out, const char *path, struct error *err)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return error_memory(err);
    if (read_keys(*out, path, err))
        return true;
    keys_close(*out);
    *out = NULL;
    return false;
}

void keys_close(struct keys *keys)
{
    free(keys);
}

bool keys_know(const struct keys *keys, const char *authorization, char *owner,
               size_t size)
{
    char digest[DIGEST_HEX];
    bool known = false;
    size_t i;

    if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
        return false;
    authorization += 7;
    digest_of(authorization, strlen(authorization), digest);
    for (i = 0; i < keys->count; i++)
        if (digest_equal(digest, keys->list[i].digest, DIGEST_HEX - 1)) {
            known = true;
            snprintf(owner, size, "%s", keys->list[i].owner);
        }
    return known;
}

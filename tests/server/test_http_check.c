#include "server/http_check.h"

#include "tests/tap.h"

static void only_names_of_this_machine_are_local(void)
{
    static const struct {
        const char *host;
        bool local, sane;
        const char *why;
    } cases[] = {
        { "localhost", true, true, "no port is fine" },
        { "LocalHost:4080", true, true, "names have no case" },
        { "127.0.0.1:1", true, true, "the address" },
        { "[::1]:4080", true, true, "IPv6" },
        { "[::1]", true, true, "IPv6 without a port" },
        { "evil.example", false, true, "a name that may be rebound" },
        { "localhost.evil.example", false, true, "only looks like it" },
        { "127.0.0.1.evil.example:80", false, true, "likewise" },
        { "localhost:", false, false, "no port behind the colon" },
        { "localhost:80x", false, false, "no number" },
        { "localhost@evil.example", false, false, "no host" },
        { "[::1", false, false, "unended" },
        { "", false, false, "nothing" },
        { "a b", false, false, "a blank" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        ok(host_is_local(cases[i].host) == cases[i].local, "%s: local: %s",
           cases[i].host, cases[i].why);
        ok(host_is_sane(cases[i].host) == cases[i].sane, "%s: sane: %s",
           cases[i].host, cases[i].why);
    }
}

static void an_origin_is_the_hosts_own(void)
{
    static const struct {
        const char *origin, *host;
        bool own;
        const char *why;
    } cases[] = {
        { "http://localhost:4080", "localhost:4080", true, "the page itself" },
        { "https://LOCALHOST:4080", "localhost:4080", true,
          "a proxy with TLS in front" },
        { "http://localhost:3000", "localhost:4080", false, "another port" },
        { "http://evil.example", "localhost:4080", false, "another site" },
        { "null", "localhost:4080", false, "a sandboxed page" },
        { "", "localhost:4080", false, "nothing" },
        { "file://", "localhost", false, "a file" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        ok(origin_is_own(cases[i].origin, cases[i].host) == cases[i].own,
           "%s: %s", cases[i].origin, cases[i].why);
}

static void ranges_are_read(void)
{
    static const struct {
        const char *text;
        enum range range;
        uint64_t from, len;
        const char *why;
    } cases[] = {
        { "bytes=0-9", RANGE_PART, 0, 10, "the first ten" },
        { "bytes=90-", RANGE_PART, 90, 10, "to the end" },
        { "bytes=95-200", RANGE_PART, 95, 5, "cut at the end" },
        { "bytes=-10", RANGE_PART, 90, 10, "the last ten" },
        { "bytes=-1000", RANGE_PART, 0, 100, "more than there is" },
        { "bytes=100-", RANGE_OUTSIDE, 0, 0, "behind the end" },
        { "bytes=-0", RANGE_OUTSIDE, 0, 0, "nothing" },
        { "bytes=9-3", RANGE_NONE, 0, 0, "backwards" },
        { "bytes=0-1,5-6", RANGE_NONE, 0, 0, "several: all of it" },
        { "lines=0-9", RANGE_NONE, 0, 0, "another unit" },
        { "bytes=", RANGE_NONE, 0, 0, "no number" },
        { "bytes=-", RANGE_NONE, 0, 0, "no number either" },
        { "bytes=99999999999999999999-", RANGE_NONE, 0, 0, "too long" },
        { NULL, RANGE_NONE, 0, 0, "absent" },
    };
    uint64_t from, len;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        from = len = 0;
        is_int(range_read(cases[i].text, 100, &from, &len), cases[i].range,
               "%s: %s", cases[i].text ? cases[i].text : "NULL", cases[i].why);
        if (cases[i].range == RANGE_PART)
            ok(from == cases[i].from && len == cases[i].len,
               "%s: from there, so long", cases[i].text);
    }
    is_int(range_read("bytes=0-", 0, &from, &len), RANGE_OUTSIDE,
           "an empty file has no range");
}

static void paths_match_by_segments(void)
{
    static const struct {
        const char *pattern, *path;
        bool matches;
        const char *param;
    } cases[] = {
        { "/health", "/health", true, "" },
        { "/health", "/health/", false, "" },
        { "/health", "/healt", false, "" },
        { "/v1/files/{id}", "/v1/files/file-1", true, "file-1" },
        { "/v1/files/{id}", "/v1/files/", false, "" },
        { "/v1/files/{id}", "/v1/files/a/b", false, "" },
        { "/v1/files/{id}", "/v1/files/../../etc", false, "" },
        { "/v1/files/{id}/content", "/v1/files/x/content", true, "x" },
        { "/v1/files/{id}/content", "/v1/files/x/contents", false, "" },
        { "/v1/files/{id}", "/v1/files/0123456789012345678901234567890123",
          false, "" },
        { "/batch/status/{id*}", "/batch/status/jobs/7", true, "jobs/7" },
        { "/batch/status/{id*}", "/batch/status/7", true, "7" },
        { "/batch/status/{id*}", "/batch/status/", false, "" },
    };
    char param[32];
    bool matches;
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++) {
        matches =
            path_matches(cases[i].pattern, cases[i].path, param, sizeof(param));
        ok(matches == cases[i].matches, "%s on %s", cases[i].path,
           cases[i].pattern);
        if (matches)
            is_str(param, cases[i].param, "%s: the id", cases[i].path);
    }
}

static void lists_have_tokens(void)
{
    static const struct {
        const char *list;
        bool has;
        const char *why;
    } cases[] = {
        { "Upgrade", true, "alone" },
        { "keep-alive, Upgrade", true, "after another" },
        { "upgrade,close", true, "case doesn't count" },
        { "\tUPGRADE\t", true, "between tabs" },
        { "upgraded", false, "longer" },
        { "h2c-upgrade", false, "the end of another" },
        { "", false, "nothing" },
        { NULL, false, "no header" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        ok(list_has_token(cases[i].list, "upgrade") == cases[i].has,
           "a token: %s", cases[i].why);
}

static void keys_of_websockets_are_16_bytes(void)
{
    static const struct {
        const char *key;
        bool sane;
        const char *why;
    } cases[] = {
        { "dGhlIHNhbXBsZSBub25jZQ==", true, "RFC 6455's" },
        { "dGhlIHNhbXBsZSBub25jZQ=", false, "too short" },
        { "dGhlIHNhbXBsZSBub25jZQAA==", false, "too long" },
        { "dGhlIHNhbXBsZSBub25jZ\r==", false, "no base64" },
        { "", false, "nothing" },
        { NULL, false, "no header" },
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(cases); i++)
        ok(websocket_key_is_sane(cases[i].key) == cases[i].sane, "a key: %s",
           cases[i].why);
}

int main(void)
{
    lists_have_tokens();
    keys_of_websockets_are_16_bytes();
    only_names_of_this_machine_are_local();
    an_origin_is_the_hosts_own();
    ranges_are_read();
    paths_match_by_segments();
    return tap_done();
}

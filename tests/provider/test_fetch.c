#include "provider/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "tests/tap.h"

static const struct {
    const char *address;
    bool is_public;
} addresses[] = {
    { "8.8.8.8", true },
    { "172.15.255.255", true },
    { "172.32.0.1", true },
    { "127.0.0.1", false },
    { "127.8.9.1", false },
    { "10.1.2.3", false },
    { "172.16.0.1", false },
    { "172.31.255.255", false },
    { "192.168.1.1", false },
    { "169.254.169.254", false },
    { "100.64.0.1", false },
    { "0.0.0.0", false },
    { "224.0.0.1", false },
    { "255.255.255.255", false },
    { "2606:4700::1111", true },
    { "::1", false },
    { "::", false },
    { "::ffff:127.0.0.1", false },
    { "::ffff:8.8.8.8", true },
    { "64:ff9b::7f00:1", false },
    { "2002:7f00:1::", false },
    { "2002:c0a8:101::", false },
    { "fe80::1", false },
    { "fd00::1", false },
    { "ff02::1", false },
    { "2001:db8::1", false },
};

static void only_public_addresses_pass(void)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    size_t i;

    for (i = 0; i < ARRAY_LEN(addresses); i++) {
        const void *at = &v4;

        if (inet_pton(AF_INET, addresses[i].address, &v4.sin_addr) != 1) {
            at = &v6;
            if (inet_pton(AF_INET6, addresses[i].address, &v6.sin6_addr) != 1)
                at = NULL;
        }
        ok(at && fetch_address_is_public(at) == addresses[i].is_public, "%s",
           addresses[i].address);
    }
}

static void what_must_not_be_fetched_is_not(void)
{
    static const char *const urls[] = {
        "http://127.0.0.1:1/",     "http://localhost:1/",
        "http://[::1]:1/",         "http://2130706433/",
        "http://0x7f.1/",          "file:///etc/passwd",
        "ftp://127.0.0.1/x",       "http://user:word@127.0.0.1/",
        "http://[::ffff:7f00:1]/", "nonsense",
    };
    const struct fetch_settings settings = { .timeout = 5 };
    struct fetch_page pages[ARRAY_LEN(urls)];
    struct fetcher *f = NULL;
    struct error err;
    size_t i;

    for (i = 0; i < ARRAY_LEN(urls); i++)
        fetch_page_init(&pages[i], urls[i]);
    ok(fetch_open(&f, &settings, &err) &&
           fetch_pages(f, pages, ARRAY_LEN(urls), NULL, &err),
       "a list of what must not be fetched");
    for (i = 0; i < ARRAY_LEN(urls); i++) {
        ok(pages[i].why[0] && !pages[i].body.len, "%s: %s", urls[i],
           pages[i].why);
        fetch_page_release(&pages[i]);
    }
    fetch_close(f);
}

int main(void)
{
    only_public_addresses_pass();
    what_must_not_be_fetched_is_not();
    return tap_done();
}

#include "provider/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

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
        const struct sockaddr *at = (const struct sockaddr *)&v4;

        if (inet_pton(AF_INET, addresses[i].address, &v4.sin_addr) != 1) {
            at = (const struct sockaddr *)&v6;
            if (inet_pton(AF_INET6, addresses[i].address, &v6.sin6_addr) != 1)
                at = NULL;
        }
        ok(at && address_is_public(at) == addresses[i].is_public, "%s",
           addresses[i].address);
    }
}

static void what_is_no_address_of_the_internet_does_not(void)
{
    struct sockaddr other = { .sa_family = AF_UNIX };

    ok(!address_is_public(&other), "a socket of this machine");
}

int main(void)
{
    only_public_addresses_pass();
    what_is_no_address_of_the_internet_does_not();
    return tap_done();
}

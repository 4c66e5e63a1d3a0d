#include "provider/address.h"

#include <netinet/in.h>
#include <string.h>

static bool v4_is_public(uint32_t a)
{
    static const struct {
        uint32_t net;
        int bits;
    } special[] = {
        { 0x00000000, 8 },  /* 0.0.0.0: this network */
        { 0x0a000000, 8 },  /* 10.0.0.0: private */
        { 0x64400000, 10 }, /* 100.64.0.0: shared by a carrier's NAT */
        { 0x7f000000, 8 },  /* 127.0.0.0: loopback */
        { 0xa9fe0000, 16 }, /* 169.254.0.0: link-local, cloud metadata */
        { 0xac100000, 12 }, /* 172.16.0.0: private */
        { 0xc0000000, 24 }, /* 192.0.0.0: protocol assignments */
        { 0xc0000200, 24 }, /* 192.0.2.0: documentation */
        { 0xc0586300, 24 }, /* 192.88.99.0: 6to4 relays */
        { 0xc0a80000, 16 }, /* 192.168.0.0: private */
        { 0xc6120000, 15 }, /* 198.18.0.0: benchmarks */
        { 0xc6336400, 24 }, /* 198.51.100.0: documentation */
        { 0xcb007100, 24 }, /* 203.0.113.0: documentation */
        { 0xe0000000, 3 },  /* 224.0.0.0: multicast, reserved, broadcast */
    };
    size_t i;

    for (i = 0; i < ARRAY_LEN(special); i++)
        if ((a ^ special[i].net) >> (32 - special[i].bits) == 0)
            return false;
    return true;
}

static uint32_t four(const unsigned char *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

/* Global unicast is 2000::/3; of that not what carries an IPv4 address
 * within (6to4), Teredo, or documentation. */
static bool v6_is_public(const unsigned char *b)
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    static const unsigned char nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

    if (memcmp(b, mapped, 12) == 0 || memcmp(b, nat64, 12) == 0)
        return v4_is_public(four(b + 12));
    if ((b[0] & 0xe0) != 0x20)
        return false;
    if (b[0] == 0x20 && b[1] == 0x02)
        return v4_is_public(four(b + 2));
    return !(b[0] == 0x20 && b[1] == 0x01 &&
             ((b[2] == 0 && b[3] == 0) || (b[2] == 0x0d && b[3] == 0xb8)));
}

bool address_is_public(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof(v4));
        return v4_is_public(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&v6, address, sizeof(v6));
    return v6_is_public(v6.sin6_addr.s6_addr);
}

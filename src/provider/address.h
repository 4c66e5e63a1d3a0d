/*
 * address.h -- which addresses of the internet are public: pure.
 *
 * Not this machine's, a private network's, or any other of IANA's
 * special-purpose registries (RFC 6890), also where an IPv6 address carries
 * an IPv4 one within (mapped, NAT64, 6to4).
 */
#ifndef PROVIDER_ADDRESS_H
#define PROVIDER_ADDRESS_H

#include <sys/socket.h>

#include "base/base.h"

/* False for what is neither IPv4 nor IPv6. */
bool address_is_public(const struct sockaddr *address);

#endif

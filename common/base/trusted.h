/*
 * trusted: the setting trusted_networks, read once. "192.0.2.0/24, 2001:db8::/32, 127.0.0.1".
 */
#ifndef ZAGUAN_BASE_TRUSTED_H
#define ZAGUAN_BASE_TRUSTED_H

#include "common/base/error.h"
#include "common/base/slice.h"
#include <stdbool.h>

#define TRUSTED_MOST 64

struct trusted {
    struct trusted_network {
        unsigned char address[16]; /* IPv4 as ::ffff:a.b.c.d */
        int prefix_bits;           /* of 128 */
    } networks[TRUSTED_MOST];
    size_t count;
};

/* ERROR_INPUT names the network that is none. */
int trusted_read(struct slice text, struct trusted *trusted_out, struct error *err) MUST_CHECK;
bool trusted_contains(const struct trusted *trusted, struct slice client_ip);

#endif

#include "common/base/trusted.h"

#include <arpa/inet.h>
#include <string.h>

#define MAPPED_BITS 96

/* *width_out: the bits its prefix may have. */
static bool read_address(struct slice text, unsigned char address[16], int *width_out)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    char name[INET6_ADDRSTRLEN];
    if (!slice_to_text(text, name, sizeof name))
        return false;
    *width_out = 128;
    if (inet_pton(AF_INET6, name, address) == 1)
        return true;
    *width_out = 32;
    memcpy(address, mapped, sizeof mapped);
    return inet_pton(AF_INET, name, address + sizeof mapped) == 1;
}

static bool is_equal_up_to(const unsigned char *a, const unsigned char *b, int bits)
{
    size_t whole = (size_t)bits / 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    int rest = bits % 8;
    unsigned mask = 0xffU << (8 - rest) & 0xffU;
    return rest == 0 || (a[whole] & mask) == (b[whole] & mask);
}

static bool read_network(struct slice text, struct trusted_network *network)
{
    size_t slash = slice_find_byte(text, '/');
    int width;
    if (!read_address(slice_part(text, 0, slash), network->address, &width))
        return false;
    long long bits = width;
    if (slash < text.size && !slice_to_number(slice_from(text, slash + 1), 0, width, &bits))
        return false;
    network->prefix_bits = (int)bits + (width == 32 ? MAPPED_BITS : 0);
    return true;
}

int trusted_read(struct slice text, struct trusted *trusted_out, struct error *err)
{
    struct trusted trusted = {.count = 0};
    struct slice rest = text, piece;
    while (slice_next(&rest, ',', &piece)) {
        struct slice network = slice_trim(piece);
        if (network.size == 0)
            continue;
        if (trusted.count == TRUSTED_MOST)
            return error_set(err, ERROR_INPUT, "trusted_networks: more than %d networks",
                             TRUSTED_MOST);
        if (!read_network(network, &trusted.networks[trusted.count]))
            return error_set(err, ERROR_INPUT,
                             "trusted_networks: \"" SLICE_FORMAT "\" is no address or CIDR network",
                             SLICE_ARGUMENTS(slice_part(network, 0, 60)));
        trusted.count++;
    }
    *trusted_out = trusted;
    return 0;
}

bool trusted_contains(const struct trusted *trusted, struct slice client_ip)
{
    unsigned char address[16];
    int width;
    if (trusted->count == 0 || !read_address(client_ip, address, &width))
        return false;
    for (size_t i = 0; i < trusted->count; i++)
        if (is_equal_up_to(trusted->networks[i].address, address, trusted->networks[i].prefix_bits))
            return true;
    return false;
}

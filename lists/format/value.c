/* What makes the value of an entry right, type by type. */
#include "lists/format/type.h"

#include "lists/format/letter.h"
#include "lists/format/pattern.h"
#include <arpa/inet.h>
#include <string.h>

#define PHRASE_LEAST_CHARACTERS 8
#define IPV4_WIDEST 24
#define IPV6_WIDEST 48

const char *value_check_re(const struct entry *entry, struct arena *arena)
{
    struct error err = {0};
    if (pattern_check(entry->value, arena, &err) == 0)
        return NULL;
    const char *text = arena_copy_text(arena, err.text);
    return text == NULL ? "no room left" : text;
}

/* Two words, or one of eight characters: less would hit everything. */
const char *value_check_phrase(const struct entry *entry, struct arena *arena)
{
    (void)arena;
    struct slice rest = entry->value, word;
    size_t words = 0;
    while (slice_next_word(&rest, &word))
        words++;
    if (words < 2 && letter_count(slice_trim(entry->value)) < PHRASE_LEAST_CHARACTERS)
        return "a phrase has at least two words, or eight characters";
    if (letter_count(entry->value) < PATTERN_LEAST_LITERAL)
        return "a phrase has at least four characters";
    return NULL;
}

static bool is_label(struct slice label)
{
    if (label.size == 0 || label.size > 63 || label.data[0] == '-' ||
        label.data[label.size - 1] == '-')
        return false;
    for (size_t i = 0; i < label.size; i++) {
        char c = label.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return false;
    }
    return true;
}

bool is_domain_name(struct slice domain)
{
    struct slice label;
    size_t labels = 0;
    if (domain.size == 0 || domain.size > 253)
        return false;
    while (slice_next(&domain, '.', &label)) {
        if (!is_label(label))
            return false;
        labels++;
    }
    return labels >= 2;
}

#define DOMAIN_FAULT                                                                               \
    "a domain is written in lower case, with xn-- for other scripts, and has at least one dot"

const char *value_check_domain(const struct entry *entry, struct arena *arena)
{
    (void)arena;
    return is_domain_name(entry->value) ? NULL : DOMAIN_FAULT;
}

const char *value_check_addr(const struct entry *entry, struct arena *arena)
{
    (void)arena;
    struct slice address = entry->value;
    if (entry->keyed_words > 0)
        return NULL;
    size_t at = slice_find_last_byte(address, '@');
    if (at == 0 || at >= address.size || at > 64)
        return "an address is local@domain";
    for (size_t i = 0; i < at; i++)
        if ((address.data[i] >= 'A' && address.data[i] <= 'Z') || address.data[i] == '"' ||
            address.data[i] == '@' || address.data[i] == '<' || address.data[i] == '>')
            return "an address is written in lower case, without quotes and < >";
    return is_domain_name(slice_from(address, at + 1)) ? NULL : DOMAIN_FAULT;
}

bool network_read(struct slice text, struct network *network_out)
{
    struct network network = {.family = AF_INET, .prefix = 32};
    char address[64];
    size_t slash = slice_find_byte(text, '/');
    if (!slice_to_text(slice_part(text, 0, slash), address, sizeof address))
        return false;
    if (inet_pton(AF_INET, address, network.address) != 1) {
        network.family = AF_INET6;
        network.prefix = 128;
        if (inet_pton(AF_INET6, address, network.address) != 1)
            return false;
    }
    long long prefix = network.prefix;
    if (slash < text.size &&
        !slice_to_number(slice_from(text, slash + 1), 0, network.prefix, &prefix))
        return false;
    network.prefix = (int)prefix;
    *network_out = network;
    return true;
}

void network_mask(struct network *network)
{
    for (int bit = network->prefix; bit < 128; bit++)
        network->address[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
}

const char *value_check_cidr(const struct entry *entry, struct arena *arena)
{
    (void)arena;
    struct network network, masked;
    if (!network_read(entry->value, &network))
        return "a network is written like 192.0.2.0/24 or 2001:db8::/48";
    if (network.family == AF_INET && network.prefix < IPV4_WIDEST)
        return "the network is too wide: /24 or narrower";
    if (network.family == AF_INET6 && network.prefix < IPV6_WIDEST)
        return "the network is too wide: /48 or narrower";
    masked = network;
    network_mask(&masked);
    if (memcmp(masked.address, network.address, sizeof masked.address) != 0)
        return "the address has bits behind the network's prefix";
    return NULL;
}

const char *value_check_dkim(const struct entry *entry, struct arena *arena)
{
    (void)arena;
    struct slice rest = entry->value, domain, selector, label;
    if (!slice_next(&rest, ' ', &domain) || !is_domain_name(domain))
        return "d= is " DOMAIN_FAULT;
    if (!slice_next(&rest, ' ', &selector))
        return NULL;
    while (slice_next(&selector, '.', &label))
        if (!is_label(label))
            return "s= is a selector in lower case";
    return NULL;
}

void url_split(struct slice url, struct slice *host_out, struct slice *path_out)
{
    size_t slash = slice_find_byte(url, '/');
    *host_out = slice_part(url, 0, slash);
    *path_out = slice_from(url, slash);
}

const char *value_check_url(const struct entry *entry, struct arena *arena)
{
    (void)arena;
    struct slice host, path;
    if (slice_find(entry->value, SLICE_LITERAL("://")) < entry->value.size)
        return "a url is written without its scheme: host/path";
    url_split(entry->value, &host, &path);
    return is_domain_name(host) ? NULL
                                : "the host of a url is a domain in lower case, with xn-- "
                                  "for other scripts; no port, no user";
}

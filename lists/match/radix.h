/*
 * radix: networks in a path-compressed trie, one for IPv4 and one for IPv6; a question walks from
 * the widest network to the narrowest. Flat nodes without pointers, for an image. Node 0 is the
 * root (0 bits). An address is 128 bits, an IPv4 address the first 32 of them.
 */
#ifndef ZAGUAN_LISTS_MATCH_RADIX_H
#define ZAGUAN_LISTS_MATCH_RADIX_H

#include "common/base/arena.h"
#include <stdint.h>

struct radix_node {
    unsigned char address[16]; /* its first `bits` bits; the rest is zero */
    uint32_t bits;
    uint32_t children[2]; /* by the bit behind; 0: none; each has more bits */
    uint32_t place;       /* of the owner; 0: no network ends here */
};

struct radix {
    struct radix_node *nodes;
    size_t count, room;
};

/* *place_out: where the owner's place of this network stands. -1: no room. */
int radix_add(struct radix *radix, const unsigned char address[16], int bits, struct arena *arena,
              uint32_t **place_out, struct error *err) MUST_CHECK;

/* Calls found() with every place whose network holds the address. */
void radix_find(const struct radix_node *nodes, size_t count, const unsigned char address[16],
                int bits, void (*found)(void *context, uint32_t place), void *context);

/* No child leads outside or round in a circle. */
bool radix_is_sound(const struct radix_node *nodes, size_t count);

#endif

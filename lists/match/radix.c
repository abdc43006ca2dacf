#include "lists/match/radix.h"

#include "lists/format/reading.h"
#include <string.h>

#define MOST_BITS 128

static int bit_at(const unsigned char *address, uint32_t bit)
{
    return address[bit / 8] >> (7 - bit % 8) & 1;
}

/* Bits that are the same from the beginning, at most `most`. */
static uint32_t same_bits(const unsigned char *a, const unsigned char *b, uint32_t most)
{
    uint32_t bit = 0;
    while (bit + 8 <= most && a[bit / 8] == b[bit / 8])
        bit += 8;
    while (bit < most && bit_at(a, bit) == bit_at(b, bit))
        bit++;
    return bit;
}

static uint32_t add_node(struct radix *radix, const unsigned char *address, uint32_t bits,
                         struct arena *arena)
{
    struct radix_node *nodes =
        reading_grow(arena, radix->nodes, radix->count, &radix->room, sizeof *nodes);
    if (nodes == NULL)
        return 0;
    radix->nodes = nodes;
    struct radix_node *node = &nodes[radix->count];
    *node = (struct radix_node){.bits = bits};
    memcpy(node->address, address, (bits + 7) / 8);
    if (bits % 8 != 0)
        node->address[bits / 8] &= (unsigned char)(0xFF00 >> bits % 8);
    return (uint32_t)radix->count++;
}

/* A network that branches off inside of a child's path: the child's content moves to a new node. */
static uint32_t split(struct radix *radix, uint32_t at, uint32_t bits, struct arena *arena)
{
    struct radix_node lower = radix->nodes[at];
    uint32_t moved = add_node(radix, lower.address, lower.bits, arena);
    if (moved == 0)
        return 0;
    struct radix_node *node = &radix->nodes[at];
    memcpy(radix->nodes[moved].children, lower.children, sizeof lower.children);
    radix->nodes[moved].place = lower.place;
    node->bits = bits;
    node->place = 0;
    node->children[0] = node->children[1] = 0;
    node->children[bit_at(lower.address, bits)] = moved;
    for (uint32_t bit = bits; bit < MOST_BITS; bit++)
        node->address[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
    return moved;
}

int radix_add(struct radix *radix, const unsigned char address[16], int bits, struct arena *arena,
              uint32_t **place_out, struct error *err)
{
    static const unsigned char nothing[16];
    uint32_t wanted = (uint32_t)bits, at = 0;
    if (radix->count == 0) {
        (void)add_node(radix, nothing, 0, arena);
        if (radix->count == 0)
            return arena_error(arena, err);
    }
    while (radix->nodes[at].bits < wanted) {
        int side = bit_at(address, radix->nodes[at].bits);
        uint32_t child = radix->nodes[at].children[side];
        if (child == 0) {
            child = add_node(radix, address, wanted, arena);
            if (child == 0)
                return arena_error(arena, err);
            radix->nodes[at].children[side] = child;
        }
        uint32_t most = radix->nodes[child].bits < wanted ? radix->nodes[child].bits : wanted;
        uint32_t same = same_bits(radix->nodes[child].address, address, most);
        if (same < radix->nodes[child].bits && split(radix, child, same, arena) == 0)
            return arena_error(arena, err);
        at = child;
    }
    *place_out = &radix->nodes[at].place;
    return 0;
}

void radix_find(const struct radix_node *nodes, size_t count, const unsigned char address[16],
                int bits, void (*found)(void *context, uint32_t place), void *context)
{
    uint32_t at = 0, most = (uint32_t)bits;
    if (count == 0)
        return;
    for (;;) {
        const struct radix_node *node = &nodes[at];
        if (node->bits > most || same_bits(node->address, address, node->bits) < node->bits)
            return;
        if (node->place != 0)
            found(context, node->place);
        if (node->bits >= most)
            return;
        at = node->children[bit_at(address, node->bits)];
        if (at == 0)
            return;
    }
}

bool radix_is_sound(const struct radix_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nodes[i].bits > MOST_BITS)
            return false;
        for (int side = 0; side < 2; side++) {
            uint32_t child = nodes[i].children[side];
            if (child != 0 && (child >= count || nodes[child].bits <= nodes[i].bits))
                return false;
        }
    }
    return true;
}

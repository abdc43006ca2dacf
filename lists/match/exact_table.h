/*
 * exact_table: values that are equal or not, in open addressing: a slot is a 64-bit fingerprint and
 * where the full value stands, so that nearly every question costs one cache line. The fingerprint
 * is keyed per image: a publisher cannot choose values that meet in one place.
 */
#ifndef ZAGUAN_LISTS_MATCH_EXACT_TABLE_H
#define ZAGUAN_LISTS_MATCH_EXACT_TABLE_H

#include "common/base/error.h"
#include "common/base/slice.h"
#include <stdint.h>

#define EXACT_KEY_BYTES 16 /* crypto_shorthash_KEYBYTES */

struct exact_slot {
    uint32_t low, high; /* of the fingerprint */
    uint32_t place;     /* of the owner; 0: free */
};

struct exact_table {
    const struct exact_slot *slots;
    size_t slot_count;
    unsigned char key[EXACT_KEY_BYTES];
};

/* Slots for so many values: a quarter of them stay free. */
size_t exact_slots_for(size_t count);

uint64_t exact_fingerprint(const struct exact_table *table, char kind, struct slice value);

/* The place of the first value with this fingerprint; 0: none. */
uint32_t exact_table_find(const struct exact_table *table, uint64_t fingerprint);

/* Puts `place` there and returns what stood for this fingerprint before, 0: nothing. Never full. */
uint32_t exact_table_put(struct exact_slot *slots, size_t slot_count, uint64_t fingerprint,
                         uint32_t place);

#endif

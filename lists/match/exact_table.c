#include "lists/match/exact_table.h"

#include <sodium.h>
#include <string.h>

#define MOST_VALUE_BYTES 1024

size_t exact_slots_for(size_t count)
{
    return count == 0 ? 0 : count + count / 3 + 2;
}

uint64_t exact_fingerprint(const struct exact_table *table, char kind, struct slice value)
{
    unsigned char text[1 + MOST_VALUE_BYTES];
    uint64_t fingerprint;
    size_t size = value.size < MOST_VALUE_BYTES ? value.size : MOST_VALUE_BYTES;
    text[0] = (unsigned char)kind;
    if (size > 0)
        memcpy(text + 1, value.data, size);
    crypto_shorthash((unsigned char *)&fingerprint, text, size + 1, table->key);
    return fingerprint;
}

/* Spreads the upper half over any number of slots without a division. */
static size_t first_slot(uint64_t fingerprint, size_t slot_count)
{
    return (size_t)((fingerprint >> 32) * (uint64_t)slot_count >> 32);
}

/* The slot of this fingerprint or the free one where it would stand; slot_count: neither. */
static size_t find_slot(const struct exact_slot *slots, size_t slot_count, uint64_t fingerprint)
{
    size_t at = first_slot(fingerprint, slot_count);
    for (size_t tried = 0; tried < slot_count; tried++) {
        const struct exact_slot *slot = &slots[at];
        if (slot->place == 0 ||
            (slot->low == (uint32_t)fingerprint && slot->high == (uint32_t)(fingerprint >> 32)))
            return at;
        at = at + 1 == slot_count ? 0 : at + 1;
    }
    return slot_count;
}

uint32_t exact_table_find(const struct exact_table *table, uint64_t fingerprint)
{
    size_t at = find_slot(table->slots, table->slot_count, fingerprint);
    return at == table->slot_count ? 0 : table->slots[at].place;
}

uint32_t exact_table_put(struct exact_slot *slots, size_t slot_count, uint64_t fingerprint,
                         uint32_t place)
{
    size_t at = find_slot(slots, slot_count, fingerprint);
    if (at == slot_count)
        return 0;
    uint32_t last = slots[at].place;
    slots[at] = (struct exact_slot){(uint32_t)fingerprint, (uint32_t)(fingerprint >> 32), place};
    return last;
}

#include "lists/literals.h"

#include "lists/reading.h"
#include <string.h>

#define LEAST_BITS 8
#define MOST_BITS 17 /* a bitmap of 16 KB */

static uint32_t hash_at(const struct literals *index, const char *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return (word * 2654435769U) >> index->shift; /* Knuth's multiplicative hash */
}

int literals_add(struct literals *index, struct arena *arena, const struct literal *literal,
                 struct error *err)
{
    if (literal->text.size < LITERAL_LEAST_BYTES)
        return error_set(err, ERROR_BUG, "a literal is too short");
    struct literal *rows =
        reading_grow(arena, index->rows, index->count, &index->room, sizeof *rows);
    if (rows == NULL)
        return arena_error(arena, err);
    index->rows = rows;
    index->rows[index->count++] = *literal;
    return 0;
}

int literals_seal(struct literals *index, struct arena *arena, struct error *err)
{
    int bits = LEAST_BITS;
    while (bits < MOST_BITS && (size_t)1 << bits < index->count * 8)
        bits++;
    index->shift = 32 - bits;
    index->bitmap = arena_alloc_array(arena, (size_t)1 << (bits - 6), sizeof *index->bitmap);
    index->buckets = arena_alloc_array(arena, (size_t)1 << bits, sizeof *index->buckets);
    if (index->bitmap == NULL || index->buckets == NULL)
        return arena_error(arena, err);
    for (size_t i = index->count; i > 0; i--) {
        struct literal *row = &index->rows[i - 1];
        uint32_t hash = hash_at(index, row->text.data);
        index->bitmap[hash / 64] |= (uint64_t)1 << hash % 64;
        row->next = index->buckets[hash];
        index->buckets[hash] = (uint32_t)i;
    }
    return 0;
}

void literals_scan(const struct literals *index, struct slice text,
                   bool (*found)(void *context, const struct literal *literal, size_t at),
                   void *context)
{
    if (index->count == 0)
        return;
    for (size_t at = 0; at + LITERAL_LEAST_BYTES <= text.size; at++) {
        uint32_t hash = hash_at(index, text.data + at);
        if ((index->bitmap[hash / 64] >> hash % 64 & 1) == 0)
            continue;
        for (uint32_t i = index->buckets[hash]; i != 0; i = index->rows[i - 1].next) {
            const struct literal *row = &index->rows[i - 1];
            if (row->text.size <= text.size - at &&
                memcmp(row->text.data, text.data + at, row->text.size) == 0 &&
                !found(context, row, at))
                return;
        }
    }
}

#include "common/mail/text_set.h"

#include <string.h>

enum { FIRST_ROOM = 8 };

/* Arrays hold a power of two, at least FIRST_ROOM: so the count tells when they are full. */
static void *grown(const void *array, size_t count, size_t size, struct arena *arena)
{
    void *copy = arena_alloc_array(arena, count == 0 ? FIRST_ROOM : 2 * count, size);
    if (copy != NULL && count > 0)
        memcpy(copy, array, count * size);
    return copy;
}

static bool is_full(size_t count)
{
    return count == 0 || (count >= FIRST_ROOM && (count & (count - 1)) == 0);
}

int text_set_add(struct text_set *set, const struct text_piece *piece, struct arena *arena)
{
    if (piece->text.size == 0)
        return 0;
    if (is_full(set->count)) {
        struct text_piece *pieces = grown(set->pieces, set->count, sizeof *pieces, arena);
        if (pieces == NULL)
            return -1;
        set->pieces = pieces;
    }
    set->pieces[set->count++] = *piece;
    return 0;
}

int text_set_add_limit(struct text_set *set, const char *words, struct arena *arena)
{
    for (size_t i = 0; i < set->limit_count; i++)
        if (strcmp(set->limits[i], words) == 0)
            return 0;
    if (is_full(set->limit_count)) {
        const char **limits = grown(set->limits, set->limit_count, sizeof *limits, arena);
        if (limits == NULL)
            return -1;
        set->limits = limits;
    }
    set->limits[set->limit_count++] = words;
    return 0;
}

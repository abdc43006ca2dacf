#include "milter/claims.h"

#include <string.h>

static int grow(struct claims *claims, struct arena *arena, struct error *err)
{
    size_t capacity = claims->capacity == 0 ? 8 : claims->capacity * 2;
    int *places = arena_alloc_array(arena, capacity, sizeof *places);
    if (places == NULL)
        return arena_error(arena, err);
    if (claims->count > 0)
        memcpy(places, claims->places, claims->count * sizeof *places);
    claims->places = places;
    claims->capacity = capacity;
    return 0;
}

int claims_note(struct claims *claims, bool is_claim, struct arena *arena, struct error *err)
{
    claims->seen++;
    if (!is_claim)
        return 0;
    if (claims->count == claims->capacity && grow(claims, arena, err) != 0)
        return -1;
    claims->places[claims->count++] = claims->seen;
    return 0;
}

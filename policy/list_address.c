#include "policy/list_address.h"

/* Mailman, Sympa, ezmlm and mlmmj, Majordomo. */
static const char *const ends[] = {"-bounces", "-bounce", "-owner", "-request", "-return"};
static const char *const middles[] = {"-return-", "-bounces-", "+bounces-", "-bounce-"};
static const char *const beginnings[] = {"owner-", "bounce-", "bounces-"};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static struct slice strip(struct slice local)
{
    for (size_t i = 0; i < COUNT(ends); i++)
        if (slice_ends_with_nocase(local, ends[i]))
            return slice_part(local, 0, local.size - slice_of(ends[i]).size);
    for (size_t i = 0; i < COUNT(middles); i++) {
        size_t at = slice_find(local, slice_of(middles[i]));
        if (at < local.size)
            return slice_part(local, 0, at);
    }
    for (size_t i = 0; i < COUNT(beginnings); i++)
        if (slice_starts_with(local, beginnings[i]))
            return slice_from(local, slice_of(beginnings[i]).size);
    return (struct slice){NULL, 0};
}

struct slice list_address(struct slice sender, struct arena *arena)
{
    size_t at = slice_find_last_byte(sender, '@');
    struct slice list = strip(slice_part(sender, 0, at)), none = {NULL, 0};
    if (at == sender.size || slice_is_empty(list))
        return none;
    return slice_of(arena_printf(arena, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGUMENTS(list),
                                 SLICE_ARGUMENTS(slice_from(sender, at))));
}

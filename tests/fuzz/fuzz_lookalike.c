/* Two domains and a display name, one a line, as hostile mail has them: nobody is a copy of
 * herself, and a name that was read is read again as the same. */
#include "common/mail/lookalike.h"
#include "policy/full_name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_domains(struct slice other, struct slice ours, struct arena *arena)
{
    struct domain_look a, b;
    if (!lookalike_read(other, arena, &a))
        return;
    if (lookalike_compare(&a, &a) != LOOKALIKE_NONE || !lookalike_is_within(&a, &a))
        abort();
    if (a.own > a.ending || a.ending > strlen(a.letters) || a.own_name > strlen(a.name))
        abort();
    if (!lookalike_read(ours, arena, &b))
        return;
    if (lookalike_is_within(&a, &b) && lookalike_compare(&a, &b) != LOOKALIKE_NONE)
        abort();
    /* letters that look the same do so from both sides */
    if ((lookalike_compare(&a, &b) == LOOKALIKE_LETTERS && strcmp(a.letters, b.letters) == 0) !=
        (lookalike_compare(&b, &a) == LOOKALIKE_LETTERS && strcmp(a.letters, b.letters) == 0))
        abort();
}

static void check_name(struct slice display, struct arena *arena)
{
    struct full_name names[FULL_NAME_MOST], spelled;
    size_t count = full_name_read(display, arena, names);
    if (count > FULL_NAME_MOST)
        abort();
    for (size_t i = 0; i < count; i++)
        if (strchr(names[i].words, ' ') == NULL || strlen(names[i].words) >= FULL_NAME_BYTES)
            abort();
    if (full_name_of_local(display, arena, &spelled))
        (void)full_name_is_spelled_by(&spelled, display, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    ARENA_CLEANUP *arena = arena_new(16 * MIB);
    struct slice rest = {(const char *)bytes, size}, other = {NULL, 0}, ours = {NULL, 0};
    if (arena == NULL || !slice_next(&rest, '\n', &other) || !slice_next(&rest, '\n', &ours))
        return 0;
    check_domains(other, ours, arena);
    check_name(rest, arena);
    return 0;
}

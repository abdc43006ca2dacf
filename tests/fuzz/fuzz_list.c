/* A list: parse, lint, test; what fmt writes of it is read again and written the same. */
#include "common/base/limits.h"
#include "lists/format/finding.h"
#include "lists/format/format.h"
#include "lists/format/parse.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct list *list, struct arena *arena)
{
    struct findings findings = {.arena = arena};
    struct error err = {0};
    if (list->entry_count > 20) /* each builds a matcher for its tests */
        return;
    if (lint_list(list, 1795478400, &findings, &err) != 0 || test_list(list, &findings, &err) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(256 * MIB);
    struct error err = {0};
    struct list *list, *again;
    if (list_parse(slice_new((const char *)data, size), "input", arena, &list, &err) != 0) {
        if (err.kind != ERROR_INPUT && err.kind != ERROR_LIMIT)
            abort();
        arena_free(arena);
        return 0;
    }
    BUFFER_CLEANUP once = buffer_new(2 * LIMIT_LIST_BYTES),
                   twice = buffer_new(2 * LIMIT_LIST_BYTES);
    list_format(list, &once);
    if (list_parse(buffer_slice(&once), "formatted", arena, &again, &err) != 0)
        abort();
    list_format(again, &twice);
    if (!slice_equals(buffer_slice(&once), buffer_slice(&twice)) ||
        again->entry_count != list->entry_count ||
        again->retraction_count != list->retraction_count)
        abort();
    check(list, arena);
    arena_free(arena);
    return 0;
}

/* Whatever another program's list says: what is made of it is a list that only tags, and every
 * export of it can be written. The first byte chooses the format. */
#include "common/base/limits.h"
#include "lists/exchange/exchange.h"
#include "lists/format/parse.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct list *list, const struct exchange_wanted *wanted)
{
    for (size_t i = 0; i < list->entry_count; i++)
        if (list->entries[i].max_action > LIST_ACTION_TAG ||
            !slice_is(list->entries[i].basis, "adopted"))
            abort();
    for (const struct exchange_format *format = exchange_formats; format->name != NULL; format++) {
        struct exchange_losses losses = {.count = 0};
        struct error err = {0};
        BUFFER_CLEANUP text = buffer_new(64 * MIB);
        if (exchange_export(format, list, wanted, &text, &losses, &err) != 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct exchange_wanted wanted = {
        .list_name = "input", .category_name = "other", .now = 1795478400};
    struct exchange_losses losses = {.count = 0};
    struct error err = {0};
    struct list *list;
    size_t count = 0;
    while (exchange_formats[count].name != NULL)
        count++;
    if (size == 0)
        return 0;
    const struct exchange_format *format = &exchange_formats[data[0] % count];
    if (format->import == NULL)
        return 0;
    ARENA_CLEANUP *arena = arena_new(256 * MIB);
    BUFFER_CLEANUP text = buffer_new(LIMIT_LIST_BYTES);
    if (exchange_import(format, slice_new((const char *)data + 1, size - 1), &wanted, &text,
                        &losses, &err) != 0)
        return 0;
    if (list_parse(buffer_slice(&text), "input", arena, &list, &err) != 0)
        abort();
    check(list, &wanted);
    return 0;
}

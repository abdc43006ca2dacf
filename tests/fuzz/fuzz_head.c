/* Heads and floors: what is read is written, read again, and the same. */
#include "common/base/limits.h"
#include "lists/trust/floor.h"
#include "lists/trust/head.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct head *head, struct arena *arena)
{
    struct error err = {0};
    struct head *again;
    BUFFER_CLEANUP once = buffer_new(2 * LIMIT_HEAD_BYTES),
                   twice = buffer_new(2 * LIMIT_HEAD_BYTES);
    char file[HEAD_FILE_BYTES];
    if (head_format(head, &once, &err) != 0 || once.size > LIMIT_HEAD_BYTES)
        return;
    if (head_parse(buffer_slice(&once), "again", arena, &again, &err) != 0 ||
        head_format(again, &twice, &err) != 0 ||
        !slice_equals(buffer_slice(&once), buffer_slice(&twice)))
        abort();
    for (size_t i = 0; i < head->list_count; i++) {
        head_write_list_file(&head->lists[i], file);
        if (slice_find(slice_of(file), SLICE_LITERAL("..")) == 0 || file[6] == '/')
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct floors floors;
    struct slice text = slice_new((const char *)data, size);
    struct error err = {0};
    struct head *head;
    ARENA_CLEANUP *arena = arena_new(4 * MIB);
    if (head_parse(text, "input", arena, &head, &err) == 0)
        check(head, arena);
    else if (err.kind != ERROR_INPUT && err.kind != ERROR_LIMIT)
        abort();
    if (floors_parse(text, "input", &floors, &err) != 0 && err.kind != ERROR_INPUT)
        abort();
    return 0;
}

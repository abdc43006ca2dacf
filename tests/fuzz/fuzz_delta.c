/* An old text and a script of anybody, with a NUL between: bounded, and what the script of two
 * texts leads to is the second one. */
#include "lists/format/delta.h"

#include <stdint.h>
#include <stdlib.h>

#define MOST_BYTES ((size_t)64 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_made(struct slice old, struct slice new)
{
    BUFFER_CLEANUP script = buffer_new(4 * MOST_BYTES), again = buffer_new(MOST_BYTES);
    struct error err = {0};
    if (new.size > MOST_BYTES || delta_make(old, new, &script, &err) != 0)
        return;
    if (delta_apply(old, buffer_slice(&script), "made", &again, &err) != 0 ||
        !slice_equals(buffer_slice(&again), new))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BUFFER_CLEANUP into = buffer_new(MOST_BYTES);
    struct error err = {0};
    struct slice text = slice_new((const char *)data, size);
    size_t end = slice_find_byte(text, '\0');
    struct slice old = slice_part(text, 0, end), script = slice_from(text, end + 1);
    if (delta_apply(old, script, "input", &into, &err) != 0 && err.kind != ERROR_INPUT)
        abort();
    if (into.size > MOST_BYTES)
        abort();
    check_made(old, script);
    return 0;
}

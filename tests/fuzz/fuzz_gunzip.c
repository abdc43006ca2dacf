/* A .gz of anybody: never more than the bound, never an error of another kind. */
#include "common/base/limits.h"
#include "lists/format/gunzip.h"

#include <stdint.h>
#include <stdlib.h>

#define MOST_BYTES ((size_t)256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BUFFER_CLEANUP plain = buffer_new(MOST_BYTES);
    struct error err = {0};
    if (gunzip(slice_new((const char *)data, size), "input", &plain, &err) != 0 &&
        err.kind != ERROR_INPUT && err.kind != ERROR_LIMIT)
        abort();
    if (plain.size > MOST_BYTES ||
        (plain.size > GUNZIP_FREE_BYTES + 16384 && plain.size / GUNZIP_MOST_RATIO > size + 256))
        abort();
    return 0;
}

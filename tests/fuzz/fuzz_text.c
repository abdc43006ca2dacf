/* MIME walk, charsets, HTML: every byte string is a message; what comes out is UTF-8. */
#include "common/base/limits.h"
#include "common/mail/charset.h"
#include "common/mail/text.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    ARENA_CLEANUP *arena = arena_new(64 * MIB);
    struct text_set set;
    struct error err;
    struct slice message = {(const char *)bytes, size};
    if (text_collect(message, budget_of(10000), arena, &set, &err) != 0)
        return 0;
    for (size_t i = 0; i < set.count; i++) {
        struct slice rest = set.pieces[i].text;
        while (rest.size > 0) {
            size_t width = charset_character_size(rest);
            if (width == 0)
                abort();
            rest = slice_from(rest, width);
        }
    }
    return 0;
}

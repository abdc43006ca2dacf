/* Header fields: together with the body they are the message; decoded values are UTF-8. */
#include "common/base/limits.h"
#include "common/mail/charset.h"
#include "common/mail/header.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_utf8(struct slice text)
{
    while (text.size > 0) {
        size_t width = charset_character_size(text);
        if (width == 0)
            abort();
        text = slice_from(text, width);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    ARENA_CLEANUP *arena = arena_new(64 * MIB);
    struct slice message = {(const char *)bytes, size}, rest = message;
    struct header_field field;
    size_t seen = 0;
    while (header_next(&rest, &field)) {
        if (field.whole.size < field.name.size + 1 + field.value.size)
            abort();
        seen += field.whole.size;
        check_utf8(header_decode(field.value, arena));
    }
    if (seen + rest.size > size || !slice_equals(rest, header_body(message)))
        abort();
    check_utf8(header_decode(message, arena));
    return 0;
}

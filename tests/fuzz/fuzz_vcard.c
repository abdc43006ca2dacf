/* Address books: every EMAIL found lies in the arena, and reading ends. */
#include "admin/vcard.h"
#include "common/mail/address.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    ARENA_CLEANUP *arena = arena_new((size_t)64 << 20);
    struct slice rest = {(const char *)bytes, size}, email;
    struct address address;
    while (vcard_next_email(&rest, arena, &email, NULL) == 1)
        if (address_parse_path(email, arena, &address, NULL) == 0)
            (void)address_canonical(&address, "+", arena);
    return 0;
}

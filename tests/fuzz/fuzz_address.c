/* Addresses of envelopes and fields; a canonical form is its own canonical form. */
#include "common/base/limits.h"
#include "common/mail/address.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_canonical(const struct address *address, struct arena *arena)
{
    struct slice once = address_canonical(address, "+", arena);
    struct address again;
    if (once.size == 0 || once.size > LIMIT_ADDRESS_BYTES)
        return;
    if (address_parse_path(once, arena, &again, NULL) != 0)
        abort();
    if (!slice_equals(once, address_canonical(&again, "", arena)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    ARENA_CLEANUP *arena = arena_new(64 * MIB);
    struct slice text = {(const char *)bytes, size};
    struct address address;
    struct mailbox *mailboxes;
    size_t count, broken;
    char ascii[256];
    if (address_parse_path(text, arena, &address, NULL) == 0)
        check_canonical(&address, arena);
    if (address_parse_list(text, arena, &mailboxes, &count, &broken, NULL) == 0)
        for (size_t i = 0; i < count; i++)
            check_canonical(&mailboxes[i].address, arena);
    if (address_domain_to_ascii(text, ascii, sizeof ascii, NULL) == 0 &&
        address_domain_to_ascii(slice_of(ascii), ascii, sizeof ascii, NULL) != 0)
        abort();
    return 0;
}

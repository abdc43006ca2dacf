/* An answer of a DNS server. First byte: the type that was asked for. */
#include "common/base/limits.h"
#include "common/mail/dns_message.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const enum dns_type types[] = {DNS_A, DNS_PTR, DNS_MX, DNS_TXT, DNS_AAAA};
    if (size == 0)
        return 0;
    enum dns_type type = types[bytes[0] % (sizeof types / sizeof types[0])];
    struct arena *arena = arena_new(8 * MIB);
    struct dns_reply reply;
    dns_message_read(slice_new((const char *)bytes + 1, size - 1), slice_of("a.test"), type, arena,
                     &reply);
    if ((reply.status == DNS_FOUND) != (reply.count > 0) || strlen(reply.alias) > 253)
        abort();
    for (size_t i = 0; i < reply.count; i++)
        if (type != DNS_TXT &&
            slice_find_byte(reply.records[i].text, '\0') < reply.records[i].text.size)
            abort();
    arena_free(arena);
    return 0;
}

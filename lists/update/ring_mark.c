/* A mark: 64 bits of a digest under the server's key and a salt that does not last. */
#include "lists/update/ring_file.h"

#include "lists/format/type.h"
#include <string.h>
#include <sys/socket.h>

#define VALUE_BYTES 1000

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

uint64_t ring_mark(const unsigned char key[KEYED_KEY_BYTES], const struct ring_epoch *epoch,
                   enum ring_kind kind, struct slice value)
{
    char text[RING_SALT_BYTES + 1 + VALUE_BYTES];
    unsigned char digest[KEYED_DIGEST_BYTES];
    uint64_t mark;
    if (value.size == 0 || value.size > VALUE_BYTES)
        return 0;
    memcpy(text, epoch->salt, RING_SALT_BYTES);
    text[RING_SALT_BYTES] = (char)kind;
    bool is_name = kind != RING_NETWORK && kind != RING_KEYED && kind != RING_KEYED_PROVEN;
    for (size_t i = 0; i < value.size; i++)
        text[RING_SALT_BYTES + 1 + i] = is_name ? lower(value.data[i]) : value.data[i];
    keyed_digest(key, "ring", slice_new(text, RING_SALT_BYTES + 1 + value.size), digest);
    memcpy(&mark, digest, sizeof mark);
    return mark == 0 ? 1 : mark;
}

struct slice ring_network(struct slice address, char bytes[RING_NETWORK_BYTES])
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    struct network network;
    if (address.size == 0 || !network_read(address, &network))
        return slice_new(NULL, 0);
    if (network.family == AF_INET6 && memcmp(network.address, mapped, sizeof mapped) == 0) {
        memmove(network.address, network.address + 12, 4);
        network.family = AF_INET;
    }
    size_t size = network.family == AF_INET ? 3 : 6;
    bytes[0] = network.family == AF_INET ? '4' : '6';
    memcpy(bytes + 1, network.address, size);
    return slice_new(bytes, size + 1);
}

struct slice ring_keyed(struct slice key_name, const unsigned char digest[KEYED_DIGEST_BYTES],
                        char bytes[RING_KEYED_BYTES])
{
    if (key_name.size >= GROUP_KEY_NAME_BYTES)
        return slice_new(NULL, 0);
    memcpy(bytes, digest, KEYED_DIGEST_BYTES);
    memcpy(bytes + KEYED_DIGEST_BYTES, key_name.data, key_name.size);
    return slice_new(bytes, KEYED_DIGEST_BYTES + key_name.size);
}

/* FNV-1a: against torn writes, not against people. */
uint64_t ring_sum(const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    uint64_t sum = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ byte[i]) * 0x100000001b3ULL;
    return sum;
}

bool ring_header_is_sound(const struct ring_header *header)
{
    return memcmp(header->magic, RING_MAGIC, sizeof header->magic) == 0 &&
           header->check == ring_sum(header, offsetof(struct ring_header, check));
}

bool ring_record_is_sound(const struct ring_record *record)
{
    return record->number != 0 && record->mark_count <= RING_MARKS && record->epoch < 2 &&
           record->check == ring_sum(&record->number, sizeof *record - sizeof record->check);
}

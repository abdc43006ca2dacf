/* The layout of the ring's file, and what a mark is. Private to ring*.c. Numbers as the machine
 * writes them: the file never leaves it. */
#ifndef ZAGUAN_LISTS_UPDATE_RING_FILE_H
#define ZAGUAN_LISTS_UPDATE_RING_FILE_H

#include "lists/format/keyed_entry.h"
#include "lists/update/ring.h"

#define RING_MAGIC "ZGNRING1"
#define RING_SALT_BYTES 32
#define RING_MARKS 44
#define RING_DOMAINS 6 /* of each sender: the whole one, and the shortest above it */
#define RING_SIGNERS 5
#define RING_GROUPS 4 /* group keys under which addresses are remembered too */

struct ring_epoch {
    int64_t began_at; /* 0: none */
    unsigned char salt[RING_SALT_BYTES];
};

struct ring_header {
    char magic[8];
    struct ring_epoch epochs[2];
    uint64_t check; /* of all before it */
};

struct ring_record {
    uint64_t check;  /* of all behind it: a record that a crash tore does not count */
    uint64_t number; /* from 1; 0: free. Its place is (number - 1) % RING_RECORDS */
    int64_t hour;
    uint16_t mark_count;
    uint8_t epoch;
    uint8_t is_known;
    uint32_t unused;
    uint64_t marks[RING_MARKS]; /* the first one is of the sender: From, else the envelope's */
};

#define RING_BYTES (sizeof(struct ring_header) + RING_RECORDS * sizeof(struct ring_record))

/* What a value was seen as: an entry looks for the kinds that it would meet. */
enum ring_kind {
    RING_ADDRESS = 'a',
    RING_PROVEN = 'p', /* an address that SPF or DMARC vouches for */
    RING_DOMAIN = 'd',
    RING_KEYED = 'k', /* an address, as lists of a group write it; and proven */
    RING_KEYED_PROVEN = 'q',
    RING_ABOVE = 'u', /* a domain above that of a sender */
    RING_NETWORK = 'n',
    RING_SIGNER = 's'
};

/* Names count in lower case; what is longer than 1000 bytes is no mark (0). */
uint64_t ring_mark(const unsigned char key[KEYED_KEY_BYTES], const struct ring_epoch *epoch,
                   enum ring_kind kind, struct slice value);
/* "4" or "6" and the bytes of the /24 or /48 around an address or network; empty: neither. */
#define RING_NETWORK_BYTES 7
struct slice ring_network(struct slice address, char bytes[RING_NETWORK_BYTES]);

/* The name of a group key and a digest under it. */
#define RING_KEYED_BYTES (GROUP_KEY_NAME_BYTES + KEYED_DIGEST_BYTES)
struct slice ring_keyed(struct slice key_name, const unsigned char digest[KEYED_DIGEST_BYTES],
                        char bytes[RING_KEYED_BYTES]);

uint64_t ring_sum(const void *bytes, size_t size);
bool ring_header_is_sound(const struct ring_header *header);
bool ring_record_is_sound(const struct ring_record *record);

#endif

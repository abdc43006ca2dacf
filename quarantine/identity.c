#include "quarantine/identity.h"

#include <sodium.h>
#include <string.h>

_Static_assert(SHEET_DIGEST_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

void identity_digest(struct slice message, unsigned char digest_out[SHEET_DIGEST_BYTES])
{
    crypto_hash_sha256(digest_out, (const unsigned char *)message.data, message.size);
}

/* Both parts have a fixed size: where the second begins is never in doubt. */
void identity_make(const struct keys *keys, struct slice envelope_sender,
                   const unsigned char digest[SHEET_DIGEST_BYTES],
                   unsigned char identity_out[KEYED_DIGEST_BYTES])
{
    unsigned char sender[KEYED_DIGEST_BYTES];
    char both[SHEET_DIGEST_BYTES + KEYED_DIGEST_BYTES];
    keyed_digest(keys->digest_key, "envelope sender", envelope_sender, sender);
    memcpy(both, digest, SHEET_DIGEST_BYTES);
    memcpy(both + SHEET_DIGEST_BYTES, sender, sizeof sender);
    keyed_digest(keys->digest_key, "message", slice_new(both, sizeof both), identity_out);
}

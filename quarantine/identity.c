#include "quarantine/identity.h"

#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>

_Static_assert(SHEET_DIGEST_BYTES == crypto_hash_sha256_BYTES, "SHA-256");
_Static_assert(SHEET_DIGEST_BYTES == SHA256_DIGEST_LENGTH, "SHA-256");

/* libcrypto uses the processor's SHA instructions, libsodium does not: a fifth of the time, of what
 * was the largest part of a hold. It can fail (no memory, no provider); libsodium cannot. */
void identity_digest(struct slice message, unsigned char digest_out[SHEET_DIGEST_BYTES])
{
    const unsigned char *bytes = (const unsigned char *)message.data;
    if (SHA256(bytes, message.size, digest_out) == NULL)
        crypto_hash_sha256(digest_out, bytes, message.size);
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

/*
 * seal: a random key per message; the body as a libsodium secretstream in chunks, small texts (the
 * sheet, the reasons of an item) each with a nonce of their own. The key itself is sealed to the
 * review key by keys_seal(): who holds mail cannot open it again.
 *
 *   body:  24 bytes secretstream header, then chunks of SEAL_CHUNK_BYTES plain bytes, each 17
 * longer; the last is marked final (it is there also for an empty message) text:  24 bytes nonce,
 * XChaCha20-Poly1305; `binding` is authenticated with it, so that a row that was moved to another
 * item does not open
 */
#ifndef ZAGUAN_QUARANTINE_SEAL_H
#define ZAGUAN_QUARANTINE_SEAL_H

#include "common/base/buffer.h"
#include "common/base/slice.h"
#include <stdint.h>

#define SEAL_KEY_BYTES 32
#define SEAL_CHUNK_BYTES ((size_t)64 * 1024)

struct seal_key {
    unsigned char bytes[SEAL_KEY_BYTES]; /* subkeys are derived from it, one per use */
};

void seal_key_make(struct seal_key *key_out);
void seal_key_forget(struct seal_key *key);

size_t seal_body_size(size_t plain_size); /* of the sealed body */
int seal_body(const struct seal_key *key, struct slice plain, struct buffer *sealed,
              struct error *err) MUST_CHECK;
int seal_open_body(const struct seal_key *key, struct slice sealed, struct buffer *plain,
                   struct error *err) MUST_CHECK;

int seal_text(const struct seal_key *key, struct slice binding, struct slice plain,
              struct buffer *sealed, struct error *err) MUST_CHECK;
int seal_open_text(const struct seal_key *key, struct slice binding, struct slice sealed,
                   struct buffer *plain, struct error *err) MUST_CHECK;

#endif

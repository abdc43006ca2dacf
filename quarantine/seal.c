#include "quarantine/seal.h"

#include <sodium.h>

#define STREAM_HEADER crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define STREAM_EXTRA crypto_secretstream_xchacha20poly1305_ABYTES
#define TEXT_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TEXT_EXTRA crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(SEAL_KEY_BYTES == crypto_kdf_KEYBYTES, "the message key is a derivation key");
_Static_assert(SEAL_KEY_BYTES == crypto_secretstream_xchacha20poly1305_KEYBYTES, "body");
_Static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "text");

enum seal_use { SEAL_USE_BODY = 1, SEAL_USE_TEXT = 2 };

void seal_key_make(struct seal_key *key_out)
{
    crypto_kdf_keygen(key_out->bytes);
}

void seal_key_forget(struct seal_key *key)
{
    sodium_memzero(key, sizeof *key);
}

static void derive(const struct seal_key *key, enum seal_use use, struct seal_key *derived_out)
{
    crypto_kdf_derive_from_key(derived_out->bytes, SEAL_KEY_BYTES, (uint64_t)use, "zaguan1",
                               key->bytes);
}

static size_t chunk_count(size_t plain_size)
{
    return plain_size == 0 ? 1 : (plain_size + SEAL_CHUNK_BYTES - 1) / SEAL_CHUNK_BYTES;
}

size_t seal_body_size(size_t plain_size)
{
    return STREAM_HEADER + plain_size + chunk_count(plain_size) * STREAM_EXTRA;
}

int seal_body(const struct seal_key *key, struct slice plain, struct buffer *sealed,
              struct error *err)
{
    size_t size = seal_body_size(plain.size), count = chunk_count(plain.size);
    unsigned char *to = (unsigned char *)buffer_reserve(sealed, size);
    if (to == NULL)
        return buffer_check(sealed, "sealed message", err);
    struct seal_key body_key;
    crypto_secretstream_xchacha20poly1305_state state;
    derive(key, SEAL_USE_BODY, &body_key);
    crypto_secretstream_xchacha20poly1305_init_push(&state, to, body_key.bytes);
    to += STREAM_HEADER;
    for (size_t i = 0; i < count; i++) {
        struct slice chunk = slice_part(plain, i * SEAL_CHUNK_BYTES, SEAL_CHUNK_BYTES);
        unsigned char tag = i + 1 == count ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                           : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
        crypto_secretstream_xchacha20poly1305_push(
            &state, to, NULL, (const unsigned char *)chunk.data, chunk.size, NULL, 0, tag);
        to += chunk.size + STREAM_EXTRA;
    }
    sodium_memzero(&state, sizeof state);
    seal_key_forget(&body_key);
    sealed->size += size;
    return 0;
}

/* 0 when the stream is whole: every chunk authentic, in order, and the final one at the end. */
static int open_chunks(crypto_secretstream_xchacha20poly1305_state *state, struct slice sealed,
                       unsigned char *to)
{
    unsigned char tag = 0;
    while (sealed.size >= STREAM_EXTRA && tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
        struct slice chunk = slice_part(sealed, 0, SEAL_CHUNK_BYTES + STREAM_EXTRA);
        if (crypto_secretstream_xchacha20poly1305_pull(
                state, to, NULL, &tag, (const unsigned char *)chunk.data, chunk.size, NULL, 0) != 0)
            return -1;
        to += chunk.size - STREAM_EXTRA;
        sealed = slice_from(sealed, chunk.size);
    }
    return tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL && sealed.size == 0 ? 0 : -1;
}

int seal_open_body(const struct seal_key *key, struct slice sealed, struct buffer *plain,
                   struct error *err)
{
    if (sealed.size < STREAM_HEADER + STREAM_EXTRA)
        return error_set(err, ERROR_INPUT, "sealed message: cut short");
    size_t chunk_bytes = SEAL_CHUNK_BYTES + STREAM_EXTRA;
    size_t chunks = (sealed.size - STREAM_HEADER + chunk_bytes - 1) / chunk_bytes;
    if (sealed.size < STREAM_HEADER + chunks * STREAM_EXTRA)
        return error_set(err, ERROR_INPUT, "sealed message: cut short");
    size_t size = sealed.size - STREAM_HEADER - chunks * STREAM_EXTRA;
    char *to = buffer_reserve(plain, size);
    if (to == NULL)
        return buffer_check(plain, "message", err);
    struct seal_key body_key;
    crypto_secretstream_xchacha20poly1305_state state;
    derive(key, SEAL_USE_BODY, &body_key);
    int failed = crypto_secretstream_xchacha20poly1305_init_pull(
        &state, (const unsigned char *)sealed.data, body_key.bytes);
    if (failed == 0)
        failed = open_chunks(&state, slice_from(sealed, STREAM_HEADER), (unsigned char *)to);
    sodium_memzero(&state, sizeof state);
    seal_key_forget(&body_key);
    if (failed != 0)
        return error_set(err, ERROR_INPUT, "sealed message: damaged, or of another key");
    plain->size += size;
    return 0;
}

int seal_text(const struct seal_key *key, struct slice binding, struct slice plain,
              struct buffer *sealed, struct error *err)
{
    size_t size = TEXT_NONCE + plain.size + TEXT_EXTRA;
    unsigned char *to = (unsigned char *)buffer_reserve(sealed, size);
    if (to == NULL)
        return buffer_check(sealed, "sealed text", err);
    struct seal_key text_key;
    derive(key, SEAL_USE_TEXT, &text_key);
    randombytes_buf(to, TEXT_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        to + TEXT_NONCE, NULL, (const unsigned char *)plain.data, plain.size,
        (const unsigned char *)binding.data, binding.size, NULL, to, text_key.bytes);
    seal_key_forget(&text_key);
    sealed->size += size;
    return 0;
}

int seal_open_text(const struct seal_key *key, struct slice binding, struct slice sealed,
                   struct buffer *plain, struct error *err)
{
    if (sealed.size < TEXT_NONCE + TEXT_EXTRA)
        return error_set(err, ERROR_INPUT, "sealed text: cut short");
    size_t size = sealed.size - TEXT_NONCE - TEXT_EXTRA;
    unsigned char *to = (unsigned char *)buffer_reserve(plain, size);
    if (to == NULL)
        return buffer_check(plain, "opened text", err);
    struct seal_key text_key;
    const unsigned char *from = (const unsigned char *)sealed.data;
    derive(key, SEAL_USE_TEXT, &text_key);
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        to, NULL, NULL, from + TEXT_NONCE, sealed.size - TEXT_NONCE,
        (const unsigned char *)binding.data, binding.size, from, text_key.bytes);
    seal_key_forget(&text_key);
    if (failed != 0)
        return error_set(err, ERROR_INPUT, "sealed text: damaged, moved, or of another key");
    plain->size += size;
    return 0;
}

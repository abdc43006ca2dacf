/*
 * Secret keys as minisign writes them: 158 bytes in base64. Two letters each for the signature
 * algorithm, the key derivation ("Sc" scrypt, two NUL bytes for none) and the checksum ("B2"
 * BLAKE2b-256), salt, scrypt's two limits as little-endian numbers; then key id, secret key and
 * checksum, which are masked with scrypt's output when there is a passphrase. Without one minisign
 * leaves the checksum zero.
 */
#include "lists/trust/minisign.h"

#include <sodium.h>
#include <string.h>

#define COMMENT "untrusted comment: "
#define SALT_BYTES 32
#define MASKED_BYTES (MINISIGN_ID_BYTES + 64 + 32)
#define AT_SALT 6
#define AT_OPERATIONS (AT_SALT + SALT_BYTES)
#define AT_MEMORY (AT_OPERATIONS + 8)
#define AT_MASKED (AT_MEMORY + 8)
#define FILE_BYTES (AT_MASKED + MASKED_BYTES)
#define BASE64_BYTES 256

/* minisign's work (2^25 operations) in an eighth of its memory: small servers sign too. */
#define OPERATIONS ((uint64_t)1 << 25)
#define MEMORY ((uint64_t)128 * 1024 * 1024)
/* What a file may ask of us: twice what minisign writes. */
#define MOST_OPERATIONS ((uint64_t)1 << 26)
#define MOST_MEMORY ((uint64_t)2 * 1024 * 1024 * 1024)

_Static_assert(FILE_BYTES == 158, "minisign's secret key");
_Static_assert(SALT_BYTES == crypto_pwhash_scryptsalsa208sha256_SALTBYTES, "scrypt");

static void store_number(unsigned char *bytes, uint64_t number)
{
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(number >> (8 * i));
}

static uint64_t load_number(const unsigned char *bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number |= (uint64_t)bytes[i] << (8 * i);
    return number;
}

static void checksum(const unsigned char masked[MASKED_BYTES], unsigned char sum[32])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, (const unsigned char *)"Ed", 2);
    crypto_generichash_update(&state, masked, MASKED_BYTES - 32);
    crypto_generichash_final(&state, sum, 32);
}

/* Puts scrypt's mask on or takes it off. */
static int mask(unsigned char file[FILE_BYTES], struct slice passphrase, struct error *err)
{
    unsigned char stream[MASKED_BYTES];
    uint64_t operations = load_number(file + AT_OPERATIONS);
    uint64_t memory = load_number(file + AT_MEMORY);
    if (operations > MOST_OPERATIONS || memory > MOST_MEMORY)
        return error_set(err, ERROR_LIMIT, "the key asks for too much work or memory");
    if (crypto_pwhash_scryptsalsa208sha256(stream, sizeof stream, passphrase.data, passphrase.size,
                                           file + AT_SALT, operations, (size_t)memory) != 0)
        return error_set(err, ERROR_SYSTEM, "no memory to work out the key (%llu MiB)",
                         (unsigned long long)(memory >> 20));
    for (size_t i = 0; i < sizeof stream; i++)
        file[AT_MASKED + i] ^= stream[i];
    sodium_memzero(stream, sizeof stream);
    return 0;
}

void minisign_secret_wipe(struct minisign_secret *secret)
{
    sodium_memzero(secret, sizeof *secret);
}

int minisign_make(struct minisign_secret *secret_out, struct error *err)
{
    if (sodium_init() < 0)
        return error_set(err, ERROR_SYSTEM, "libsodium does not start");
    crypto_sign_keypair(secret_out->public.key, secret_out->secret);
    randombytes_buf(secret_out->public.id, sizeof secret_out->public.id);
    return 0;
}

int minisign_format_secret(const struct minisign_secret *secret, struct slice passphrase,
                           struct buffer *into, struct error *err)
{
    unsigned char file[FILE_BYTES] = {'E', 'd', 0, 0, 'B', '2'};
    char text[BASE64_BYTES];
    memcpy(file + AT_MASKED, secret->public.id, MINISIGN_ID_BYTES);
    memcpy(file + AT_MASKED + MINISIGN_ID_BYTES, secret->secret, sizeof secret->secret);
    int failed = 0;
    if (passphrase.size > 0) {
        checksum(file + AT_MASKED, file + FILE_BYTES - 32);
        memcpy(file + 2, "Sc", 2);
        randombytes_buf(file + AT_SALT, SALT_BYTES);
        store_number(file + AT_OPERATIONS, OPERATIONS);
        store_number(file + AT_MEMORY, MEMORY);
        failed = mask(file, passphrase, err);
    }
    if (failed == 0) {
        sodium_bin2base64(text, sizeof text, file, sizeof file, sodium_base64_VARIANT_ORIGINAL);
        buffer_printf(into, COMMENT "minisign %s key\n%s\n",
                      passphrase.size > 0 ? "encrypted secret" : "secret", text);
        failed = buffer_check(into, "the secret key", err);
    }
    sodium_memzero(file, sizeof file);
    sodium_memzero(text, sizeof text);
    return failed;
}

static bool read_file(struct slice text, unsigned char file[FILE_BYTES])
{
    struct slice comment;
    size_t size = 0;
    const char *end = NULL;
    text = slice_trim(text);
    if (!slice_starts_with(text, COMMENT) || !slice_next(&text, '\n', &comment))
        return false;
    text = slice_trim(text);
    return text.size > 0 &&
           sodium_base642bin(file, FILE_BYTES, text.data, text.size, NULL, &size, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           size == FILE_BYTES && end == text.data + text.size && memcmp(file, "Ed", 2) == 0 &&
           memcmp(file + 4, "B2", 2) == 0;
}

bool minisign_secret_is_encrypted(struct slice text)
{
    unsigned char file[FILE_BYTES];
    bool is_encrypted = read_file(text, file) && memcmp(file + 2, "\0\0", 2) != 0;
    sodium_memzero(file, sizeof file);
    return is_encrypted;
}

/* The second half of a secret key is its public key: a damaged one does not fit. */
static bool is_whole(const unsigned char secret[64])
{
    unsigned char public[32], again[64];
    crypto_sign_seed_keypair(public, again, secret);
    sodium_memzero(again, sizeof again);
    return memcmp(public, secret + 32, sizeof public) == 0;
}

static int open_file(unsigned char file[FILE_BYTES], const char *name, struct slice passphrase,
                     struct error *err)
{
    unsigned char sum[32];
    const unsigned char *key = file + AT_MASKED + MINISIGN_ID_BYTES;
    bool is_plain = memcmp(file + 2, "\0\0", 2) == 0;
    if (!is_plain && memcmp(file + 2, "Sc", 2) != 0)
        return error_set(err, ERROR_INPUT, "%s: an unknown way to protect a key", name);
    if (!is_plain && mask(file, passphrase, err) != 0)
        return error_context(err, "%s", name);
    checksum(file + AT_MASKED, sum);
    if (!is_plain && sodium_memcmp(sum, file + FILE_BYTES - 32, sizeof sum) != 0)
        return error_set(err, ERROR_INPUT, "%s: wrong passphrase", name);
    return is_whole(key) ? 0 : error_set(err, ERROR_INPUT, "%s: the key is damaged", name);
}

int minisign_read_secret(struct slice text, const char *name, struct slice passphrase,
                         struct minisign_secret *secret_out, struct error *err)
{
    unsigned char file[FILE_BYTES];
    if (sodium_init() < 0)
        return error_set(err, ERROR_SYSTEM, "libsodium does not start");
    if (!read_file(text, file))
        return error_set(err, ERROR_INPUT, "%s: not a secret key of minisign", name);
    int failed = open_file(file, name, passphrase, err);
    if (failed == 0) {
        memcpy(secret_out->public.id, file + AT_MASKED, MINISIGN_ID_BYTES);
        memcpy(secret_out->secret, file + AT_MASKED + MINISIGN_ID_BYTES, 64);
        crypto_sign_ed25519_sk_to_pk(secret_out->public.key, secret_out->secret);
    }
    sodium_memzero(file, sizeof file);
    return failed;
}

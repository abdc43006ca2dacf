#include "common/mail/dkim_key.h"

#include "common/mail/dkim_tags.h"

#include <openssl/core_names.h>
#include <string.h>

#define LEAST_RSA_BITS 1024 /* RFC 8301 section 3.2 */
#define MOST_RSA_BITS 8192  /* beyond it, verifying costs a sender little and us much */
#define MOST_EXPONENT_BYTES 8
#define ED25519_KEY_BYTES 32 /* RFC 8463 section 4 */

/* --- DER, as far as a public RSA key goes -------------------------------------------------------
 */

#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define DER_SEQUENCE 0x30

/* Takes one element off *rest; false when it is not of this tag or longer than what is there. */
static bool take_element(struct slice *rest, unsigned char tag, struct slice *content_out)
{
    const unsigned char *bytes = (const unsigned char *)rest->data;
    if (rest->size < 2 || bytes[0] != tag)
        return false;
    size_t length = bytes[1], head = 2;
    if (length >= 0x80) {
        size_t length_bytes = length & 0x7f;
        if (length_bytes == 0 || length_bytes > 3 || rest->size < 2 + length_bytes)
            return false;
        length = 0;
        for (size_t i = 0; i < length_bytes; i++)
            length = length << 8 | bytes[2 + i];
        head += length_bytes;
    }
    if (length > rest->size - head)
        return false;
    *content_out = slice_part(*rest, head, length);
    *rest = slice_from(*rest, head + length);
    return true;
}

/* A positive INTEGER without its leading zeros. */
static bool take_number(struct slice *rest, struct slice *number_out)
{
    struct slice number;
    if (!take_element(rest, DER_INTEGER, &number) || number.size == 0 ||
        ((unsigned char)number.data[0] & 0x80) != 0)
        return false;
    while (number.size > 0 && number.data[0] == 0)
        number = slice_from(number, 1);
    *number_out = number;
    return number.size > 0;
}

/* RSAPublicKey (RFC 8017 appendix A.1.1). */
static bool read_pkcs1(struct slice der, struct slice *modulus_out, struct slice *exponent_out)
{
    struct slice fields;
    return take_element(&der, DER_SEQUENCE, &fields) && der.size == 0 &&
           take_number(&fields, modulus_out) && take_number(&fields, exponent_out) &&
           fields.size == 0;
}

/* SubjectPublicKeyInfo (RFC 5280 section 4.1) with rsaEncryption, or else RSAPublicKey. */
static bool read_rsa(struct slice der, struct slice *modulus_out, struct slice *exponent_out)
{
    static const char rsa_encryption[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
    if (read_pkcs1(der, modulus_out, exponent_out))
        return true;
    struct slice fields, algorithm, bits;
    return take_element(&der, DER_SEQUENCE, &fields) && der.size == 0 &&
           take_element(&fields, DER_SEQUENCE, &algorithm) &&
           slice_starts_with(algorithm, rsa_encryption) &&
           take_element(&fields, DER_BIT_STRING, &bits) && fields.size == 0 && bits.size > 1 &&
           bits.data[0] == 0 && read_pkcs1(slice_from(bits, 1), modulus_out, exponent_out);
}

static unsigned bit_count(struct slice number)
{
    unsigned bits = (unsigned)(number.size - 1) * 8;
    for (unsigned first = (unsigned char)number.data[0]; first != 0; first >>= 1)
        bits++;
    return bits;
}

/* OpenSSL's parameters want numbers in the machine's order of bytes. */
static OSSL_PARAM number_param(const char *name, struct slice number, struct arena *arena)
{
    unsigned char *native = arena_alloc(arena, number.size);
    if (native == NULL)
        return OSSL_PARAM_construct_end();
    for (size_t i = 0; i < number.size; i++) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        native[i] = (unsigned char)number.data[number.size - 1 - i];
#else
        native[i] = (unsigned char)number.data[i];
#endif
    }
    return OSSL_PARAM_construct_BN(name, native, number.size);
}

static EVP_PKEY *make_rsa_key(struct slice modulus, struct slice exponent, struct arena *arena)
{
    OSSL_PARAM params[] = {number_param(OSSL_PKEY_PARAM_RSA_N, modulus, arena),
                           number_param(OSSL_PKEY_PARAM_RSA_E, exponent, arena),
                           OSSL_PARAM_construct_end()};
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

/* --- the record ---------------------------------------------------------------------------------
 */

static enum dkim_result no_key(const char **reason_out, const char *reason)
{
    *reason_out = reason;
    return DKIM_PERMERROR;
}

static enum dkim_result read_rsa_key(struct slice bytes, struct arena *arena, struct dkim_key *key,
                                     const char **reason_out)
{
    struct slice modulus, exponent;
    if (!read_rsa(bytes, &modulus, &exponent))
        return no_key(reason_out, "p= of the key record is no RSA key");
    key->bits = bit_count(modulus);
    if (key->bits < LEAST_RSA_BITS) {
        *reason_out = arena_printf(arena, "an RSA key of %u bits is too small", key->bits);
        return DKIM_POLICY;
    }
    if (key->bits > MOST_RSA_BITS || exponent.size > MOST_EXPONENT_BYTES) {
        *reason_out = arena_printf(arena, "an RSA key of %u bits is too large", key->bits);
        return DKIM_POLICY;
    }
    key->key = make_rsa_key(modulus, exponent, arena);
    return key->key != NULL ? DKIM_PASS : no_key(reason_out, "the RSA key cannot be used");
}

static enum dkim_result read_ed25519_key(struct slice bytes, struct dkim_key *key,
                                         const char **reason_out)
{
    if (bytes.size != ED25519_KEY_BYTES)
        return no_key(reason_out, "p= of the key record is no Ed25519 key");
    key->bits = 8 * ED25519_KEY_BYTES;
    key->key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
                                           (const unsigned char *)bytes.data, bytes.size);
    return key->key != NULL ? DKIM_PASS : no_key(reason_out, "the Ed25519 key cannot be used");
}

/* What the tags beside p= allow; NULL: this signature. */
static const char *find_objection(const struct dkim_tags *tags, enum dkim_algorithm algorithm)
{
    const struct dkim_tag *version = dkim_tags_find(tags, "v");
    if (version != NULL && (version != tags->tags || !slice_is(version->value, "DKIM1")))
        return "v= of the key record is not DKIM1 or not its first tag";
    const struct dkim_tag *type = dkim_tags_find(tags, "k");
    const char *wanted = algorithm == DKIM_RSA_SHA256 ? "rsa" : "ed25519";
    if (type == NULL ? algorithm != DKIM_RSA_SHA256 : !slice_is_nocase(type->value, wanted))
        return "k= of the key record is for another algorithm";
    const struct dkim_tag *hashes = dkim_tags_find(tags, "h");
    if (hashes != NULL && !dkim_list_has(hashes->value, "sha256"))
        return "h= of the key record does not allow sha256";
    const struct dkim_tag *services = dkim_tags_find(tags, "s");
    if (services != NULL && !dkim_list_has(services->value, "*") &&
        !dkim_list_has(services->value, "email"))
        return "s= of the key record is not for mail";
    const struct dkim_tag *key = dkim_tags_find(tags, "p");
    if (key == NULL)
        return "the key record has no p=";
    return key->value.size == 0 ? "the key is revoked (empty p=)" : NULL;
}

enum dkim_result dkim_key_parse(struct slice record, enum dkim_algorithm algorithm,
                                struct arena *arena, struct dkim_key *key_out,
                                const char **reason_out)
{
    struct dkim_tags tags;
    const char *wrong = dkim_tags_parse(record, &tags);
    if (wrong != NULL)
        return no_key(reason_out, arena_printf(arena, "the key record has %s", wrong));
    wrong = find_objection(&tags, algorithm);
    if (wrong != NULL)
        return no_key(reason_out, wrong);
    struct slice bytes = dkim_base64(dkim_tags_value(&tags, "p"), arena);
    if (bytes.size == 0)
        return no_key(reason_out, "p= of the key record is no base64");
    struct slice flags = dkim_tags_value(&tags, "t");
    struct dkim_key key = {.is_strict = dkim_list_has(flags, "s"),
                           .is_testing = dkim_list_has(flags, "y")};
    enum dkim_result result = algorithm == DKIM_RSA_SHA256
                                  ? read_rsa_key(bytes, arena, &key, reason_out)
                                  : read_ed25519_key(bytes, &key, reason_out);
    *key_out = key;
    return result;
}

bool dkim_key_is_record(struct slice record)
{
    struct slice first = slice_part(record, 0, slice_find_byte(record, ';'));
    size_t equals = slice_find_byte(first, '=');
    return !slice_is(slice_trim(slice_part(first, 0, equals)), "v") ||
           slice_is(slice_trim(slice_from(first, equals + 1)), "DKIM1");
}

/*
 * dkim_key: public key records (RFC 6376 section 3.6.1, 8301, 8463).
 *
 * RSA keys come as SubjectPublicKeyInfo or as a bare PKCS#1 RSAPublicKey; both are read here byte
 * by byte, since OpenSSL 3.0's decoders cost more than the verification itself and take locks.
 */
#ifndef ZAGUAN_MAIL_DKIM_KEY_H
#define ZAGUAN_MAIL_DKIM_KEY_H

#include "common/mail/dkim.h"

#include <openssl/evp.h>

enum dkim_algorithm { DKIM_RSA_SHA256, DKIM_ED25519_SHA256 };

struct dkim_key {
    EVP_PKEY *key;   /* the caller's: EVP_PKEY_free() */
    unsigned bits;   /* of the RSA modulus, exactly */
    bool is_strict;  /* t=s: i= must be d= itself */
    bool is_testing; /* t=y */
};

/*
 * DKIM_PASS: there is a key of this algorithm. Otherwise the result of the signature that names it:
 * permerror (wrong record, revoked, for another algorithm, hash or service) or policy (an RSA key
 * of less than 1024 bits), with *reason_out.
 */
enum dkim_result dkim_key_parse(struct slice record, enum dkim_algorithm algorithm,
                                struct arena *arena, struct dkim_key *key_out,
                                const char **reason_out);

/* A record with another v= than DKIM1 is no key record and does not count (section 3.6.1). */
bool dkim_key_is_record(struct slice record);

#endif

/*
 * minisign: keys and signatures in the files of minisign 0.11, so that anybody can check a list
 * with a packaged tool (docs/formats/minisig.md). Only prehashed signatures ("ED": Ed25519 over the
 * BLAKE2b-512 of the file) are made and accepted; the old form "Ed" is refused.
 *
 * A signature file may hold several signatures one after the other, four lines each; minisign reads
 * the first. What a trusted comment must say is the caller's to compare, after it was verified.
 */
#ifndef ZAGUAN_LISTS_TRUST_MINISIGN_H
#define ZAGUAN_LISTS_TRUST_MINISIGN_H

#include "common/base/buffer.h"
#include <stdint.h>

#define MINISIGN_ID_BYTES 8
#define MINISIGN_ID_TEXT_BYTES 17     /* sixteen hex digits and a NUL */
#define MINISIGN_PUBLIC_TEXT_BYTES 57 /* "RW..." and a NUL */
#define MINISIGN_COMMENT_BYTES 1024   /* of either comment, with its NUL */
#define MINISIGN_SECRET_FILE_BYTES 1400
#define MINISIGN_MOST_SIGNATURES 16 /* count in one file */
#define LIMIT_MINISIG_BYTES (MINISIGN_MOST_SIGNATURES * (2 * MINISIGN_COMMENT_BYTES + 256))

struct minisign_public {
    unsigned char id[MINISIGN_ID_BYTES];
    unsigned char key[32];
};

struct minisign_secret {
    struct minisign_public public;
    unsigned char secret[64]; /* seed and public key; wiped by minisign_secret_wipe() */
};

struct minisign_signature {
    unsigned char id[MINISIGN_ID_BYTES];
    unsigned char signature[64];
    unsigned char global[64]; /* over signature and trusted comment */
    char trusted_comment[MINISIGN_COMMENT_BYTES];
};

bool minisign_id_equals(const unsigned char a[MINISIGN_ID_BYTES],
                        const unsigned char b[MINISIGN_ID_BYTES]);
/* As minisign shows it: a little-endian number in hex. */
void minisign_write_id(const unsigned char id[MINISIGN_ID_BYTES],
                       char text[MINISIGN_ID_TEXT_BYTES]);
bool minisign_read_id(struct slice text, unsigned char id_out[MINISIGN_ID_BYTES]);

/* The 56 characters alone ("RW..."), or a file of minisign with its comment line. */
int minisign_read_public(struct slice text, const char *name, struct minisign_public *public_out,
                         struct error *err) MUST_CHECK;
void minisign_write_public(const struct minisign_public *public,
                           char text[MINISIGN_PUBLIC_TEXT_BYTES]);
/* The file of it, with comment. */
void minisign_format_public(const struct minisign_public *public, struct buffer *into);

/* Takes the first signature off *rest. 1 one more, 0 nothing left, -1 (errors name line in file).
 */
int minisign_next_signature(struct slice *rest, const char *name,
                            struct minisign_signature *signature_out, struct error *err) MUST_CHECK;
/*
 * 0: this key signed these bytes and the trusted comment. -1: ERROR_INPUT: another key's, changed
 * data, a changed comment.
 */
int minisign_verify(const struct minisign_public *public, struct slice content,
                    const struct minisign_signature *signature, struct error *err) MUST_CHECK;

/* Appends one signature, four lines. The trusted comment is one line without control characters. */
int minisign_sign(const struct minisign_secret *secret, struct slice content,
                  const char *trusted_comment, struct buffer *into, struct error *err) MUST_CHECK;

int minisign_make(struct minisign_secret *secret_out, struct error *err) MUST_CHECK;
void minisign_secret_wipe(struct minisign_secret *secret);
/* An empty passphrase: not encrypted, as `minisign -W` does. Encrypting takes seconds on purpose.
 */
int minisign_format_secret(const struct minisign_secret *secret, struct slice passphrase,
                           struct buffer *into, struct error *err) MUST_CHECK;
/* True when the file needs a passphrase. */
bool minisign_secret_is_encrypted(struct slice text);
/* ERROR_INPUT "wrong passphrase" among others. */
int minisign_read_secret(struct slice text, const char *name, struct slice passphrase,
                         struct minisign_secret *secret_out, struct error *err) MUST_CHECK;

#endif

/*
 * keys: the server's keys in key_folder. review.pub (32 bytes, X25519, as hex) is what the milter
 * seals to; review.key opens it and is read by zaguan-review and zaguan-answer alone; digest.key
 * (32 bytes) keys the digests of correspondents and log lines.
 */
#ifndef ZAGUAN_QUARANTINE_KEYS_H
#define ZAGUAN_QUARANTINE_KEYS_H

#include "common/base/error.h"
#include "common/base/keyed.h"
#include "common/base/settings.h"

struct keys {
    unsigned char review_public[32];
    unsigned char review_secret[32];
    bool has_secret;
    unsigned char digest_key[KEYED_KEY_BYTES];
};

enum keys_needed { KEYS_PUBLIC, KEYS_SECRET };

/* KEYS_PUBLIC never opens review.key. ERROR_NOT_FOUND names the file and says `zaguan key init`. */
int keys_read(const struct settings *settings, enum keys_needed needed, struct keys *keys_out,
              struct error *err) MUST_CHECK;
/* Makes what is missing, never replaces a file. */
int keys_make(const struct settings *settings, struct error *err) MUST_CHECK;

/* crypto_box_seal to the review key, and back; sealed text is 48 bytes longer. */
int keys_seal(const struct keys *keys, struct slice plain, struct buffer *sealed,
              struct error *err) MUST_CHECK;
int keys_open(const struct keys *keys, struct slice sealed, struct buffer *plain,
              struct error *err) MUST_CHECK;

#endif

/*
 * identity: by what the same mail is known again (a keyed digest, of no use without digest.key),
 * and the SHA-256 of the bytes at arrival, which the sheet keeps.
 */
#ifndef ZAGUAN_QUARANTINE_IDENTITY_H
#define ZAGUAN_QUARANTINE_IDENTITY_H

#include "quarantine/keys.h"
#include "quarantine/sheet.h"

void identity_digest(struct slice message, unsigned char digest_out[SHEET_DIGEST_BYTES]);
void identity_make(const struct keys *keys, struct slice envelope_sender,
                   const unsigned char digest[SHEET_DIGEST_BYTES],
                   unsigned char identity_out[KEYED_DIGEST_BYTES]);

#endif

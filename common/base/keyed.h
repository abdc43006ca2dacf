/*
 * keyed: BLAKE2b-192 with a secret key, for values that must be found again but not read:
 * correspondents, senders in log lines, blocked senders. `purpose` keeps the uses apart, so that a
 * digest of one table says nothing about another. Honest limit: who has the key can test guesses.
 */
#ifndef ZAGUAN_BASE_KEYED_H
#define ZAGUAN_BASE_KEYED_H

#include "common/base/slice.h"

#define KEYED_KEY_BYTES 32
#define KEYED_DIGEST_BYTES 24

void keyed_digest(const unsigned char key[KEYED_KEY_BYTES], const char *purpose, struct slice value,
                  unsigned char digest_out[KEYED_DIGEST_BYTES]);

#endif

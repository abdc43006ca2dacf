/*
 * keyed_pair: the digest of an address in one member's tables. The member's id is part of it: rows
 * of two members who know the same person do not look alike. Private to policy/.
 */
#ifndef ZAGUAN_POLICY_KEYED_PAIR_H
#define ZAGUAN_POLICY_KEYED_PAIR_H

#include "quarantine/keys.h"

/* Of any length: an address of a hostile mail has none that we choose. */
void keyed_pair(const struct keys *keys, const char *purpose, int64_t member_id,
                struct slice address, unsigned char digest_out[KEYED_DIGEST_BYTES]);

#endif

/*
 * contact: whom a member has written to, as keyed digests; nobody can read the table back.
 * Aging: CONTACT_DAYS without writing and it is forgotten.
 */
#ifndef ZAGUAN_POLICY_CONTACT_H
#define ZAGUAN_POLICY_CONTACT_H

#include "common/store/store_sender.h"
#include "quarantine/keys.h"

#define CONTACT_DAYS 730

void contact_digest(const struct keys *keys, int64_t member_id, struct slice canonical_address,
                    unsigned char digest_out[KEYED_DIGEST_BYTES]);
int contact_add(struct store *store, const struct keys *keys, int64_t member_id,
                struct slice canonical_address, int64_t now, struct error *err) MUST_CHECK;
/* 1 yes, 0 no, -1 */
int contact_is_known(struct store *store, const struct keys *keys, int64_t member_id,
                     struct slice canonical_address, struct error *err) MUST_CHECK;

#endif

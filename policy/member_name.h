/*
 * member_name: the names a member signs with, learned from mail that is surely hers (an answer to a
 * mail of zaguan, a mail she handed in by her login) and kept as keyed digests that nobody can read
 * back: a mail that shows one of them and comes from elsewhere is told (rule_impersonates.c).
 * At most MEMBER_NAME_MOST of each; none of who is not on, or has set category.impersonation off;
 * that setting and `forget me` remove them.
 */
#ifndef ZAGUAN_POLICY_MEMBER_NAME_H
#define ZAGUAN_POLICY_MEMBER_NAME_H

#include "policy/full_name.h"
#include "policy/member.h"
#include "quarantine/keys.h"

#define MEMBER_NAME_MOST 4

void member_name_digest(const unsigned char key[KEYED_KEY_BYTES], const struct full_name *name,
                        unsigned char digest_out[KEYED_DIGEST_BYTES]);

/* `from`: the value of the From field of that mail; of any other address than hers nothing is
 * learned. 0 also when there was nothing to learn. */
int member_name_learn(struct store *store, const struct keys *keys, const struct settings *settings,
                      const struct member *member, struct slice from, struct arena *arena,
                      int64_t now, struct error *err) MUST_CHECK;
/* 1 the display name shows one of hers, 0 not. */
int member_name_is_hers(struct store *store, const struct keys *keys, int64_t member_id,
                        struct slice display, struct arena *arena, struct error *err) MUST_CHECK;

#endif

/*
 * sender: senders whom a member or the admin let through or blocked, as keyed digests with a label
 * sealed to the review key. An allow counts only for a sender whose domain is proven
 * (auth_proves_sender), so a forged From never profits; a block counts for From and envelope
 * sender.
 */
#ifndef ZAGUAN_POLICY_SENDER_H
#define ZAGUAN_POLICY_SENDER_H

#include "common/store/store_sender.h"
#include "quarantine/keys.h"

/* Who is not blocked any more leaves no likeness behind (likeness.h). */
int sender_set_rule(struct store *store, const struct keys *keys, int64_t member_id,
                    struct slice canonical_address, enum store_sender_rule rule, int64_t now,
                    struct error *err) MUST_CHECK;
int sender_clear_rule(struct store *store, const struct keys *keys, int64_t member_id,
                      struct slice canonical_address, struct error *err) MUST_CHECK; /* 1/0/-1 */
/*
 * Of the From address, else of its "@domain"; a block also of the envelope sender or its "@domain".
 * 0 with *rule_out STORE_SENDER_NONE when there is no rule. Addresses canonical, may be empty.
 */
int sender_find_rule(struct store *store, const struct keys *keys, int64_t member_id,
                     struct slice from_address, struct slice sender,
                     enum store_sender_rule *rule_out, struct error *err) MUST_CHECK;

#endif

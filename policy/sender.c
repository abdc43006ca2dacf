#include "policy/sender.h"

#include "common/base/limits.h"
#include "common/store/store_likeness.h"
#include "policy/keyed_pair.h"

/* What was learnt of a blocked sender goes with the block; that she excused him, with a new one. */
static int forget_likeness(struct store *store, const struct store_sender *sender,
                           struct error *err)
{
    if (sender->rule == STORE_SENDER_BLOCK)
        return store_likeness_blame(store, sender->member_id, sender->digest, err);
    return store_likeness_forget(store, sender->member_id, sender->digest, err);
}

int sender_set_rule(struct store *store, const struct keys *keys, int64_t member_id,
                    struct slice canonical_address, enum store_sender_rule rule, int64_t now,
                    struct error *err)
{
    struct store_sender sender = {.member_id = member_id, .rule = rule, .created_at = now};
    BUFFER_CLEANUP label = buffer_new(LIMIT_ADDRESS_BYTES + 64);
    if (slice_is_empty(canonical_address))
        return error_set(err, ERROR_INPUT, "a sender without an address");
    keyed_pair(keys, "sender", member_id, canonical_address, sender.digest);
    if (keys_seal(keys, canonical_address, &label, err) != 0)
        return -1;
    sender.sealed_label = buffer_slice(&label);
    if (forget_likeness(store, &sender, err) != 0)
        return -1;
    return store_sender_put(store, &sender, err);
}

int sender_clear_rule(struct store *store, const struct keys *keys, int64_t member_id,
                      struct slice canonical_address, struct error *err)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    if (slice_is_empty(canonical_address))
        return 0;
    keyed_pair(keys, "sender", member_id, canonical_address, digest);
    if (store_likeness_forget(store, member_id, digest, err) != 0)
        return -1;
    return store_sender_remove(store, member_id, digest, err);
}

static int find_exact(struct store *store, const struct keys *keys, int64_t member_id,
                      struct slice address, enum store_sender_rule *rule_out, struct error *err)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    keyed_pair(keys, "sender", member_id, address, digest);
    return store_sender_find(store, member_id, digest, rule_out, err);
}

/* Of the address, else of its "@domain". */
static int find_of(struct store *store, const struct keys *keys, int64_t member_id,
                   struct slice address, enum store_sender_rule *rule_out, struct error *err)
{
    enum store_sender_rule rule = STORE_SENDER_NONE;
    *rule_out = STORE_SENDER_NONE;
    if (slice_is_empty(address))
        return 0;
    int found = find_exact(store, keys, member_id, address, &rule, err);
    size_t at = slice_find_last_byte(address, '@');
    if (found == 0 && at < address.size)
        found = find_exact(store, keys, member_id, slice_from(address, at), &rule, err);
    if (found < 0)
        return -1;
    *rule_out = found == 1 ? rule : STORE_SENDER_NONE;
    return 0;
}

/*
 * What is proven of a mail is the domain of its From, so only From can earn an allow: by the
 * envelope sender, which anyone can write, a stranger with a proven From of his own would borrow
 * it. A block of either holds.
 */
int sender_find_rule(struct store *store, const struct keys *keys, int64_t member_id,
                     struct slice from_address, struct slice sender,
                     enum store_sender_rule *rule_out, struct error *err)
{
    enum store_sender_rule of_from, of_sender;
    if (find_of(store, keys, member_id, from_address, &of_from, err) != 0 ||
        find_of(store, keys, member_id, sender, &of_sender, err) != 0)
        return -1;
    *rule_out = of_sender == STORE_SENDER_BLOCK ? STORE_SENDER_BLOCK : of_from;
    return 0;
}

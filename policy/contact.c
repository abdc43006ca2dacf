#include "policy/contact.h"

#include "policy/keyed_pair.h"

void contact_digest(const struct keys *keys, int64_t member_id, struct slice canonical_address,
                    unsigned char digest_out[KEYED_DIGEST_BYTES])
{
    keyed_pair(keys, "contact", member_id, canonical_address, digest_out);
}

int contact_add(struct store *store, const struct keys *keys, int64_t member_id,
                struct slice canonical_address, int64_t now, struct error *err)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    if (slice_is_empty(canonical_address))
        return error_set(err, ERROR_INPUT, "a contact without an address");
    contact_digest(keys, member_id, canonical_address, digest);
    return store_contact_put(store, member_id, digest, now, err);
}

int contact_is_known(struct store *store, const struct keys *keys, int64_t member_id,
                     struct slice canonical_address, struct error *err)
{
    unsigned char digest[KEYED_DIGEST_BYTES];
    int64_t written_at;
    if (slice_is_empty(canonical_address))
        return 0;
    contact_digest(keys, member_id, canonical_address, digest);
    return store_contact_find(store, member_id, digest, &written_at, err);
}

#include "policy/outgoing.h"

#include "common/base/buffer.h"

int outgoing_queue(struct store *store, const struct keys *keys, const char *kind,
                   int64_t member_id, struct slice recipient, struct slice mail, int64_t digest_id,
                   int64_t now, struct error *err)
{
    BUFFER_CLEANUP plain = buffer_new(OUTBOX_MAIL_BYTES);
    BUFFER_CLEANUP sealed = buffer_new(OUTBOX_MAIL_BYTES + 64);
    if (slice_is_empty(recipient) || recipient.size > LIMIT_ADDRESS_BYTES ||
        slice_find_byte(recipient, '\0') < recipient.size)
        return error_set(err, ERROR_BUG, "a mail of ours without a recipient");
    buffer_append(&plain, recipient);
    buffer_append_byte(&plain, '\0');
    buffer_append(&plain, mail);
    if (buffer_check(&plain, "a mail of ours", err) != 0 ||
        keys_seal(keys, buffer_slice(&plain), &sealed, err) != 0)
        return -1;
    struct store_outgoing row = {
        .member_id = member_id,
        .kind = slice_of(kind),
        .sealed_mail = buffer_slice(&sealed),
        .digest_id = digest_id,
        .created_at = now,
        .next_try_at = now,
    };
    return store_outbox_put(store, &row, err);
}

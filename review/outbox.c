#include "review/outbox.h"

#include "common/base/limits.h"

#define LIST_BYTES (8 * MIB)

int outbox_queue(struct store *store, const struct keys *keys, const char *kind, int64_t member_id,
                 struct slice recipient, struct slice mail, int64_t digest_id, int64_t now,
                 struct error *err)
{
    return outgoing_queue(store, keys, kind, member_id, recipient, mail, digest_id, now, err);
}

int outbox_has_digest(struct store *store, int64_t member_id, struct error *err)
{
    ARENA_CLEANUP *arena = arena_new(LIST_BYTES);
    struct store_outgoing *mails;
    size_t count;
    if (arena == NULL)
        return error_set(err, ERROR_SYSTEM, "no memory for the outbox");
    if (store_outbox_list(store, INT64_MAX, arena, &mails, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (mails[i].member_id == member_id && mails[i].digest_id != 0)
            return 1;
    return 0;
}

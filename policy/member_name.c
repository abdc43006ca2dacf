#include "policy/member_name.h"

#include "common/mail/address.h"
#include "common/store/store_name.h"

#define FRESH_SECONDS (30 * 86400) /* a name seen since then costs no commit */

void member_name_digest(const unsigned char key[KEYED_KEY_BYTES], const struct full_name *name,
                        unsigned char digest_out[KEYED_DIGEST_BYTES])
{
    keyed_digest(key, "full name", slice_of(name->words), digest_out);
}

/* The display name of the only mailbox, if it is hers; else empty. */
static int read_display(const struct settings *settings, const struct member *member,
                        struct slice from, struct arena *arena, struct slice *display_out,
                        struct error *err)
{
    struct mailbox *mailboxes;
    size_t count, broken;
    *display_out = (struct slice){NULL, 0};
    if (address_parse_list(from, arena, &mailboxes, &count, &broken, err) != 0)
        return -1;
    if (count != 1 || broken != 0)
        return 0;
    struct slice address =
        address_canonical(&mailboxes[0].address, settings->recipient_delimiter, arena);
    if (slice_equals(address, member->row.address))
        *display_out = mailboxes[0].display;
    return arena_is_exhausted(arena) ? arena_error(arena, err) : 0;
}

int member_name_learn(struct store *store, const struct keys *keys, const struct settings *settings,
                      const struct member *member, struct slice from, struct arena *arena,
                      int64_t now, struct error *err)
{
    struct full_name names[FULL_NAME_MOST];
    struct store_name name = {.member_id = member->row.id};
    struct slice display;
    int64_t seen_at;
    if (!member_is_on(member) || member->wishes.category[CATEGORY_IMPERSONATION] == WISH_OFF)
        return 0;
    if (read_display(settings, member, from, arena, &display, err) != 0)
        return -1;
    if (full_name_read(display, arena, names) == 0)
        return 0;
    /* Only the first: behind it stand offices and groups. */
    member_name_digest(keys->digest_key, &names[0], name.digest);
    int found = store_name_seen(store, &name, &seen_at, err);
    if (found < 0 || (found == 1 && seen_at > now - FRESH_SECONDS))
        return found < 0 ? -1 : 0;
    return store_name_put(store, &name, now, MEMBER_NAME_MOST, err);
}

int member_name_is_hers(struct store *store, const struct keys *keys, int64_t member_id,
                        struct slice display, struct arena *arena, struct error *err)
{
    struct full_name names[FULL_NAME_MOST];
    size_t count = full_name_read(display, arena, names);
    for (size_t i = 0; i < count; i++) {
        struct store_name name = {.member_id = member_id};
        int64_t seen_at;
        member_name_digest(keys->digest_key, &names[i], name.digest);
        int found = store_name_seen(store, &name, &seen_at, err);
        if (found != 0)
            return found;
    }
    return 0;
}

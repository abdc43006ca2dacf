#include "milter/wish.h"

static int find_one(const struct message_tools *tools, struct message_recipient *recipient,
                    struct arena *arena, struct error *err)
{
    if (tools->store == NULL) {
        recipient->is_member_on = tools->wishes != NULL;
        if (recipient->is_member_on)
            recipient->member.wishes = *tools->wishes;
        return 0;
    }
    struct error trouble = {0};
    int found = member_find(tools->store, tools->settings, recipient->path, arena,
                            &recipient->member, &trouble);
    /* An address nobody could have been invited by is no member's. */
    if (found < 0 && trouble.kind == ERROR_INPUT)
        return 0;
    if (found < 0) {
        if (err != NULL)
            *err = trouble;
        return error_context(err, "wishes");
    }
    recipient->is_member_on = found == 1 && member_is_on(&recipient->member);
    return 0;
}

int wish_find(const struct message_tools *tools, const struct envelope *envelope,
              struct arena *arena, struct message_result *result, struct error *err)
{
    size_t count = envelope->recipient_count;
    if (count == 0)
        return 0;
    result->recipients = arena_alloc_array(arena, count, sizeof *result->recipients);
    if (result->recipients == NULL)
        return arena_error(arena, err);
    result->recipient_count = count;
    for (size_t i = 0; i < count; i++) {
        struct message_recipient *recipient = &result->recipients[i];
        recipient->path = envelope->recipients[i];
        if (find_one(tools, recipient, arena, err) != 0)
            return -1;
        if (tools->store == NULL) /* as household_of() numbers them */
            recipient->member.row.id = (int64_t)i + 1;
        result->is_looked_at = result->is_looked_at || recipient->is_member_on;
    }
    return 0;
}

#include "quarantine/release.h"
#include "review/do.h"

static enum release_outcome outcome_of(enum store_item_state state)
{
    switch (state) {
    case STORE_ITEM_HELD:
    case STORE_ITEM_EXPIRED:
        return RELEASE_GONE;
    case STORE_ITEM_RELEASING:
    case STORE_ITEM_RELEASED:
        return RELEASE_ALREADY;
    case STORE_ITEM_DELETED:
        return RELEASE_DELETED;
    case STORE_ITEM_REFUSED:
        return RELEASE_REFUSED;
    }
    return RELEASE_GONE;
}

/* A mail that one entry alone held, and she wants it: after a few of them the entry only tags
 * (lists/update/update.h). */
static int count_release(struct conversation *talk, int64_t item_id, struct error *err)
{
    struct found_item found;
    const struct item_reason *alone = NULL;
    int is_there = find_item(talk->store, talk->keys, item_id, talk->arena, &found, err);
    for (size_t i = 0; is_there == 1 && i < found.reason_count; i++) {
        const struct item_reason *reason = &found.reasons[i];
        if (!slice_is(reason->rule, "list") ||
            (alone != NULL && !slice_equals(alone->entry, reason->entry)))
            return 0;
        alone = reason;
    }
    if (is_there != 1 || alone == NULL)
        return is_there < 0 ? -1 : 0;
    return store_entry_count(talk->store, alone->list, alone->entry, STORE_ENTRY_RELEASED, err);
}

int release_item(struct conversation *talk, const struct conversation_item *item,
                 size_t *outcome_out, struct error *err)
{
    enum store_item_state state = item->item.state;
    int asked = release_request(talk->store, item->item.id, talk->now, &state, err);
    if (asked < 0 || (asked == 1 && (conversation_log(talk, item->item.id, "released", err) != 0 ||
                                     count_release(talk, item->item.id, err) != 0)))
        return -1;
    *outcome_out = asked == 1 ? RELEASE_ASKED : outcome_of(state);
    return 0;
}

int do_release(struct conversation *talk, const struct command *command, struct error *err)
{
    static const struct outcome outcomes[] = {RELEASE_PHRASES};
    return conversation_each_item(talk, command, release_item, outcomes, RELEASE_OUTCOMES, err);
}

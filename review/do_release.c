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

int release_item(struct conversation *talk, const struct conversation_item *item,
                 size_t *outcome_out, struct error *err)
{
    enum store_item_state state = item->item.state;
    int asked = release_request(talk->store, item->item.id, talk->now, &state, err);
    if (asked < 0 || (asked == 1 && conversation_log(talk, item->item.id, "released", err) != 0))
        return -1;
    *outcome_out = asked == 1 ? RELEASE_ASKED : outcome_of(state);
    return 0;
}

int do_release(struct conversation *talk, const struct command *command, struct error *err)
{
    static const struct outcome outcomes[] = {RELEASE_PHRASES};
    return conversation_each_item(talk, command, release_item, outcomes, RELEASE_OUTCOMES, err);
}

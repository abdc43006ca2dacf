#include "review/do.h"
#include "quarantine/expire.h"
#include <inttypes.h>

enum undo_outcome { UNDO_DONE, UNDO_NOT_DELETED, UNDO_OUTCOMES };

static int undo_item(struct conversation *talk, const struct conversation_item *item,
                     size_t *outcome_out, struct error *err)
{
    *outcome_out = UNDO_NOT_DELETED;
    if (item->item.state != STORE_ITEM_DELETED)
        return 0;
    int done = delete_undo(talk->store, item->item.id, talk->now, err);
    if (done < 0 || (done == 1 && conversation_log(talk, item->item.id, "restored", err) != 0))
        return -1;
    if (done == 1)
        *outcome_out = UNDO_DONE;
    return 0;
}

/* What one reply deleted has the same moment: the latest moment is the last deletion. */
static int undo_last(struct conversation *talk, int64_t *count_out, struct error *err)
{
    struct store_item_filter deleted = {.member_id = talk->member.row.id,
                                        .states = 1u << STORE_ITEM_DELETED};
    struct store_item *items;
    size_t count;
    int64_t last = 0;
    *count_out = 0;
    if (store_item_list(talk->store, &deleted, talk->arena, &items, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (items[i].undo_until > talk->now && items[i].changed_at > last)
            last = items[i].changed_at;
    for (size_t i = 0; i < count; i++) {
        if (last == 0 || items[i].changed_at != last || items[i].undo_until <= talk->now)
            continue;
        size_t outcome;
        struct conversation_item item = {.item = items[i]};
        if (undo_item(talk, &item, &outcome, err) != 0)
            return -1;
        *count_out += outcome == UNDO_DONE;
    }
    return 0;
}

int do_undo(struct conversation *talk, const struct command *command, struct error *err)
{
    static const struct outcome outcomes[] = {
        {PHRASE("Brought back, held as before"), NULL},
        {PHRASE("Not deleted, or too long ago to bring back"), NULL},
    };
    if (command->codes.count > 0 || command->codes.is_all)
        return conversation_each_item(talk, command, undo_item, outcomes, UNDO_OUTCOMES, err);
    int64_t count;
    if (undo_last(talk, &count, err) != 0)
        return -1;
    if (count == 0)
        receipt_say(talk->receipt, "%s",
                    conversation_say(talk, "There is no deletion that could be taken back."));
    else
        receipt_say(talk->receipt,
                    phrase_count(talk->member.wishes.language,
                                 "Your last deletion is taken back: %lu mail is held as before.",
                                 "Your last deletion is taken back: %lu mails are held as before.",
                                 (unsigned long)count),
                    (unsigned long)count);
    return 0;
}

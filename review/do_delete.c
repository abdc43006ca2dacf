#include "quarantine/expire.h"
#include "review/do.h"
#include <stdio.h>

#define SECONDS_OF_DAY 86400

enum delete_outcome {
    DELETE_DONE,
    DELETE_ALREADY,
    DELETE_PINNED,
    DELETE_TOO_LATE,
    DELETE_OUTCOMES
};

/* Evidence is not lost by a wide "delete all": she unpins it first. */
static int delete_item(struct conversation *talk, const struct conversation_item *item,
                       size_t *outcome_out, struct error *err)
{
    enum store_item_state state = item->item.state;
    *outcome_out = state == STORE_ITEM_DELETED ? DELETE_ALREADY : DELETE_TOO_LATE;
    if (state != STORE_ITEM_HELD && state != STORE_ITEM_REFUSED)
        return 0;
    *outcome_out = DELETE_PINNED;
    if (item->item.is_pinned)
        return 0;
    int done = delete_request(talk->store, item->item.id, talk->now,
                              talk->settings->undo_days * SECONDS_OF_DAY, err);
    if (done < 0 || (done == 1 && conversation_log(talk, item->item.id, "deleted", err) != 0))
        return -1;
    *outcome_out = done == 1 ? DELETE_DONE : DELETE_TOO_LATE;
    return 0;
}

int do_delete(struct conversation *talk, const struct command *command, struct error *err)
{
    char after[200];
    snprintf(after, sizeof after,
             phrase_count(talk->member.wishes.language,
                          "For %lu day you can take that back: answer \"undo\".",
                          "For %lu days you can take that back: answer \"undo\".",
                          (unsigned long)talk->settings->undo_days),
             (unsigned long)talk->settings->undo_days);
    const struct outcome outcomes[] = {
        {PHRASE("Deleted"), after}, /* in her language already: it is in no catalog */
        {PHRASE("Deleted before"), NULL},
        {PHRASE("Kept as evidence, so not deleted"),
         PHRASE("First write \"unkeep\" and the number; then delete it.")},
        {PHRASE("Not here any more, or on its way to you"), NULL},
    };
    return conversation_each_item(talk, command, delete_item, outcomes, DELETE_OUTCOMES, err);
}

#include "quarantine/expire.h"
#include "review/do.h"

enum keep_outcome { KEEP_DONE, KEEP_ALREADY, KEEP_GONE, KEEP_OUTCOMES };

static int pin(struct conversation *talk, const struct conversation_item *item, bool is_pinned,
               size_t *outcome_out, struct error *err)
{
    enum store_item_state state = item->item.state;
    *outcome_out = KEEP_GONE;
    if (state == STORE_ITEM_DELETED || state == STORE_ITEM_EXPIRED)
        return 0;
    *outcome_out = KEEP_ALREADY;
    if (item->item.is_pinned == is_pinned)
        return 0;
    int done = keep_item(talk->store, item->item.id, is_pinned, err);
    if (done < 0 || (done == 1 && conversation_log(talk, item->item.id,
                                                   is_pinned ? "kept" : "unkept", err) != 0))
        return -1;
    *outcome_out = done == 1 ? KEEP_DONE : KEEP_GONE;
    return 0;
}

static int keep(struct conversation *talk, const struct conversation_item *item,
                size_t *outcome_out, struct error *err)
{
    return pin(talk, item, true, outcome_out, err);
}

static int unkeep(struct conversation *talk, const struct conversation_item *item,
                  size_t *outcome_out, struct error *err)
{
    return pin(talk, item, false, outcome_out, err);
}

int do_keep(struct conversation *talk, const struct command *command, struct error *err)
{
    static const struct outcome outcomes[] = {
        {PHRASE("Kept as evidence; it does not expire"),
         PHRASE("To take that back, write \"unkeep\" and the number.")},
        {PHRASE("Kept before"), NULL},
        {PHRASE("No longer here, or deleted"), NULL},
    };
    return conversation_each_item(talk, command, keep, outcomes, KEEP_OUTCOMES, err);
}

int do_unkeep(struct conversation *talk, const struct command *command, struct error *err)
{
    static const struct outcome outcomes[] = {
        {PHRASE("No longer kept as evidence; it expires like the others"),
         PHRASE("To take that back, write \"keep\" and the number.")},
        {PHRASE("It was not kept as evidence"), NULL},
        {PHRASE("No longer here, or deleted"), NULL},
    };
    return conversation_each_item(talk, command, unkeep, outcomes, KEEP_OUTCOMES, err);
}

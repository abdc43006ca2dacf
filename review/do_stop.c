/* stop, and what becomes of the mail that is still held. */
#include "review/do.h"

static int list_held(struct conversation *talk, struct store_item **items_out, size_t *count_out,
                     struct error *err)
{
    struct store_item_filter held = {.member_id = talk->member.row.id,
                                     .states = 1u << STORE_ITEM_HELD | 1u << STORE_ITEM_REFUSED,
                                     .without_split = true};
    return store_item_list(talk->store, &held, talk->arena, items_out, count_out, err);
}

/* A digest of everything that is still held, so that "all" in the answer to the receipt means all,
 * also what came after her last digest. */
static int number_held(struct conversation *talk, const struct store_item *items, size_t count,
                       int64_t *digest_id_out, int64_t *expires_at_out, struct error *err)
{
    int64_t *ids = arena_alloc_array(talk->arena, count + 1, sizeof *ids);
    if (ids == NULL)
        return arena_error(talk->arena, err);
    *expires_at_out = talk->token.expires_at;
    for (size_t i = 0; i < count; i++) {
        ids[i] = items[i].id;
        if (items[i].expires_at > *expires_at_out)
            *expires_at_out = items[i].expires_at;
    }
    *digest_id_out = 0;
    return count == 0 ? 0
                      : store_digest_put(talk->store, talk->member.row.id, talk->now, ids, count,
                                         digest_id_out, err);
}

static void say_stopped(struct conversation *talk, size_t held)
{
    receipt_say(talk->receipt, "%s",
                conversation_say(talk, "You stopped. From now on all your mail is delivered "
                                       "untouched, and nobody looks at it. To begin again, answer "
                                       "this mail with \"yes\"."));
    if (held == 0)
        return;
    receipt_say(talk->receipt,
                phrase_count(talk->member.wishes.language, "%lu mail is still held.",
                             "%lu mails are still held.", held),
                (unsigned long)held);
    receipt_say(talk->receipt, "%s",
                conversation_say(talk, "You can answer this mail with \"release all\" or \"delete "
                                       "all\". If you do nothing, they wait here until they "
                                       "expire."));
}

int do_stop(struct conversation *talk, const struct command *command, struct error *err)
{
    struct store_item *items;
    size_t count;
    int64_t digest_id = 0, expires_at = 0;
    (void)command;
    if (talk->member.row.state == STORE_MEMBER_OFF) {
        receipt_say(talk->receipt, "%s",
                    conversation_say(talk, "You had stopped before: your mail is delivered "
                                           "untouched."));
        return 0;
    }
    if (member_stop(talk->store, &talk->member, talk->now, err) != 0 ||
        conversation_log(talk, 0, "stopped", err) != 0 ||
        list_held(talk, &items, &count, err) != 0 ||
        number_held(talk, items, count, &digest_id, &expires_at, err) != 0 ||
        conversation_ask(talk, "start", digest_id, expires_at, err) != 0)
        return -1;
    say_stopped(talk, count);
    return 0;
}

/* Verbs about the sender of an item: let through and block; each takes the other back. */
#include "common/mail/address.h"
#include "policy/sender.h"
#include "review/do.h"
#include "review/learn.h"
#include <string.h>

int item_sender(const struct conversation *talk, const struct item_sheet *sheet,
                struct slice *address_out, struct error *err)
{
    struct slice written = sheet->from_address;
    struct address address;
    struct error why = {0};
    if (slice_is_empty(written))
        written = sheet->envelope_sender;
    *address_out = slice_of(NULL);
    if (slice_is_empty(written))
        return 0;
    if (address_parse_path(written, talk->arena, &address, &why) != 0)
        return why.kind == ERROR_INPUT ? 0 : error_set(err, why.kind, "%s", why.text);
    if (slice_is_empty(address.local) || slice_is_empty(address.domain))
        return 0;
    *address_out = address_canonical(&address, talk->settings->recipient_delimiter, talk->arena);
    return slice_is_empty(*address_out) ? arena_error(talk->arena, err) : 0;
}

bool item_proves(struct slice address, const struct item_sheet *sheet)
{
    struct slice proven = sheet->proven_domain;
    struct slice domain = slice_from(address, slice_find_last_byte(address, '@') + 1);
    if (proven.size == 0 || domain.size < proven.size)
        return false;
    struct slice end = slice_from(domain, domain.size - proven.size);
    return slice_equals_nocase(end, proven) &&
           (domain.size == proven.size || domain.data[domain.size - proven.size - 1] == '.');
}

enum let_outcome {
    LET_THROUGH_ASKED = RELEASE_OUTCOMES,
    LET_THROUGH_RULE_ONLY,
    LET_UNPROVEN,
    LET_OUTCOMES
};

/* An allow only for who is proven: else everybody who writes this address into From profits. */
static int let_through(struct conversation *talk, const struct conversation_item *item,
                       size_t *outcome_out, struct error *err)
{
    struct found_item found;
    struct slice address;
    size_t released;
    int is_there = find_item(talk->store, talk->keys, item->item.id, talk->arena, &found, err);
    *outcome_out = RELEASE_GONE;
    if (is_there <= 0)
        return is_there;
    if (item_sender(talk, &found.sheet, &address, err) != 0 ||
        release_item(talk, item, &released, err) != 0)
        return -1;
    *outcome_out = released == RELEASE_ASKED ? LET_UNPROVEN : released;
    if (slice_is_empty(address))
        return 0;
    if (!item_proves(address, &found.sheet)) {
        enum store_sender_rule rule;
        if (sender_find_rule(talk->store, talk->keys, talk->member.row.id, address, slice_of(NULL),
                             &rule, err) != 0)
            return -1;
        return rule == STORE_SENDER_BLOCK &&
                       sender_clear_rule(talk->store, talk->keys, talk->member.row.id, address,
                                         err) < 0
                   ? -1
                   : 0;
    }
    if (sender_set_rule(talk->store, talk->keys, talk->member.row.id, address, STORE_SENDER_ALLOW,
                        talk->now, err) != 0)
        return -1;
    *outcome_out = released == RELEASE_ASKED ? LET_THROUGH_ASKED : LET_THROUGH_RULE_ONLY;
    return conversation_log(talk, item->item.id, "let through", err);
}

int do_let_through(struct conversation *talk, const struct command *command, struct error *err)
{
    static const struct outcome outcomes[] = {
        RELEASE_PHRASES,
        {PHRASE("This sender passes from now on, and the mail is on its way to you"),
         PHRASE("To take that back, write \"block\" and the number.")},
        {PHRASE("This sender passes from now on"),
         PHRASE("To take that back, write \"block\" and the number.")},
        {PHRASE("Released, this once"),
         PHRASE("We could not prove who really sent it: anybody could write under that name. So "
                "only this mail passes.")},
    };
    return conversation_each_item(talk, command, let_through, outcomes, LET_OUTCOMES, err);
}

enum block_outcome { BLOCK_DONE, BLOCK_LEARNT, BLOCK_NOBODY, BLOCK_GONE, BLOCK_OUTCOMES };

static int block(struct conversation *talk, const struct conversation_item *item,
                 size_t *outcome_out, struct error *err)
{
    struct found_item found;
    struct slice address;
    int is_there = find_item(talk->store, talk->keys, item->item.id, talk->arena, &found, err);
    *outcome_out = BLOCK_GONE;
    if (is_there <= 0)
        return is_there;
    if (item_sender(talk, &found.sheet, &address, err) != 0)
        return -1;
    *outcome_out = BLOCK_NOBODY;
    if (slice_is_empty(address))
        return 0;
    if (sender_set_rule(talk->store, talk->keys, talk->member.row.id, address, STORE_SENDER_BLOCK,
                        talk->now, err) != 0 ||
        learn_blocked(talk, &found, address, err) != 0)
        return -1;
    *outcome_out = talk->member.wishes.resembling == WISH_OFF ? BLOCK_DONE : BLOCK_LEARNT;
    return conversation_log(talk, item->item.id, "blocked", err);
}

int do_block(struct conversation *talk, const struct command *command, struct error *err)
{
    static const struct outcome outcomes[] = {
        {PHRASE("Mail of this sender is held from now on"),
         PHRASE("To take that back, write \"let through\" and the number.")},
        {PHRASE("Mail of this sender is held from now on"),
         PHRASE("A scrambled mark of it is kept, so that mail like it is known: your setting "
                "\"resembling\" says what happens to that. To take it all back, write \"let "
                "through\" and the number.")},
        {PHRASE("It names no sender who could be blocked"), NULL},
        {PHRASE("No longer here, so its sender is not known any more"), NULL},
    };
    return conversation_each_item(talk, command, block, outcomes, BLOCK_OUTCOMES, err);
}

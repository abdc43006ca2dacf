#include "policy/likeness.h"
#include "review/do.h"

enum {
    NOT_ABUSE_ASKED = RELEASE_OUTCOMES,
    NOT_ABUSE_EXCUSED,
    NOT_ABUSE_NO_DISGUISE,
    NOT_ABUSE_OUTCOMES
};

/* Once for each entry, however often it hit in this mail. */
static bool stands_before(const struct found_item *found, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (slice_equals(found->reasons[i].list, found->reasons[index].list) &&
            slice_equals(found->reasons[i].entry, found->reasons[index].entry))
            return true;
    return false;
}

static int count_entries(struct conversation *talk, const struct found_item *found,
                         struct error *err)
{
    for (size_t i = 0; i < found->reason_count; i++) {
        const struct item_reason *reason = &found->reasons[i];
        if (!slice_is(reason->rule, "list") || stands_before(found, i))
            continue;
        if (store_entry_count(talk->store, reason->list, reason->entry, STORE_ENTRY_WRONG, err) !=
            0)
            return -1;
    }
    return 0;
}

/* Said of this sender, not of a text; what she answers is then about the sender too. 0: nothing.
 * A mail that claims an address of ours without proof says nothing of who sent it. */
static size_t guess_about_sender(const struct found_item *found)
{
    size_t guess = 0;
    for (size_t i = 0; i < found->reason_count; i++) {
        const struct item_reason *reason = &found->reasons[i];
        if (slice_is(reason->rule, "resembles"))
            return NOT_ABUSE_EXCUSED;
        if (slice_is(reason->rule, "impersonates") && !slice_is(reason->where, "address"))
            guess = NOT_ABUSE_NO_DISGUISE;
    }
    return guess;
}

/* It only looked like one she blocked, or like one of the household: from now on this sender is
 * nobody else. Also when she had it released before: that stays true. */
static int excuse(struct conversation *talk, const struct found_item *found, struct error *err)
{
    struct slice address;
    if (item_sender(talk, &found->sheet, &address, err) != 0)
        return -1;
    return slice_is_empty(address)
               ? 0
               : likeness_excuse(talk->store, talk->keys, talk->member.row.id, address,
                                 item_proves(address, &found->sheet), talk->now, err);
}

static int not_abuse(struct conversation *talk, const struct conversation_item *item,
                     size_t *outcome_out, struct error *err)
{
    struct found_item found;
    int is_there = find_item(talk->store, talk->keys, item->item.id, talk->arena, &found, err);
    *outcome_out = RELEASE_GONE;
    if (is_there <= 0)
        return is_there;
    size_t guess = guess_about_sender(&found);
    if (release_item(talk, item, outcome_out, err) != 0 ||
        (guess != 0 && excuse(talk, &found, err) != 0))
        return -1;
    if (*outcome_out != RELEASE_ASKED)
        return 0; /* counted when it was released, or never */
    *outcome_out = guess != 0 ? guess : NOT_ABUSE_ASKED;
    if (conversation_log(talk, item->item.id, "not abuse", err) != 0)
        return -1;
    return count_entries(talk, &found, err);
}

int do_not_abuse(struct conversation *talk, const struct command *command, struct error *err)
{
    static const struct outcome outcomes[] = {
        RELEASE_PHRASES,
        {PHRASE("Released, on its way to you, and noted that the list was wrong here"), NULL},
        {PHRASE("Released, on its way to you, and noted that this sender is somebody else"),
         PHRASE("To take that back, write \"block\" and the number.")},
        {PHRASE("Released, on its way to you, and noted that this sender is who they say"),
         PHRASE("To take that back, write \"block\" and the number.")},
    };
    return conversation_each_item(talk, command, not_abuse, outcomes, NOT_ABUSE_OUTCOMES, err);
}
